"""Keeping bytes under keys: one small contract, one file for each kind of store.

Knows no HTTP, no SQL and nothing of the service. Start at :mod:`storage.blobstore`.
"""
