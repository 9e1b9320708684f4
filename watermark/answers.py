"""Read the child's answers as a stranger's: every field checked, every picture looked at again."""

from __future__ import annotations

import re
from typing import Any, get_args

from watermark.errors import PUBLIC_TEXTS, RenderStopped, WatermarkError, from_code
from watermark.layout import bare_jpeg_size, bare_png_size
from watermark.limits import PROOF_SIDE, SIZES
from watermark.recipe import Recipe
from watermark.results import NOTES, Header, Imprint, Kind, Outside, Page, Reading, Readings, Renditions, Trace

MAX_PAGES = 10_000_000
MAX_READINGS = 64
_BLUR = re.compile(r"[A-Za-z0-9+/]{8,40}={0,2}")


def read_error(told: dict[str, Any]) -> WatermarkError:
    """The error that the child named. Its words are kept for a recipe alone, where they name the fault."""
    code = told.get("code")
    if not isinstance(code, str) or code not in PUBLIC_TEXTS:
        return RenderStopped(code="bad_answer")
    fault = from_code(code)
    public = told.get("public")
    if code == "bad_recipe" and isinstance(public, str) and len(public) <= 300:
        fault.public = public
    return fault


def read_header(told: dict[str, Any], blobs: list[bytes]) -> Header:
    """Raises RenderStopped (`bad_answer`)."""
    kind: Kind | None = next((k for k in get_args(Kind) if k == told.get("kind")), None)
    media_type, reason, notes = told.get("media_type"), told.get("reason"), told.get("notes")
    if kind is None or not isinstance(media_type, str) or not isinstance(notes, list):
        raise RenderStopped(code="bad_answer")
    _require(not blobs and media_type.isascii() and len(media_type) < 100)
    _require(_code(reason) if kind == "card" else reason is None)
    _require(len(notes) <= 10 and all(isinstance(note, str) and note in NOTES for note in notes))
    width, height, pages = told.get("width"), told.get("height"), told.get("page_count")
    _require((width is None and height is None) or (_count(width, 1 << 31) and _count(height, 1 << 31)))
    _require(pages == 0 if kind == "card" else _count(pages, MAX_PAGES))
    return Header(kind, media_type, told["page_count"], width, height, reason, tuple(notes))


def read_outside(told: dict[str, Any], blobs: list[bytes]) -> Outside:
    """Raises RenderStopped (`bad_answer`)."""
    media_type, notes = told.get("media_type"), told.get("notes")
    if not isinstance(media_type, str) or not isinstance(notes, list):
        raise RenderStopped(code="bad_answer")
    _require(not blobs and media_type.isascii() and len(media_type) < 100)
    _require(len(notes) <= 10 and all(isinstance(note, str) and note in NOTES for note in notes))
    return Outside(media_type, tuple(notes))


def read_marked(told: dict[str, Any], blobs: list[bytes]) -> None:
    """The child has found the mark where it must be. Raises RenderStopped (`bad_answer`)."""
    _require(not blobs and told.get("holds") is True)


def read_heard(told: dict[str, Any], blobs: list[bytes], length: int) -> bytes:  # noqa: ARG001 - an answer's form
    """Samples as long as those sent. Raises RenderStopped (`bad_answer`)."""
    _require(len(blobs) == 1 and len(blobs[0]) == length)
    return blobs[0]


def read_page(told: dict[str, Any], blobs: list[bytes], expected: int, recipe: Recipe) -> Page:
    """`expected` is the number that must come next. Raises RenderStopped (`bad_answer`)."""
    number, width, height, reason = (told.get(name) for name in ("number", "width", "height", "reason"))
    _require(number == expected and _count(width, PROOF_SIDE) and _count(height, PROOF_SIDE))
    _require(len(blobs) == 1 + len(SIZES) and (reason is None or _code(reason)))
    proof_type = told.get("proof_type")
    size = bare_jpeg_size(blobs[0]) if proof_type == "image/jpeg" else bare_png_size(blobs[0])
    _require(proof_type in ("image/jpeg", "image/png") and size == (width, height))
    made = read_renditions(told, blobs[1:])
    _require(bare_jpeg_size(made.pictures[PROOF_SIDE]) == size)
    pictures, digest = made.pictures, recipe.digest()
    return Page(expected, size[0], size[1], blobs[0], told["proof_type"], pictures, digest, reason, made.blur)


def read_renditions(told: dict[str, Any], blobs: list[bytes]) -> Renditions:
    """Each a bare JPEG and no larger than its size; the blur is a few characters of Base64. Raises RenderStopped (`bad_answer`)."""
    _require(told.get("sizes") == list(SIZES) and len(blobs) == len(SIZES))
    for size, rendition in zip(SIZES, blobs, strict=True):
        _require(max(bare_jpeg_size(rendition)) <= size)
    blur = told.get("blur")
    if not isinstance(blur, str) or not _BLUR.fullmatch(blur):
        raise RenderStopped(code="bad_answer")
    return Renditions(dict(zip(SIZES, blobs, strict=True)), blur)


def read_imprint(told: dict[str, Any], blobs: list[bytes], marked: bytes) -> Imprint:
    """The answer for the picture `marked`, of its size. Raises RenderStopped (`bad_answer`)."""
    trace: Trace | None = next((t for t in get_args(Trace) if t == told.get("trace")), None)
    if trace is None or len(blobs) != (trace == "carried"):
        raise RenderStopped(code="bad_answer")
    if trace != "carried":
        return Imprint(marked, trace)
    _require(bare_jpeg_size(blobs[0]) == bare_jpeg_size(marked))
    return Imprint(blobs[0], trace)


def read_readings(told: dict[str, Any], blobs: list[bytes], keys: int) -> Readings:
    """Raises RenderStopped (`bad_answer`)."""
    found, media_type, pages = told.get("found"), told.get("media_type"), told.get("page_count")
    if not isinstance(found, list) or not isinstance(media_type, str):
        raise RenderStopped(code="bad_answer")
    _require(not blobs and len(found) <= MAX_READINGS and media_type.isascii() and len(media_type) < 100)
    _require(type(told.get("complete")) is bool and _count(pages, MAX_PAGES))
    readings = tuple(_reading(one, keys) for one in found)
    return Readings(readings, told["complete"], media_type, told["page_count"])


def _reading(told: object, keys: int) -> Reading:
    match told:
        case {"payload": int() as payload, "confidence": float() as sure, "page": int() as page, "key": int() as key}:
            _require(0 <= payload < 1 << 48 and 0.0 <= sure <= 1.0 and 1 <= page <= MAX_PAGES and 0 <= key < keys)
            return Reading(payload, sure, page, key)
    raise RenderStopped(code="bad_answer")


def _code(value: object) -> bool:
    return isinstance(value, str) and value in PUBLIC_TEXTS


def _count(value: object, most: int) -> bool:
    return type(value) is int and 1 <= value <= most


def _require(holds: object) -> None:
    if not holds:
        raise RenderStopped(code="bad_answer")
