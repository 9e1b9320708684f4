"""Put a link's forensic mark on a marked picture, encode it, and read the mark back from the bytes that will be served.

Runs inside the sandbox's child, like everything that decodes: the picture is our own, but it was once made in a child
that had read a stranger's file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import simplejpeg

from watermark.errors import BadSource
from watermark.forensic import codec
from watermark.pipeline import Deadline
from watermark.results import Imprint
from watermark.steps.encode import RENDITION_QUALITY, encode_rendition

TRIES: Final = ((1.0, RENDITION_QUALITY), (1.5, 86), (2.2, 90))
"""(gain, JPEG quality), one after the other until the mark reads back: louder, then also less compressed."""


def imprint(marked: bytes, payload: int, key: bytes) -> Imprint:
    """`marked` is a bare JPEG with the visible mark. What can't carry the payload is given back as it came, and says so.

    Deterministic. Raises BadSource (`corrupt`) if it is no JPEG.
    """
    try:
        pixels = simplejpeg.decode_jpeg(marked, "RGB")
    except ValueError as fault:
        raise BadSource(code="corrupt") from fault
    if not codec.carries(pixels.shape[1], pixels.shape[0]):
        return Imprint(marked, "too_small")
    for gain, quality in TRIES:
        encoded = encode_rendition(codec.embed(pixels, payload, key, gain=gain), quality)
        if codec.verify(simplejpeg.decode_jpeg(encoded, "GRAY")[:, :, 0], payload, key):
            return Imprint(encoded, "carried")
    return Imprint(marked, "unreadable")


def imprint_all(marked: Sequence[bytes], payload: int, key: bytes, deadline: Deadline) -> Iterator[Imprint]:
    """Each picture in turn. Raises as `imprint`, and RenderStopped (`timed_out`) between two of them."""
    for picture in marked:
        deadline.check()
        yield imprint(picture, payload, key)
