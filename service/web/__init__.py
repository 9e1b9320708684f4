"""What every page and API route stands on: the transaction boundary, forms, templates, errors, headers."""
