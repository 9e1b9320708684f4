"""JPEG XL: ffmpeg draws the picture at the proof's size, where it was built with libjxl, as Debian's is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watermark.confined_program import take_file
from watermark.errors import BadSource
from watermark.limits import MIB, PROOF_SIDE
from watermark.outside.ffmpeg import JPEG_XL, PROGRAMS, TONES_MAPPED, Film, convert_original, probe
from watermark.outside.task import Part, Task, folder
from watermark.results import Header

MEDIA_TYPES: Final = frozenset({JPEG_XL})
NEEDS: Final = PROGRAMS
LARGEST_PIXELS: Final = 46_000_000
"""16 bits a channel at this size took 975 MB; measured."""
LARGEST_SIDE: Final = 20_000
SECONDS: Final = 120.0
_PLAIN: Final = frozenset({"", "unknown", "reserved", "bt709"})
_HDR: Final = f"{TONES_MAPPED}zscale=t=iec61966-2-1,"
_WIDE: Final = "zscale=p=bt709:t=iec61966-2-1,"


def parts(task: Task) -> Iterator[Part]:
    """What an ingest yields: the header and one picture. Raises MarkFailed, RenderStopped."""
    try:
        with folder() as place:
            found = probe(task.source, task.media_type, place, task.limits.memory, LARGEST_SIDE)
            if found.width * found.height > min(LARGEST_PIXELS, task.limits.raster_pixels):
                raise BadSource(code="too_many_pixels")
            options = [
                "-map",
                "0:v:0",
                "-frames:v",
                "1",
                "-vf",
                _drawn(found),
                "-c:v",
                "png",
                "-f",
                "image2",
                "out.png",
            ]
            convert_original(task, options, place, seconds=SECONDS, most=32 * MIB)
            picture = take_file(place, "out.png", 32 * MIB)
    except BadSource as fault:
        yield task.card(fault.code)
        return
    yield Header("picture", task.media_type, 1, found.width, found.height, None, task.notes)
    yield task.page_of(picture, 1)


def _drawn(picture: Film) -> str:
    """Smaller first, then sRGB where libjxl tells the colours by name; a profile stays in the PNG for the sandbox's child."""
    scale = min(1.0, PROOF_SIDE / max(picture.width, picture.height))
    width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    colours = _HDR if picture.hdr else "" if picture.primaries in _PLAIN else _WIDE
    return f"scale={width}:{height}:flags=area,{colours}format=rgba|rgb24"
