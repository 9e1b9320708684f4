"""Camera raw files through LibRaw by rawpy: the camera's own JPEG where it is large enough, else developed."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import numpy as np
from PIL import Image

from watermark.declare import About, Package, optional, signature, suffixes
from watermark.errors import BadSource
from watermark.limits import PROOF_SIDE, Limits
from watermark.pipeline import Deadline, Frame
from watermark.renderers.raster import orientation
from watermark.rendering import Opened, Source, guarded
from watermark.results import Kind
from watermark.steps.decode_jpeg import decode_jpeg

rawpy = optional("rawpy")

BY_MAKER: Final = {
    b"NIKON": "image/x-nikon-nef",
    b"SONY": "image/x-sony-arw",
    b"PENTAX": "image/x-pentax-pef",
    b"SAMSUNG": "image/x-samsung-srw",
}
DNG: Final = "image/x-adobe-dng"
OTHER: Final = "image/x-raw"
HALF_SIZE_PIXELS: Final = 12_000_000
"""Past this a sensor is developed at half its size: 2 x 2 cells are one pixel, in a quarter of the time."""
BYTES_PER_PIXEL: Final = 6
"""Peak while developing at half size, the file included (16-bit mosaic); measured 4.9. Whole size: 13.2."""
_TURNS: Final = {3: 3, 5: 8, 6: 6}
"""LibRaw's flip to EXIF's orientation."""
_MAKE, _PHOTOMETRIC, _SUB_IFDS, _DNG_VERSION = 271, 262, 330, 50706
_MOSAIC: Final = (32803, 34892)  # colour filter array, linear raw (TIFF/EP 5.2, DNG 1.4)


class RawPage:
    """An open raw file: one page."""

    kind: Kind = "picture"
    page_count = 1
    notes: tuple[str, ...] = ()

    def __init__(self, source: Source, limits: Limits) -> None:
        if source.size > limits.memory // 2:  # read whole
            raise BadSource(code="too_many_pixels")
        self._raw: Any = rawpy.imread(source.file)
        sizes = self._raw.sizes
        self._too_large = sizes.raw_width * sizes.raw_height * BYTES_PER_PIXEL > limits.memory * 3 // 4
        self._turn = _TURNS.get(sizes.flip, 1)
        lies = self._turn in (6, 8)
        self._upright = (sizes.iheight, sizes.iwidth) if lies else (sizes.iwidth, sizes.iheight)
        self.size: tuple[int, int] | None = self._upright

    def page(self, number: int, deadline: Deadline) -> Frame:  # noqa: ARG002 - there is one
        """The camera's JPEG, or the developed picture. Raises BadSource: `corrupt`, `unsupported`."""
        deadline.check()
        frame = guarded(self._embedded)
        deadline.check()
        return frame or guarded(self._developed)

    def _embedded(self) -> Frame | None:
        """None if there is none that would fill the proof, or none that can be read."""
        wanted = min(PROOF_SIDE, max(self._upright))
        try:
            found = self._raw.extract_thumb()
        except rawpy.LibRawError:
            return None
        if found.format != rawpy.ThumbFormat.JPEG:
            return None
        try:
            picture = Image.open(io.BytesIO(found.data), formats=("JPEG", "MPO"))
            if max(picture.size) < wanted:
                return None
            pixels, space = decode_jpeg(found.data, *picture.size)
        except (OSError, ValueError, SyntaxError):
            return None
        turned = orientation(picture)
        upright = (picture.height > picture.width) == (self._upright[1] > self._upright[0])
        if turned == 1 and not upright:  # the preview lies as the sensor did, and says nothing of it
            turned = self._turn
        return Frame(pixels, picture.size, space, picture.info.get("icc_profile"), turned)

    def _developed(self) -> Frame:
        sizes = self._raw.sizes
        if self._too_large:
            raise BadSource(code="too_many_pixels")
        half = sizes.width * sizes.height > HALF_SIZE_PIXELS
        try:
            pixels = self._raw.postprocess(
                use_camera_wb=True, half_size=half, output_color=rawpy.ColorSpace.sRGB, gamma=(2.4, 12.92)
            )
        except rawpy.LibRawError as fault:
            raise BadSource(code="unsupported") from fault
        # Already turned, and in sRGB. The size is the whole picture's, so that the shape is the same at half size.
        return Frame(np.ascontiguousarray(pixels), self._upright)


class RawRenderer:
    about = About(
        files="camera raw: DNG, CR2, CR3, NEF, ARW, RAF, ORF, RW2, PEF, SRW",
        shown="a marked picture: the camera's own JPEG where it fills the preview, else developed",
        cap="134 megapixels where there is no such JPEG; files of 512 MB",
        media_types=frozenset(
            {
                DNG,
                OTHER,
                *BY_MAKER.values(),
                "image/x-canon-cr2",
                "image/x-canon-cr3",
                "image/x-fuji-raf",
                "image/x-olympus-orf",
                "image/x-panasonic-rw2",
            }
        ),
        signatures=(
            signature("image/x-canon-cr2", {0: b"II*\0", 8: b"CR\x02"}),
            signature("image/x-canon-cr3", {4: b"ftypcrx "}),
            signature("image/x-fuji-raf", {0: b"FUJIFILMCCD-RAW"}),
            signature("image/x-olympus-orf", {0: b"IIRO"}),
            signature("image/x-olympus-orf", {0: b"IIRS"}),
            signature("image/x-panasonic-rw2", {0: b"IIU\0"}),
        ),
        suffixes=suffixes(
            {
                "dng": DNG,
                "nef": f"image/x-nikon-nef {DNG}",
                "arw": f"image/x-sony-arw {DNG}",
                "cr2": "image/x-canon-cr2",
                "cr3": "image/x-canon-cr3",
                "raf": "image/x-fuji-raf",
                "orf": "image/x-olympus-orf",
                "rw2": "image/x-panasonic-rw2",
                "pef": f"image/x-pentax-pef {DNG}",
            }
        ),
        needs=(Package("rawpy", "rawpy"),),
        heavy=True,
    )
    containers = frozenset({"image/tiff"})

    def look_inside(self, source: Source) -> str | None:
        """A TIFF that holds a sensor's mosaic is a raw file, of the kind its maker says."""
        try:
            return _kind_of_tiff(source.file)
        except (struct.error, OSError, ValueError, OverflowError):
            return None

    def open(self, source: Source, limits: Limits) -> Opened:
        """Read the structure. Raises BadSource: `corrupt`, `unsupported`, `too_many_pixels`."""
        return guarded(lambda: self._open(source, limits))

    def _open(self, source: Source, limits: Limits) -> RawPage:
        try:
            return RawPage(source, limits)
        except rawpy.LibRawFileUnsupportedError as fault:
            raise BadSource(code="unsupported") from fault
        except rawpy.LibRawOutOfMemoryError as fault:
            raise MemoryError from fault


def _kind_of_tiff(file: BinaryIO) -> str | None:
    file.seek(0)
    head = file.read(8)
    order = "<" if head[:2] == b"II" else ">"
    if struct.unpack(order + "H", head[2:4])[0] != 42:
        return None  # a BigTIFF: no camera writes one
    first = _directory(file, order, struct.unpack(order + "I", head[4:])[0])
    if _DNG_VERSION in first:
        return DNG
    below = first.get(_SUB_IFDS, ())
    places = below if isinstance(below, tuple) else ()
    directories = [first, *(_directory(file, order, place) for place in places[:8])]
    if not any(directory.get(_PHOTOMETRIC, (0,))[0] in _MOSAIC for directory in directories):
        return None
    make = first.get(_MAKE, b"")
    name = make.upper() if isinstance(make, bytes) else b""
    return next((kind for maker, kind in BY_MAKER.items() if name.startswith(maker)), OTHER)


def _directory(file: BinaryIO, order: str, at: int) -> dict[int, Any]:
    """Tags of one TIFF directory (TIFF 6.0, section 2) that hold text, shorts or longs."""
    file.seek(at)
    (count,) = struct.unpack(order + "H", file.read(2))
    entries = file.read(12 * count)
    return dict(_entries(file, order, entries))


def _entries(file: BinaryIO, order: str, entries: bytes) -> Iterator[tuple[int, Any]]:
    for start in range(0, len(entries) - 11, 12):
        tag, kind, count = struct.unpack_from(order + "HHI", entries, start)
        size = {2: 1, 3: 2, 4: 4, 13: 4}.get(kind, 0) * count
        if tag not in (_MAKE, _PHOTOMETRIC, _SUB_IFDS, _DNG_VERSION) or size > 4096:
            continue
        value = entries[start + 8 : start + 12]
        if size > 4:
            file.seek(struct.unpack(order + "I", value)[0])
            value = file.read(size)
        if kind == 2:
            yield tag, value[:count]
        else:
            letter = "H" if kind == 3 else "I"
            yield tag, struct.unpack(f"{order}{count}{letter}", value[:size]) if size else ()


RENDERER = RawRenderer()
