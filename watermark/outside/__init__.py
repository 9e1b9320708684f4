"""Files that an outside program reads: one module a family, found by its media types. Runs on the service's side.

A module has `MEDIA_TYPES` and `parts(task)`, which yields what an ingest yields. Nothing here decodes anything: what a
program makes is a stranger's too and goes to the sandbox's child as such. Light to import, like `watermark.sandbox`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache

from watermark.outside.task import Part, Task

Work = Callable[[Task], Iterator[Part]]


@cache
def workers() -> dict[str, Work]:
    """What reads a file, by media type."""
    found: dict[str, Work] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        loaded = importlib.import_module(module.name)
        for media_type in getattr(loaded, "MEDIA_TYPES", ()):
            found[media_type] = loaded.parts
    return found
