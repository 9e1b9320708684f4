"""What comes out of an ingest: one header, then the pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["picture", "document", "film", "sound", "card"]
ProofType = Literal["image/jpeg", "image/png"]
Trace = Literal["carried", "too_small", "unreadable"]
"""Whether a served picture names its link: it was read back; it has too few pixels; or it has them and still did not read."""


NOTES: Final[dict[str, str]] = {
    "name_mismatch": "The file is of another kind than its name says.",
    "animated": "The preview shows the first picture of an animation, and a few later ones in a row.",
    "pages_left_out": "The document is longer than the preview.",
    "profile_unusable": "The picture's colour profile could not be used.",
    "cmyk_without_profile": "The picture is CMYK without a profile: its colours in the preview are approximate.",
    "words_left_out": "Words in the drawing that are not outlines are left out of the preview.",
    "tones_scaled": "The picture's tones were scaled to be shown.",
    "clip_shortened": "The clip is the beginning only.",
    "no_clip": "No marked clip could be made, so only pictures are shown.",
}


@dataclass(frozen=True)
class Wanted:
    """What of a file is wanted now: pages `first` to `last` (0: as many as the limit lets), and whether a heavy file may
    be begun. The header comes with page 1 only."""

    first: int = 1
    last: int = 0
    heavy: bool = True


ALL: Final = Wanted()


@dataclass(frozen=True)
class Header:
    """What the file is. Comes before any page, and only once its first page could be decoded.

    `media_type` is told from the content. `width` and `height` are the original's pixels as shown (after EXIF
    rotation), None for documents and cards. `reason` is an error code, for cards only; a card has no pages to follow.
    `notes` are codes worth telling the studio: see `NOTES`.
    """

    kind: Kind
    media_type: str
    page_count: int
    width: int | None = None
    height: int | None = None
    reason: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """One page: the clean proof, private, and the marked renditions.

    `number` counts from 1. `width` and `height` are the proof's pixels. `renditions` maps 2048, 960 and 480 to a JPEG
    whose long side is at most that; 2048 is the marked master. `digest` is the recipe's. `reason` is an error code if
    this page of a longer document could not be decoded and a grey sheet stands in for it, else None. `blur` is a ThumbHash
    of the smallest rendition.
    """

    number: int
    width: int
    height: int
    proof: bytes
    proof_type: ProofType
    renditions: dict[int, bytes]
    digest: str
    reason: str | None = None
    blur: str = ""


@dataclass(frozen=True)
class Renditions:
    """The marked pictures of a page, by size, and the ThumbHash of the smallest."""

    pictures: dict[int, bytes]
    blur: str


@dataclass(frozen=True)
class Clip:
    """A film's or a sound's beginning, sized down: an MP4 with nothing in it but H.264 and AAC.

    `clean` is the proof, private: for a sound raw samples (`watermark.audible.RATE`). `marked` has the visible mark in
    every picture and the audible one in its sound. `width` and `height` are 0 for a sound. `digest` is the recipe's.
    """

    kind: Kind
    seconds: float
    width: int
    height: int
    clean: bytes
    marked: bytes
    digest: str


@dataclass(frozen=True)
class Outside:
    """The file is for an outside program, which the sandbox's child may not start: told in the place of a header."""

    media_type: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Imprint:
    """A picture to serve through one link, a bare JPEG. Unless `trace` is `carried` it has the visible mark alone."""

    picture: bytes
    trace: Trace


@dataclass(frozen=True)
class Reading:
    """A link's id (48 bits) read from a found picture, on which page (from 1), by which of the keys that were given, and
    how far the reading stands above chance (0 to 1)."""

    payload: int
    confidence: float
    page: int = 1
    key: int = 0


@dataclass(frozen=True)
class Readings:
    """All that was read from a found file. `complete` is False when time ran out before everything had been tried."""

    found: tuple[Reading, ...]
    complete: bool
    media_type: str
    page_count: int
