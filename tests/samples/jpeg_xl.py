"""JPEG XL pictures, made by the ffmpeg program from the drawn scene."""

from __future__ import annotations

import subprocess
import tempfile
from functools import cache
from pathlib import Path

from PIL import Image

from tests.samples.scene import scene

LOSSLESS, GOOD = "-distance 0", "-distance 1"


@cache
def jpeg_xl(options: str = GOOD, icc: bytes | None = None, alpha: bool = False) -> bytes:
    """The scene; `icc` is its profile."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "scene.png"), Path(folder, "a.jxl")
        picture = Image.fromarray(scene())
        if alpha:
            picture.putalpha(Image.linear_gradient("L").resize(picture.size))
        picture.save(source, icc_profile=icc)
        command = ["ffmpeg", "-nostdin", "-v", "error", "-i", source, "-c:v", "libjxl", *options.split(), made]
        subprocess.run(command, check=True, timeout=120)
        return made.read_bytes()


def boxed(codestream: bytes) -> bytes:
    """The same in the container (ISO/IEC 18181-2): the signature, the type and the codestream in one box."""
    signature = bytes.fromhex("0000000c4a584c200d0a870a")
    kind = bytes.fromhex("00000014667479706a786c20000000006a786c20")
    return signature + kind + (8 + len(codestream)).to_bytes(4, "big") + b"jxlc" + codestream
