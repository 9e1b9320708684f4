"""Text to glyphs in the order they are seen: bidirectional runs (UAX #9), then HarfBuzz for each run's letters."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import uharfbuzz as hb
from bidi import algorithm as bidi

from watermark.errors import RecipeError
from watermark.visible.fonts import Face, face_for

JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")


@dataclass(frozen=True)
class Glyph:
    """One glyph of a face, with its left end and baseline offset in ems."""

    face: Face
    index: int
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """A shaped line: its glyphs from left to right, its width in ems, and whether it reads from the right."""

    glyphs: tuple[Glyph, ...]
    width: float
    from_right: bool


@dataclass(frozen=True)
class _Letter:
    text: str
    level: int
    face: Face


@lru_cache(maxsize=64)
def shape(text: str) -> Line:
    """Shape one line. Pictures (emoji) that no face has are left out; a letter that none has is a RecipeError."""
    text = unicodedata.normalize("NFC", text)
    base_level, letters = _levels(_drawable(text))
    runs = [list(run) for _, run in groupby(letters, key=lambda letter: (letter.level, letter.face.name))]
    glyphs: list[Glyph] = []
    pen = 0.0
    for run in _visual_order(runs):
        pen = _shape_run(run, glyphs, pen)
    if not glyphs or pen <= 0:
        raise RecipeError("The mark's text has nothing that can be drawn.")
    return Line(tuple(glyphs), pen, base_level % 2 == 1)


def _drawable(text: str) -> str:
    kept, missing = [], []
    for letter in text:
        if letter in JOINERS or letter.isspace() or face_for(letter):
            kept.append(" " if letter.isspace() else letter)
        elif not _is_picture(letter) and unicodedata.category(letter) != "Cf":
            missing.append(letter)
    if missing:
        names = " ".join(dict.fromkeys(missing))
        raise RecipeError(f"No installed font can draw these letters of the mark's text: {names[:40]}")
    drawn = "".join(kept).strip()
    if not any(not letter.isspace() and letter not in JOINERS for letter in drawn):
        raise RecipeError("The mark's text has nothing that can be drawn.")
    return drawn


def _is_picture(letter: str) -> bool:
    return unicodedata.category(letter) in {"So", "Sk", "Cn", "Co", "Me"} or 0x1F000 <= ord(letter) <= 0x1FAFF


def _levels(text: str) -> tuple[int, list[_Letter]]:
    storage = bidi.get_empty_storage()
    storage["base_level"] = bidi.get_base_level(text)
    storage["base_dir"] = ("L", "R")[storage["base_level"]]
    bidi.get_embedding_levels(text, storage)
    for rule in (
        bidi.explicit_embed_and_overrides,
        bidi.resolve_weak_types,
        bidi.resolve_neutral_types,
        bidi.resolve_implicit_levels,
    ):
        rule(storage, False)
    letters: list[_Letter] = []
    for entry in storage["chars"]:
        # A joiner or an accent belongs to the face of the letter before it, or the cluster would fall apart.
        follows = letters and (entry["ch"] in JOINERS or unicodedata.combining(entry["ch"]))
        face = letters[-1].face if follows else face_for(entry["ch"]) or face_for(" ")
        if face is not None:
            letters.append(_Letter(entry["ch"], entry["level"], face))
    return storage["base_level"], letters


def _visual_order(runs: list[list[_Letter]]) -> list[list[_Letter]]:
    """Rule L2 of UAX #9 on whole runs: from the highest level down, reverse every stretch at or above it."""
    ordered = list(runs)
    top = max((run[0].level for run in runs), default=0)
    for level in range(top, 0, -1):
        start = 0
        while start < len(ordered):
            end = start
            while end < len(ordered) and ordered[end][0].level >= level:
                end += 1
            ordered[start:end] = reversed(ordered[start:end])
            start = max(end, start + 1)
    return ordered


def _shape_run(run: list[_Letter], glyphs: list[Glyph], pen: float) -> float:
    face = run[0].face
    buffer: Any = hb.Buffer()
    buffer.add_str("".join(letter.text for letter in run))
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if run[0].level % 2 else "ltr"
    hb.shape(face.font, buffer)
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        em = face.units_per_em
        if info.codepoint:
            glyphs.append(Glyph(face, info.codepoint, pen + place.x_offset / em, place.y_offset / em))
        pen += place.x_advance / em
    return pen
