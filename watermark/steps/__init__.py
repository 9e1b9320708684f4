"""Picture operations, one a file."""
