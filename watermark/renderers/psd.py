"""Photoshop documents: the merged picture that the program keeps beside the layers. The layers are never read."""

from __future__ import annotations

import encodings.mac_roman  # names of resources are in it; the confined child can import nothing
import encodings.utf_16_be  # noqa: F401
from typing import Any, Final

import cv2
import numpy as np

from watermark.declare import About, Package, optional, signature, suffixes
from watermark.errors import BadSource
from watermark.limits import Limits
from watermark.pipeline import Deadline, Frame, Pixels, Space
from watermark.rendering import Opened, Source, guarded
from watermark.results import Kind
from watermark.steps.flatten import GROUND
from watermark.steps.resize import shrunk

# All of it now: the confined child can import nothing.
_header, _colours, _resources, _pixels = (
    optional(f"psd_tools.psd.{name}") for name in ("header", "color_mode_data", "image_resources", "image_data")
)

ICC: Final = 1039
VERSION_INFO: Final = 1057
_CHANNELS: Final[dict[int, tuple[Space, int]]] = {
    0: ("L", 1),
    1: ("L", 1),
    3: ("RGB", 3),
    4: ("CMYK", 4),
    2: ("RGB", 1),
    8: ("L", 1),
    9: ("LAB", 3),
}
"""Colour mode (Photoshop file format specification, file header) to what its first channels mean."""
_INDEXED: Final = 2
BYTES_PER_PIXEL: Final = 3
"""Of each channel at eight bits: packed, unpacked, and a copy."""


class PsdPage:
    """An open document: one page."""

    kind: Kind = "picture"
    page_count = 1

    def __init__(self, source: Source, limits: Limits) -> None:

        file = source.file
        self._file = file
        self._header: Any = _header.FileHeader.read(file)
        bits = self._header.width * self._header.height * self._header.channels * self._header.depth
        pixels = self._header.width * self._header.height
        if pixels > limits.raster_pixels or bits // 8 * BYTES_PER_PIXEL > limits.memory * 3 // 4:
            raise BadSource(code="too_many_pixels")
        self._palette: bytes = _colours.ColorModeData.read(file).value
        resources = _resources.ImageResources.read(file)
        self._icc: bytes | None = resources.get_data(ICC)
        version = resources.get_data(VERSION_INFO)
        self._has_merged = version is None or bool(getattr(version, "has_composite", True))
        wide = self._header.version == 2  # a PSB counts its layers' bytes in eight
        layers = int.from_bytes(_exactly(file, 8 if wide else 4), "big")
        file.seek(layers, 1)
        self.size: tuple[int, int] | None = (self._header.width, self._header.height)
        self.notes: tuple[str, ...] = ()

    def page(self, number: int, deadline: Deadline) -> Frame:  # noqa: ARG002 - there is one
        """The merged picture. Raises BadSource: `no_merged_picture`, `unsupported`, `truncated`, `corrupt`."""
        deadline.check()
        if not self._has_merged:
            raise BadSource(code="no_merged_picture")
        return guarded(self._decode)

    def _decode(self) -> Frame:

        header = self._header
        mode = int(header.color_mode)
        space, wanted = _CHANNELS.get(mode, ("L", 0))
        if wanted == 0 or header.channels < wanted:
            raise BadSource(code="unsupported")
        planes: Any = _pixels.ImageData.read(self._file).get_data(header, max_output_bytes=1 << 31)
        # A transparent document keeps its transparency as one more channel; further ones are selections.
        read = wanted + (1 if header.channels > wanted and space in ("RGB", "L") and mode != _INDEXED else 0)
        channels = [self._plane(planes[number]) for number in range(read)]
        pixels = np.dstack(channels[:wanted])
        if mode == _INDEXED:
            pixels = np.frombuffer(self._palette, np.uint8).reshape(3, 256).T[pixels[:, :, 0]]
        if space == "CMYK":
            pixels = 255 - pixels  # kept as light, not as ink
        if len(channels) > wanted:
            pixels = _unmatte(pixels, channels[-1])
        return Frame(np.ascontiguousarray(pixels), (header.width, header.height), space, self._icc)

    def _plane(self, data: bytes) -> Pixels:
        """One channel in eight bits, shrunk to no less than the proof's size."""
        header = self._header
        if header.depth == 1:
            bits = np.unpackbits(np.frombuffer(data, np.uint8).reshape(header.height, -1), axis=1)[:, : header.width]
            whole = np.where(bits > 0, np.uint8(0), np.uint8(255))
        elif header.depth == 8:
            whole = np.frombuffer(data, np.uint8).reshape(header.height, header.width)
        elif header.depth == 16:
            deep = np.frombuffer(data, ">u2").reshape(header.height, header.width)
            whole = ((deep.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
        else:
            # 32-bit documents hold linear light.
            light = np.clip(np.nan_to_num(np.frombuffer(data, ">f4").astype(np.float32)), 0, 1)
            curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
            whole = np.rint(curve * 255).astype(np.uint8).reshape(header.height, header.width)
            self._icc = None
        return shrunk(whole[:, :, None])[:, :, 0]


class PsdRenderer:
    about = About(
        files="Photoshop PSD, PSB",
        shown="the merged picture, marked; no layer is read",
        cap="150 megapixels, and 256 MB unpacked; saved with a merged picture (“maximize compatibility”)",
        media_types=frozenset({"image/vnd.adobe.photoshop"}),
        signatures=(signature("image/vnd.adobe.photoshop", {0: b"8BPS\0"}),),
        suffixes=suffixes({"psd": "image/vnd.adobe.photoshop", "psb": "image/vnd.adobe.photoshop"}),
        needs=(Package("psd_tools", "psd-tools"),),
    )

    def open(self, source: Source, limits: Limits) -> Opened:
        """Read header and profile. Raises BadSource: `corrupt`, `truncated`, `too_many_pixels`."""
        return guarded(lambda: PsdPage(source, limits))


def _unmatte(pixels: Pixels, alpha: Pixels) -> Pixels:
    """Photoshop blends the merged picture with white; on our ground instead, transparency looks like other formats'."""
    if alpha.min() == 255:
        return pixels
    weight = np.repeat(alpha[:, :, None], pixels.shape[2], axis=2)
    change = cv2.multiply(255 - weight, np.full_like(weight, 255 - GROUND), scale=1 / 255)
    return np.asarray(cv2.subtract(pixels, change), np.uint8).reshape(pixels.shape)


def _exactly(file: Any, count: int) -> bytes:
    data: bytes = file.read(count)
    if len(data) != count:
        raise BadSource(code="truncated")
    return data


RENDERER = PsdRenderer()
