"""SVG through resvg, which runs no scripts. References to anything outside the file are taken out before it sees them."""

from __future__ import annotations

import io
import re
import zlib
from typing import Final
from xml.etree.ElementTree import Element, ParseError, tostring

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, fromstring
from PIL import Image

from watermark.declare import About, Package, optional, suffixes
from watermark.errors import BadSource
from watermark.limits import MIB, PROOF_SIDE, Limits
from watermark.pipeline import Deadline, Frame
from watermark.rendering import Opened, Source, guarded
from watermark.results import Kind
from watermark.steps.flatten import flatten_alpha
from watermark.steps.resize import fitted

resvg_py = optional("resvg_py")

SVG: Final = "image/svg+xml"
TEXT_BYTES: Final = 32 * MIB
ELEMENTS: Final = 200_000
DEPTH: Final = 200
"""Deeper nesting would use up the stack of a reader that calls itself."""
_NUMBER: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_UNITS: Final = {"px": 1.0, "pt": 96 / 72, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_HREFS: Final = ("href", "{http://www.w3.org/1999/xlink}href")
_PICTURES: Final = ("data:image/png", "data:image/jpeg", "data:image/jpg", "data:image/gif", "data:image/webp")
_DROPPED: Final = frozenset({"script", "foreignObject", "iframe", "object", "embed", "handler", "set"})


class SvgPage:
    """A drawing without references to the outside: one page."""

    kind: Kind = "picture"
    page_count = 1

    def __init__(self, root: Element) -> None:
        words = any(_local(element) == "text" and "".join(element.itertext()).strip() for element in root.iter())
        self.notes: tuple[str, ...] = ("words_left_out",) if words else ()
        self.size: tuple[int, int] | None = sized(root)
        self._text = tostring(root, encoding="unicode")

    def page(self, number: int, deadline: Deadline) -> Frame:  # noqa: ARG002 - there is one
        """Drawn with its long side at the proof's size, on the neutral ground. Raises BadSource (`corrupt`)."""
        deadline.check()
        return guarded(self._draw)

    def _draw(self) -> Frame:
        with Image.open(io.BytesIO(self._png())) as picture:
            if max(picture.size) > PROOF_SIDE:
                raise BadSource(code="corrupt")
            pixels = flatten_alpha(np.asarray(picture.convert("RGBA")))
        return Frame(pixels, full=(pixels.shape[1], pixels.shape[0]))

    def _png(self) -> bytes:
        # Fonts are files, and no file can be opened here: words that are no outlines are left out, and that is noted.
        return bytes(resvg_py.svg_to_bytes(svg_string=self._text, skip_system_fonts=True))


class SvgRenderer:
    about = About(
        files="SVG, SVGZ",
        shown="a marked picture; nothing is fetched, no script runs, text is shown where it is outlines",
        cap="32 MiB, 200,000 elements",
        media_types=frozenset({SVG}),
        suffixes=suffixes({"svg": SVG, "svgz": SVG}),
        needs=(Package("resvg_py", "resvg-py"),),
    )
    containers = frozenset({"application/xml", "text/plain", "application/gzip"})

    def look_inside(self, source: Source) -> str | None:
        head = source.file.read(4096)
        if source.media_type == "application/gzip":
            try:
                head = zlib.decompressobj(31).decompress(head, 4096)
            except zlib.error:
                return None
        return SVG if b"<svg" in head or b":svg" in head else None

    def open(self, source: Source, limits: Limits) -> Opened:  # noqa: ARG002 - the contract's signature
        """Parse and clean. Raises BadSource: `corrupt`, `truncated`, `too_complex`."""
        return guarded(lambda: SvgPage(cleaned(_text(source))))


def sized(root: Element) -> tuple[int, int]:
    """Give the drawing a size in pixels, its long side the proof's, whatever it says of itself. Raises BadSource.

    A side left out, or in percent, is the view box's; without one, 100.
    """
    box = [float(number) for number in re.findall(_NUMBER, root.get("viewBox", ""))]
    seen = (box[2], box[3]) if len(box) == 4 else (100.0, 100.0)
    sides = [_pixels(root.get(name, "")) for name in ("width", "height")]
    width, height = (sides[0], sides[1]) if sides[0] and sides[1] else seen
    if not (width > 0 and height > 0):
        raise BadSource(code="corrupt")
    if len(box) != 4:
        root.set("viewBox", f"0 0 {width} {height}")
    shown = fitted(max(1, round(width * 1e4)), max(1, round(height * 1e4)), PROOF_SIDE)
    root.set("width", str(shown[0]))
    root.set("height", str(shown[1]))
    return shown


def _pixels(length: str) -> float:
    """A length in pixels (CSS, 96 to the inch); 0 for none and for percent."""
    found = re.fullmatch(rf"({_NUMBER})(px|pt|pc|mm|cm|in)?", length.strip())
    return float(found[1]) * _UNITS[found[2] or "px"] if found else 0.0


def cleaned(text: bytes) -> Element:
    """The drawing without scripts and without any reference out of the file. Raises BadSource."""
    try:
        # Illustrator writes entities into a DTD of its own; expat bounds what they may grow to.
        root: Element = fromstring(
            text, DefusedXMLParser(forbid_dtd=False, forbid_entities=False, forbid_external=True)
        )
    except DefusedXmlException as fault:
        raise BadSource(code="corrupt") from fault
    except ParseError as fault:
        raise BadSource(code="truncated" if "no element found" in str(fault) else "corrupt") from fault
    if _local(root) != "svg":
        raise BadSource(code="corrupt")
    left = ELEMENTS
    below = [(root, 1)]
    while below:
        element, depth = below.pop()
        left -= 1
        if left < 0 or depth > DEPTH:
            raise BadSource(code="too_complex")
        for child in [child for child in element if _local(child) in _DROPPED]:
            element.remove(child)
        _clean(element)
        below += [(child, depth + 1) for child in element]
    return root


def _clean(element: Element) -> None:
    for name, value in list(element.attrib.items()):
        wanted = value.strip().lower()
        leads_out = name in _HREFS and not wanted.startswith(("#", *_PICTURES))
        if leads_out or _local_name(name).lower().startswith("on") or _points_outside(wanted):
            del element.attrib[name]
    if (
        _local(element) == "style"
        and element.text
        and ("@import" in element.text or _points_outside(element.text.lower()))
    ):
        element.text = ""


def _points_outside(value: str) -> bool:
    """A `url(...)` that is no fragment of this file."""
    return any(not piece.lstrip(" \t\r\n\"'").startswith("#") for piece in value.split("url(")[1:])


def _local(element: Element) -> str:
    return _local_name(element.tag) if isinstance(element.tag, str) else ""


def _local_name(name: str) -> str:
    return name.rpartition("}")[2]


def _text(source: Source) -> bytes:
    data = source.file.read(TEXT_BYTES + 1)
    if data.startswith(b"\x1f\x8b"):
        unpack = zlib.decompressobj(31)
        data = unpack.decompress(data, TEXT_BYTES + 1)
        if not unpack.eof and len(data) <= TEXT_BYTES:
            raise BadSource(code="truncated")
    if len(data) > TEXT_BYTES:
        raise BadSource(code="too_complex")
    return data


RENDERER = SvgRenderer()
