"""Photoshop, SVG, EPS, fonts and archives."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from psd_tools.constants import ColorMode, Compression
from psd_tools.psd import PSD
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_data import ImageData
from psd_tools.psd.image_resources import ImageResource, ImageResources

from tests.samples.scene import saved, scene

FONTS = Path(__file__).parents[2] / "watermark" / "fonts"


def psd(
    depth: int = 8,
    version: int = 1,
    mode: ColorMode = ColorMode.RGB,
    planes: np.ndarray | None = None,
    icc: bytes = b"",
    merged: bool = True,
) -> bytes:
    """A document without layers. ``planes``: uint8 height x width x channels as kept; the scene if None."""
    drawn = scene() if planes is None else planes
    height, width, channels = drawn.shape
    header = FileHeader(version=version, channels=channels, height=height, width=width, depth=depth, color_mode=mode)
    whole = PSD(header=header, image_data=ImageData(Compression.RLE if depth == 8 else Compression.RAW))
    data = []
    for number in range(channels):
        plane = drawn[:, :, number]
        data.append((plane.astype(">u2") * 257).tobytes() if depth == 16 else plane.tobytes())
    whole.image_data.set_data(data, header)
    resources = ImageResources.new()
    if icc:
        resources[1039] = ImageResource(key=1039, data=icc)
    if not merged:
        resources[1057].data.has_composite = False
    whole.image_resources = resources
    out = io.BytesIO()
    whole.write(out)
    return out.getvalue()


def svg(width: int = 480, height: int = 320) -> tuple[bytes, np.ndarray]:
    """A drawing of plain shapes, and what it should look like (uint8, at the size of a proof of it)."""
    shapes = [(0, 0, 480, 320, (240, 236, 220)), (40, 40, 160, 100, (200, 30, 40)), (260, 60, 150, 200, (30, 60, 160))]
    body = "".join(
        f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="rgb{colour}"/>' for x, y, w, h, colour in shapes
    )
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 480 320">{body}</svg>'
    )
    scale = 2048 / 480
    looks = np.zeros((round(320 * scale), 2048, 3), np.uint8)
    for x, y, w, h, colour in shapes:
        looks[round(y * scale) : round((y + h) * scale), round(x * scale) : round((x + w) * scale)] = colour
    return text.encode(), looks


def eps() -> bytes:
    """A program in PostScript with a TIFF beside it for placing."""
    program = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 480 320\nshowpage\n%%EOF\n"
    preview = saved(Image.fromarray(scene()), "TIFF", compression="tiff_lzw")
    head = b"\xc5\xd0\xd3\xc6" + struct.pack("<IIIIII", 30, len(program), 0, 0, 30 + len(program), len(preview))
    return head + b"\xff\xff" + program + preview


def font() -> bytes:
    return (FONTS / "DejaVuSans.ttf").read_bytes()


def archive() -> bytes:
    """Two folders and a few files, as a designer hands over sources."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in ("avoti/logo.ai", "avoti/vizītkarte.psd", "fonti/Teksts.ttf", "lasi-mani.txt"):
            made.writestr(name, name * 200)
    return out.getvalue()
