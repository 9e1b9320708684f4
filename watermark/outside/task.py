"""One file for an outside program, and what its reader needs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from watermark.answers import read_page
from watermark.child_process import ChildProcess, next_answer
from watermark.errors import BadSource, MarkFailed, RenderStopped
from watermark.limits import Limits
from watermark.recipe import Recipe
from watermark.results import Clip, Header, Page

if TYPE_CHECKING:
    from watermark.sandbox import Sandbox

Part: TypeAlias = Header | Page | Clip


@dataclass(frozen=True)
class Task:
    """`source` is an open descriptor of the file, `key` the asset's, `notes` what is known of it already."""

    sandbox: Sandbox
    source: int
    media_type: str
    notes: tuple[str, ...]
    recipe: Recipe
    key: bytes

    @property
    def limits(self) -> Limits:
        return self.sandbox.limits

    def card(self, reason: str) -> Header:
        return Header("card", self.media_type, 0, reason=reason, notes=self.notes)

    def ask(self, do: str, source: int, **told: Any) -> ChildProcess:
        """A job for the sandbox's child, with the mark's recipe and key, on an open file."""
        return self.sandbox.start(source, {"do": do, "recipe": self.recipe.to_json(), "key": self.key.hex(), **told})

    def page_of(self, picture: bytes, number: int) -> Page:
        """The page that a picture from an outside program becomes. Raises BadSource, MarkFailed, RenderStopped."""
        with held(picture) as source, self.ask("page", source, page=number) as child:
            page = read_page(*next_answer(child, "page"), number, self.recipe)
            next_answer(child, "end")
        return page


def clip_or_none(make: Callable[[], Clip]) -> Iterator[Clip]:
    """The clip, unless it cannot be made or its mark does not hold: then the pictures are shown, and it is said that there is
    no clip. Raises RenderStopped where it is the sandbox that is missing."""
    try:
        yield make()
    except (BadSource, MarkFailed, RenderStopped) as fault:
        if isinstance(fault, RenderStopped) and fault.code == "sandbox_unavailable":
            raise


@contextmanager
def folder() -> Iterator[Path]:
    """A fresh folder for one run of a program, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tillpaid-") as made:
        yield Path(made)


@contextmanager
def held(*contents: bytes) -> Iterator[int]:
    """A descriptor of an unnamed file with these bytes, one after the other."""
    # A file, not memory alone: a program's wall lets only what lies in a file system be opened again.
    with tempfile.NamedTemporaryFile(prefix="tillpaid-") as file:
        file.writelines(contents)
        file.flush()
        opened = os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield opened
    finally:
        os.close(opened)
