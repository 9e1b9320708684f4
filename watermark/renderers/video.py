"""Films: told apart here, read by ffmpeg (`watermark.outside.films`)."""

from __future__ import annotations

from typing import Final

from watermark.declare import About, signature, suffixes
from watermark.outside.ffmpeg import FFMPEG, FILMS
from watermark.rendering import ReadOutside, Source

MP4, MOV, MKV, WEBM = "video/mp4", "video/quicktime", "video/x-matroska", "video/webm"
_MXF: Final = b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01"
_SOUND_TOO: Final = f"{MP4} audio/mp4"


class VideoRenderer(ReadOutside):
    about = About(
        files="films: MP4, MOV, MKV, WebM, AVI, MPEG, MTS, WMV, FLV, MXF, Ogg",
        shown="marked pictures from five places, and the first minute as a marked film of at most 720 pixels, its sound marked too",
        cap="8,192 pixels a side; ten minutes of work",
        media_types=FILMS,
        signatures=(
            signature(MP4, {4: b"ftyp"}),
            signature(MOV, {4: b"ftypqt  "}),
            *(signature(MOV, {4: name}) for name in (b"moov", b"mdat", b"wide")),
            *(signature("video/3gpp", {4: b"ftyp" + brand}) for brand in (b"3gp", b"3g2")),
            signature(MKV, {0: b"\x1a\x45\xdf\xa3"}),
            signature("video/x-msvideo", {0: b"RIFF", 8: b"AVI "}),
            signature("video/mp2t", {188 * n: b"G" for n in range(6)}),
            signature("video/mp2t", {4 + 192 * n: b"G" for n in range(6)}),
            *(signature("video/mpeg", {0: b"\0\0\1" + kind}) for kind in (b"\xba", b"\xb3")),
            signature("video/x-flv", {0: b"FLV\1"}),
            signature("video/x-ms-asf", {0: b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"}),
            signature("application/mxf", {0: _MXF}),
        ),
        suffixes=suffixes(
            {
                **dict.fromkeys(("mp4", "m4v"), _SOUND_TOO),
                **dict.fromkeys(("mov", "qt"), f"{MOV} {MP4}"),
                **dict.fromkeys(("mts", "m2ts", "ts"), "video/mp2t"),
                **dict.fromkeys(("mpg", "mpeg"), "video/mpeg"),
                **dict.fromkeys(("wmv", "asf"), "video/x-ms-asf"),
                **dict.fromkeys(("3gp", "3g2"), f"video/3gpp {MP4}"),
                "mkv": f"{MKV} {WEBM}",
                "webm": WEBM,
                "avi": "video/x-msvideo",
                "flv": "video/x-flv",
                "ogv": "video/ogg",
                "mxf": "application/mxf",
            }
        ),
        needs=(FFMPEG,),
        heavy=True,
        outside=True,
    )
    containers = frozenset({MKV, "audio/ogg"})

    def look_inside(self, source: Source) -> str | None:
        """WebM is Matroska that says so; an Ogg file may hold a film."""
        head = source.file.read(4096)
        if source.media_type == MKV:
            return WEBM if b"webm" in head[:64] else None
        return "video/ogg" if b"\x80theora" in head else None


RENDERER = VideoRenderer()
