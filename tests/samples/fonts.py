"""A font in each of its packings: the project's own letters as outlines of both kinds, in a collection, and packed for the web."""

from __future__ import annotations

import io
import struct
from functools import cache

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

from tests.samples.drawings import FONTS
from tests.samples.scene import Sample

LETTERS = "".join(chr(code) for code in range(0x20, 0x7F)) + "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽ€"


@cache
def packings() -> list[Sample]:
    """The sheets differ in nothing but the font's name, so each is compared with the TTF's."""
    made = {"ttf": small_ttf(), "otf": otf(), "ttc": collection(), "woff": woff(), "woff2": woff2()}
    types = {"ttc": "collection"}
    return [
        Sample(ending.upper(), f"b.{ending}", content, f"font/{types.get(ending, ending)}")
        for ending, content in made.items()
    ]


@cache
def small_ttf() -> bytes:
    with TTFont(FONTS / "DejaVuSans.ttf", lazy=True) as font:
        options = Options(
            layout_features=[], notdef_outline=True, hinting=False, drop_tables=["FFTM", "GPOS", "GSUB", "GDEF"]
        )
        cutter = Subsetter(options)
        cutter.populate(text=LETTERS)
        cutter.subset(font)
        return _bytes(font)


@cache
def otf() -> bytes:
    """The same letters with cubic outlines (CFF)."""
    with TTFont(io.BytesIO(small_ttf())) as font:
        glyphs = font.getGlyphSet()
        strings = {}
        for name in font.getGlyphOrder():
            seen, pen = DecomposingRecordingPen(glyphs), T2CharStringPen(glyphs[name].width, glyphs)
            glyphs[name].draw(seen)
            seen.replay(pen)
            strings[name] = pen.getCharString()
        built = FontBuilder(font["head"].unitsPerEm, isTTF=False)
        built.setupGlyphOrder(font.getGlyphOrder())
        built.setupCharacterMap(font.getBestCmap())
        built.setupCFF("DejaVuSans", {}, strings, {})
        built.setupHorizontalMetrics({name: font["hmtx"][name] for name in font.getGlyphOrder()})
        built.setupHorizontalHeader(ascent=font["hhea"].ascent, descent=font["hhea"].descent)
        built.setupNameTable({"familyName": "DejaVu Sans", "styleName": "Book"})
        built.setupOS2()
        built.setupPost()
        built.font["head"].created = built.font["head"].modified = 0
        return _bytes(built.font)


def collection() -> bytes:
    whole = TTCollection()
    whole.fonts = [TTFont(io.BytesIO(small_ttf()), recalcTimestamp=False) for _ in range(2)]
    out = io.BytesIO()
    whole.save(out)
    return out.getvalue()


def woff() -> bytes:
    with TTFont(io.BytesIO(small_ttf())) as font:
        font.flavor = "woff"
        return _bytes(font)


def woff2() -> bytes:
    """WOFF 2.0 by hand: each table as it is (the null transform), in a Brotli stream (RFC 7932) that packs nothing."""
    sound = small_ttf()
    (count,) = struct.unpack_from(">H", sound, 4)
    entries, stream = b"", b""
    for number in range(count):
        tag, _, offset, length = struct.unpack_from(">4sIII", sound, 12 + 16 * number)
        plain = 3 if tag in (b"glyf", b"loca") else 0  # for these two, 0 would be their own packing
        entries += bytes([63 | plain << 6]) + tag + _base128(length)
        stream += sound[offset : offset + length]
    packed = _brotli(stream)
    total = 48 + len(entries) + len(packed)
    padded = total + -total % 4
    head = b"wOF2" + sound[:4] + struct.pack(">IHHII", padded, count, 0, len(sound), len(packed))
    return (head + struct.pack(">HHIIIII", 1, 0, 0, 0, 0, 0, 0) + entries + packed).ljust(padded, b"\0")


def _brotli(content: bytes) -> bytes:
    """Blocks marked as not packed, of 64 KiB at most each, behind a window of 16 bits."""
    out = bytearray()
    for number, start in enumerate(range(0, len(content), 1 << 16)):
        block = content[start : start + (1 << 16)]
        # One bit for the window in the first byte; then: not the last, four nibbles of length, length - 1, as it is.
        bits = (len(block) - 1) << 3 | 1 << 19
        out += (bits << 1).to_bytes(3, "little") if number == 0 else bits.to_bytes(3, "little")
        out += block
    return bytes(out) + b"\x03"


def _base128(number: int) -> bytes:
    out = bytes([number & 0x7F])
    while number := number >> 7:
        out = bytes([number & 0x7F | 0x80]) + out
    return out


def _bytes(font: TTFont) -> bytes:
    out = io.BytesIO()
    font.recalcTimestamp = False  # the same bytes in every run
    font.save(out)
    return out.getvalue()
