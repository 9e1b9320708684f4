"""Fonts: which face draws which letter. The shipped ones first, then those of the system.

A confined process can't open files: call `preload()` before confining it, and every face found stays mapped.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import uharfbuzz as hb

from watermark.errors import MarkFailed

SHIPPED = Path(__file__).parent.parent / "fonts"
SHIPPED_ORDER = ("DejaVuSans-Bold.ttf", "DejaVuSans.ttf")
MOST_FACES = 400
"""More system faces than this are not looked at: a machine with a print shop's fonts should still start quickly."""


class Face:
    """One font file, mapped into memory, its coverage read on first need."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._face = hb.Face(hb.Blob.from_file_path(str(path)))
        self.font: Any = hb.Font(self._face)
        self.units_per_em = float(self._face.upem)
        self._letters: frozenset[int] | None = None

    @property
    def letters(self) -> frozenset[int]:
        """Code points it has glyphs for. Empty for a font of coloured pictures, which has no outlines to draw."""
        if self._letters is None:
            pictures = self._face.has_color_png or self._face.has_color_svg
            self._letters = frozenset() if pictures else frozenset(self._face.unicodes)
        return self._letters


def preload() -> None:
    """Map every face and shape one word, so that a confined process needs no file."""
    for face in faces():
        _ = face.letters


def face_for(letter: str) -> Face | None:
    """The first face that has the letter, or None."""
    return _face_for(ord(letter))


@cache
def _face_for(point: int) -> Face | None:
    return next((face for face in _shipped() if point in face.letters), None) or next(
        (face for face in _system() if point in face.letters), None
    )


def faces() -> tuple[Face, ...]:
    return _shipped() + _system()


@cache
def _shipped() -> tuple[Face, ...]:
    found = tuple(Face(SHIPPED / name) for name in SHIPPED_ORDER if (SHIPPED / name).is_file())
    if found:
        return found
    system = [path for path in _system_paths() if path.name in SHIPPED_ORDER]
    if not system:
        raise MarkFailed("No font is installed to draw the mark with: run the set-up again.")
    return tuple(Face(path) for path in sorted(system, key=lambda path: SHIPPED_ORDER.index(path.name)))


@cache
def _system() -> tuple[Face, ...]:
    # Bold before regular: the letters carry line work inside and need the room.
    paths = sorted(_system_paths(), key=lambda path: ("bold" not in path.name.lower(), path.name, str(path)))
    return tuple(Face(path) for path in paths[:MOST_FACES])


def _system_paths() -> list[Path]:
    home = Path(os.environ.get("HOME", "/nonexistent"))
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".fonts", home / ".local/share/fonts"]
    folders.append(Path("/System/Library/Fonts"))
    kinds = {".ttf", ".otf", ".ttc"}
    return [p for folder in folders if folder.is_dir() for p in folder.rglob("*") if p.suffix.lower() in kinds]
