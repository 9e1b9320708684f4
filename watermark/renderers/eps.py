"""EPS with a picture for placing beside the program ("DOS EPS binary", Adobe 5002, section 5.2): that TIFF is shown.

PostScript itself is a program and is never run.
"""

from __future__ import annotations

import io
import struct
from typing import Final

from watermark.declare import About, signature, suffixes
from watermark.errors import BadSource
from watermark.limits import MIB, Limits
from watermark.renderers.raster import RENDERER as RASTER
from watermark.rendering import Opened, Source, guarded

EPS: Final = "image/x-eps"
PREVIEW_BYTES: Final = 256 * MIB
_POSTSCRIPT: Final = "application/postscript"


class EpsRenderer:
    about = About(
        files="EPS with a TIFF preview inside",
        shown="that preview, marked; PostScript alone is a card, for it is a program",
        cap="as TIFF",
        media_types=frozenset({EPS}),
        signatures=(signature(EPS, {0: b"\xc5\xd0\xd3\xc6"}),),
        suffixes=suffixes({"eps": f"{EPS} {_POSTSCRIPT} application/pdf"}),
    )

    def open(self, source: Source, limits: Limits) -> Opened:
        """Raises BadSource: `unsupported` without such a picture, and what a TIFF raises."""
        return guarded(lambda: self._open(source, limits))

    def _open(self, source: Source, limits: Limits) -> Opened:
        head = source.file.read(30)
        if len(head) < 30:
            raise BadSource(code="truncated")
        at, length = struct.unpack_from("<II", head, 20)
        if at == 0 or length == 0:
            raise BadSource(code="unsupported")
        if length > PREVIEW_BYTES:
            raise BadSource(code="too_many_pixels")
        source.file.seek(at)
        preview = source.file.read(length)
        if len(preview) < length:
            raise BadSource(code="truncated")
        return RASTER.open(Source(io.BytesIO(preview), length, "image/tiff"), limits)


RENDERER = EpsRenderer()
