"""Files that an outside program reads: one module a family, found by its media types. Runs on the service's side.

A module has `MEDIA_TYPES`, `NEEDS`, the programs, and `parts(task)`, which yields what an ingest yields and is asked
only where all of them are there. Nothing here decodes anything: what a program makes is a stranger's too and goes to the sandbox's child as such. Light to import, like `watermark.sandbox`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial

from watermark.declare import Need
from watermark.outside.task import Part, Task

Work = Callable[[Task], Iterator[Part]]


@cache
def workers() -> dict[str, Work]:
    """What reads a file, by media type."""
    found: dict[str, Work] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        loaded = importlib.import_module(module.name)
        for media_type in getattr(loaded, "MEDIA_TYPES", ()):
            found[media_type] = partial(_where_present, loaded.NEEDS, loaded.parts)
    return found


def _where_present(needs: Sequence[Need], work: Work, task: Task) -> Iterator[Part]:
    """What the reader makes of the file, or the card that says that a program is missing."""
    if all(need.present() for need in needs):
        yield from work(task)
    else:
        yield task.card("program_missing")
