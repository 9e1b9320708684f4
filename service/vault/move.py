"""Moving everything from one store to another, compared byte for byte on the way; begun again, it goes on.

What was copied and read back from the target is written down in a file of the data directory, so that a second run
(after a crash, or to fetch what came in since) reads only what is new. The source is left as it was.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from service.vault import repository
from service.vault.copying import Damaged, copy, is_sound
from service.vault.repository import Expected
from service.wiring import Wiring
from storage.blobstore import BlobStore, NotFound, measure


@dataclass
class Moved:
    """``copied`` now, ``known`` from an earlier run; ``faults``: (key, missing | damaged), which are not in the target."""

    copied: int = 0
    copied_bytes: int = 0
    known: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)


def move(
    wiring: Wiring,
    source: BlobStore,
    target: BlobStore,
    *,
    name: str,
    prefix: str = "",
    tell: Callable[[Moved], None] = lambda _moved: None,
) -> Moved:
    """Copies every object that a row refers to and whose key begins with ``prefix``, and reads each back.

    ``name`` tells this move from others. Raises the stores' errors when one of them can't be reached."""
    moved = Moved()
    with _Ledger(wiring.settings.data_dir / "moving", name) as ledger, wiring.db.read() as tx:
        for what in repository.expected(tx):
            if what.key.startswith(prefix):
                _move_one(source, target, what, ledger, moved)
                tell(moved)
    return moved


def _move_one(source: BlobStore, target: BlobStore, what: Expected, ledger: _Ledger, moved: Moved) -> None:
    if f"{what.key} {what.sha256}" in ledger.done:
        moved.known += 1
        return
    try:
        wanted = what if what.sha256 else Expected(what.key, what.kind, measure(source, what.key).sha256, what.size)
        if is_sound(target, wanted):
            target.delete(what.key)  # absent, or another: the copy is only made where nothing is
            moved.copied_bytes += copy(source, target, wanted)
            moved.copied += 1
            if fault := is_sound(target, wanted):
                raise Damaged(f"{what.key}: {fault}")
        else:
            moved.known += 1
    except (NotFound, Damaged) as error:
        moved.faults.append((what.key, "missing" if isinstance(error, NotFound) else "damaged"))
        return
    ledger.add(f"{what.key} {what.sha256}")


class _Ledger:
    """What is in the target and was read back from it: one line each, on the disk before it counts."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / hashlib.sha256(name.encode()).hexdigest()[:24]
        text = path.read_text() if path.exists() else ""
        self.done = set(text[: text.rfind("\n") + 1].splitlines())  # a line cut short by a crash is none
        self._file = path.open("a")
        if text and not text.endswith("\n"):
            self._file.write("\n")

    def add(self, line: str) -> None:
        self.done.add(line)
        self._file.write(f"{line}\n")
        self._file.flush()

    def __enter__(self) -> _Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        os.fsync(self._file.fileno())
        self._file.close()
