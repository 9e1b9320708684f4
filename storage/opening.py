"""From an address to a store: the scheme of a URL names a file in ``backends/``.

A new kind of store is one new file there, with ``open_backend(url)``.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import cast

from storage import backends
from storage.blobstore import BadAddress, BlobStore


def schemes() -> list[str]:
    """The schemes there is a backend for."""
    return sorted(module.name for module in pkgutil.iter_modules(backends.__path__))


def open_store(url: str) -> BlobStore:
    """The store at ``url``. Raises BadAddress for an address that names none; opening may create a folder.

    Of an address with an unknown scheme only that is repeated: the rest may hold a password.
    """
    scheme, colon, _ = url.partition(":")
    known = schemes()
    if not colon or "/" in scheme:
        raise BadAddress(f"the storage address {url!r} has no scheme; for a folder write file:///path/to/folder")
    if scheme not in known:
        raise BadAddress(f"unknown storage scheme {scheme!r}; there is {', '.join(s + ':' for s in known)}")
    return cast(BlobStore, import_module(f"storage.backends.{scheme}").open_backend(url))
