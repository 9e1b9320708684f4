"""The power to take an object in pieces, over many requests and from many processes, and to survive their death.

A *partial* is an object on its way in. What is known of it is a :class:`Progress`, which the caller keeps in its own
database. The order that loses nothing::

    progress = store.begin_partial(name, size)      keep it
    with store.resume(progress) as writer:          truncates to progress.offset: what was never kept is forgotten
        writer.write(piece) ...
        progress = writer.flush()                   the bytes are durable now; keep the progress last
    reader = store.open_partial(progress)           once complete: to hash it, if that was not done on the way
    store.keep_partial(progress, key)               durable and visible under its key; the partial stays
    store.drop_partial(progress.name)               after the caller has written down that it is kept

A crash between any two steps is harmless: go on from the progress that was kept last. A store must therefore be able
to resume from the last progress the caller kept, also when later flushes succeeded and were forgotten, and every
step of the end (open, keep, drop) may be done again.

One at a time: the caller holds a lease for each partial. A store that can tell raises ``Busy`` for a second writer; one
that cannot must see at the end that a piece is not the one it gave out a progress for, and raise ``Torn``.

Pieces may have any size, also where the store's own parts have a minimum (S3: 5 MiB, the last one excepted). Such a
store keeps a short remainder beside the parts, under a name made from its offset, takes it into the next part, and
leaves it there until the partial is dropped: the progress that names it may be the one that the caller has kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from storage.blobstore import Reader, Stat

MAX_STATE = 4000


@dataclass(frozen=True)
class Progress:
    """How far a partial has come. Keep all of it, and only what ``begin_partial`` and ``flush`` gave out.

    ``offset`` bytes of ``size`` are durable. ``state`` is the store's own note about them, at most 4,000 characters.
    """

    name: str
    size: int
    offset: int = 0
    state: str = ""

    @property
    def complete(self) -> bool:
        return self.offset == self.size


class PartialWriter(Protocol):
    """Adds bytes to a partial. Belongs to one thread at a time. Use it in a ``with`` block."""

    @property
    def step(self) -> int:
        """Bytes after which a flush costs least: flush about so often. The writer may hold that much in memory."""
        ...

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        """Takes all of ``data``. Raises NoSpace or Unavailable, and ValueError beyond the partial's size; after any
        error what was not flushed is forgotten and the writer closed."""
        ...

    def flush(self) -> Progress:
        """Makes durable what was written; how far it has come. Raises as ``write`` does."""
        ...

    def close(self) -> None:
        """Lets go of the partial. What was not flushed is forgotten. Harmless when done twice."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


@runtime_checkable
class Resumes(Protocol):
    """Power: objects may arrive in pieces. :mod:`storage.resuming_conformance` is this contract as a program."""

    def begin_partial(self, name: str, size: int) -> Progress:
        """A new, empty partial of ``size`` bytes (at least 1), seen by nobody. ``name`` is one segment of a key, and
        new: the caller makes it from an unguessable id."""
        ...

    def resume(self, progress: Progress) -> PartialWriter:
        """Goes on at ``progress.offset``. Raises NotFound, Busy, and Torn when the partial holds less than that or has
        been kept. ValueError when it is complete."""
        ...

    def open_partial(self, progress: Progress, start: int = 0, stop: int | None = None) -> Reader:
        """Reads a complete partial back, as ``open`` does. No more bytes are taken from here on. Raises NotFound, and
        Torn; ValueError when it is not complete."""
        ...

    def keep_partial(self, progress: Progress, key: str) -> None:
        """Makes a complete partial visible under ``key``, durable, in one step. Raises AlreadyExists (the older object
        was left as it was, and is durable), NotFound, Torn; ValueError when it is not complete."""
        ...

    def drop_partial(self, name: str) -> None:
        """Forgets the partial and what lies beside it, never an object it became. Nothing happens if there is none."""
        ...

    def partials(self) -> Iterator[Stat]:
        """Every partial by its name (``key``), in no order. ``size`` is what it takes up, about."""
        ...
