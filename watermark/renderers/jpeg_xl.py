"""JPEG XL: told apart here, read by ffmpeg (`watermark.outside.jpeg_xl`)."""

from __future__ import annotations

from watermark.declare import About, signature, suffixes
from watermark.outside.ffmpeg import FFMPEG, JPEG_XL
from watermark.rendering import ReadOutside


class JpegXlRenderer(ReadOutside):
    about = About(
        files="JPEG XL, where ffmpeg was built with libjxl, as Debian's is",
        shown="a marked picture",
        cap="46 megapixels",
        media_types=frozenset({JPEG_XL}),
        signatures=(signature(JPEG_XL, {0: b"\xff\x0a"}), signature(JPEG_XL, {0: b"\0\0\0\x0cJXL "})),
        suffixes=suffixes({"jxl": JPEG_XL}),
        needs=(FFMPEG,),
        heavy=True,
        outside=True,
    )


RENDERER = JpegXlRenderer()
