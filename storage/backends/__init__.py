"""One file for each kind of store, named by its URL scheme; found by :mod:`storage.opening`."""
