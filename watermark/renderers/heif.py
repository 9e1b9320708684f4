"""HEIC and HEIF, as phones write them, through libheif and libde265 (LGPL) by pi-heif."""

from __future__ import annotations

from typing import Final

from PIL import Image

from watermark.declare import About, Package, optional, signature, suffixes
from watermark.errors import BadSource
from watermark.limits import Limits
from watermark.renderers.raster import RasterPages
from watermark.rendering import Opened, Source, guarded

pi_heif = optional("pi_heif")
if pi_heif is not None:
    # The plain pictures only: no thumbnail, no depth map, no second picture is decoded.
    pi_heif.register_heif_opener(thumbnails=False)

BYTES_PER_PIXEL: Final = 10
"""Peak while decoding: planes of the codec, an interleaved copy, and Pillow's; measured."""


class HeifRenderer:
    about = About(
        files="HEIC, HEIF",
        shown="a marked picture (the main one)",
        cap="80 megapixels",
        media_types=frozenset({"image/heic", "image/heif"}),
        signatures=(
            *(signature("image/heic", {4: b"ftyp" + brand}) for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc")),
            *(signature("image/heif", {4: b"ftyp" + brand}) for brand in (b"mif1", b"msf1", b"heif")),
        ),
        suffixes=suffixes(
            {"heic": "image/heic image/heif", "heif": "image/heic image/heif", "hif": "image/heic image/heif"}
        ),
        needs=(Package("pi_heif", "pi-heif"),),
    )

    def open(self, source: Source, limits: Limits) -> Opened:
        """Read the boxes. Raises BadSource: `corrupt`, `truncated`, `too_many_pixels`."""
        return guarded(lambda: self._open(source, limits))

    def _open(self, source: Source, limits: Limits) -> RasterPages:
        picture = Image.open(source.file, formats=("HEIF",))
        if picture.width * picture.height > min(limits.raster_pixels, limits.memory * 3 // 4 // BYTES_PER_PIXEL):
            raise BadSource(code="too_many_pixels")
        return RasterPages(picture, source, limits)


RENDERER = HeifRenderer()
