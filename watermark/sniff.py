"""Tell what a file is from its first bytes; the name is only compared, never believed."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

HEAD_BYTES: Final = 1100
"""How much of the file's start `media_type` wants to see."""

UNKNOWN: Final = "application/octet-stream"

_MAGIC: Final[tuple[tuple[int, bytes, str], ...]] = (
    # More telling first: a Canon raw file is a TIFF too.
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"CR\x02", "image/x-canon-cr2"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"II+\0", "image/tiff"),
    (0, b"MM\0+", "image/tiff"),
    (0, b"FUJIFILM", "image/x-fuji-raf"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"\xff\x0a", "image/jxl"),
    (0, b"\0\0\0\x0cJXL ", "image/jxl"),
    (0, b"\0\0\0\x0cjP  ", "image/jp2"),
    (0, b"BM", "image/bmp"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"%!PS", "application/postscript"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"\x1aE\xdf\xa3", "video/x-matroska"),
    (0, b"\0\x01\0\0\0", "font/ttf"),
    (0, b"OTTO", "font/otf"),
    (0, b"wOFF", "font/woff"),
    (0, b"wOF2", "font/woff2"),
)

_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}

_BRANDS: Final = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"crx ": "image/x-canon-cr3",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
}

_BY_SUFFIX: Final[dict[str, frozenset[str]]] = {
    suffix: frozenset(types.split())
    for suffix, types in {
        "jpg": "image/jpeg",
        "jpeg": "image/jpeg",
        "jpe": "image/jpeg",
        "jfif": "image/jpeg",
        "png": "image/png",
        "gif": "image/gif",
        "tif": "image/tiff",
        "tiff": "image/tiff",
        "webp": "image/webp",
        "pdf": "application/pdf",
        "ai": "application/pdf application/postscript",
        "psd": "image/vnd.adobe.photoshop",
        "heic": "image/heic image/heif",
        "avif": "image/avif",
        "svg": "image/svg+xml",
        "zip": "application/zip",
        "txt": "text/plain",
        "mp4": "video/mp4",
        "mov": "video/quicktime video/mp4",
    }.items()
}

_RAW_SUFFIXES: Final = frozenset(
    {"dng", "nef", "nrw", "arw", "sr2", "cr2", "pef", "srw", "rw2", "orf", "3fr", "iiq", "erf", "kdc"}
)


def media_type(head: bytes, filename: str = "") -> str:
    """The media type of a file whose first `HEAD_BYTES` are `head`.

    Camera raw files are TIFFs inside; for those alone the name decides, towards the type that isn't rendered.
    """
    found = _from_bytes(head)
    if found == "image/tiff" and _suffix(filename) in _RAW_SUFFIXES:
        return "image/x-raw"
    return found


def name_disagrees(found: str, filename: str) -> bool:
    """True if the name's suffix is one we know and stands for something else than `found`."""
    expected = _BY_SUFFIX.get(_suffix(filename))
    return expected is not None and found not in expected


def _suffix(filename: str) -> str:
    return PurePosixPath(filename.replace("\\", "/").replace("\0", "")).suffix.lower().lstrip(".")


def _from_bytes(head: bytes) -> str:
    for offset, magic, found in _MAGIC:
        if head.startswith(magic, offset):
            return found
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    # Readers accept a PDF whose header stands anywhere in the first kilobyte (ISO 32000-1, annex H.3.4.1).
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    return _from_text(head)


def _from_text(head: bytes) -> str:
    if not head or b"\0" in head:
        return UNKNOWN
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if b"<svg" in start:
        return "image/svg+xml"
    if start.startswith((b"<!doctype html", b"<html")):
        return "text/html"
    if start.startswith(b"<?xml"):
        return "application/xml"
    try:
        head[: HEAD_BYTES - 4].decode()
    except UnicodeDecodeError:
        return UNKNOWN
    return "text/plain"
