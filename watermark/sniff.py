"""Tell what a file is from its content; the name is only compared, never believed.

Which bytes stand for which type is declared by the renderers. Here is what has none, and how to look.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable
from functools import cache, partial
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from watermark.declare import Signature, signature
from watermark.errors import BadSource
from watermark.rendering import LooksInside, Source, every_renderer, guarded

HEAD_BYTES: Final = 4096
"""How much of the file's start `media_type` wants to see."""

PDF_WITHIN: Final = 1024
"""Readers accept a PDF whose header stands anywhere in the first kilobyte (ISO 32000-1, annex H.3.4.1)."""

UNKNOWN: Final = "application/octet-stream"
PDF: Final = "application/pdf"

_OTHERS: Final = (
    signature("application/x-7z-compressed", {0: b"7z\xbc\xaf\x27\x1c"}),
    signature("application/vnd.rar", {0: b"Rar!\x1a\x07"}),
    signature("application/gzip", {0: b"\x1f\x8b"}),
    signature("application/x-ole-storage", {0: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}),
    signature("application/postscript", {0: b"%!PS"}),
    signature("application/zip", {0: b"PK\x03\x04"}),
    signature("application/zip", {0: b"PK\x05\x06"}),
)
_OTHER_NAMES: Final = {"txt": frozenset({"text/plain"}), "html": frozenset({"text/html"})}


def source_of(file: BinaryIO) -> Source:
    """An open file with its type, told from its content."""
    size = os.fstat(file.fileno()).st_size
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    found = look_inside(Source(file, size, media_type(head))) if head else UNKNOWN
    return Source(file, size, found)


def media_type(head: bytes) -> str:
    """The media type of a file whose first `HEAD_BYTES` are `head`; of a container, the container's."""
    for known in _signatures():
        if known.fits(head):
            return known.media_type
    if b"%PDF-" in head[:PDF_WITHIN]:
        return PDF
    return _from_text(head)


def look_inside(source: Source) -> str:
    """The type of what a container holds (a camera's raw in a TIFF, a document in a ZIP), or the container's."""
    for module in _lookers():
        if source.media_type in module.containers:
            source.file.seek(0)
            try:
                found = guarded(partial(module.look_inside, source))
            except BadSource:  # too damaged to tell: whoever shows the container says what is wrong with it
                found = None
            source.file.seek(0)
            if found is not None:
                return found
    return source.media_type


def name_disagrees(found: str, filename: str) -> bool:
    """True if the name's suffix is one we know and stands for something else than `found`."""
    expected = _names().get(_suffix(filename))
    return expected is not None and found not in expected


def _suffix(filename: str) -> str:
    return PurePosixPath(filename.replace("\\", "/").replace("\0", "")).suffix.lower().lstrip(".")


@cache
def _signatures() -> list[Signature]:
    """The more telling ones first: a Canon raw file is a TIFF too, and any MP4 begins as a HEIC does."""
    declared: Iterable[Signature] = itertools.chain(
        _OTHERS, *(renderer.about.signatures for renderer in every_renderer())
    )
    return sorted(declared, key=lambda known: known.weight, reverse=True)


@cache
def _names() -> dict[str, frozenset[str]]:
    names = dict(_OTHER_NAMES)
    for renderer in every_renderer():
        for suffix, types in renderer.about.suffixes.items():
            names[suffix] = names.get(suffix, frozenset()) | types
    return names


@cache
def _lookers() -> list[LooksInside]:
    return [renderer for renderer in every_renderer() if isinstance(renderer, LooksInside)]


def _from_text(head: bytes) -> str:
    if not head or b"\0" in head:
        return UNKNOWN
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "text/html"
    try:
        head[: HEAD_BYTES - 4].decode()
    except UnicodeDecodeError:
        return UNKNOWN
    return "application/xml" if start.startswith(b"<") else "text/plain"
