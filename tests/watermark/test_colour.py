"""Colour that a designer trusts: proofs, before they are marked, against littleCMS's own conversion, in CIEDE2000."""

from __future__ import annotations

import io
import struct

import numpy as np
import numpy.typing as npt
import pi_heif
import pytest
import tifffile
from PIL import Image, ImageCms
from psd_tools.constants import ColorMode
from skimage.color import deltaE_ciede2000, rgb2lab

from tests.samples import drawings
from tests.samples.heic import heic
from tests.samples.scene import saved, scene
from tests.watermark.conftest import Run, pixels
from tests.watermark.test_pictures import wide_gamut

BAR = 1.0


def difference(shown: npt.NDArray[np.uint8], reference: npt.NDArray[np.uint8]) -> float:
    """Mean CIEDE2000 (Sharma, Wu and Dalal 2005) of two pictures of one size in sRGB."""
    return float(np.mean(deltaE_ciede2000(rgb2lab(shown), rgb2lab(reference))))


def converted(picture: Image.Image, icc: bytes) -> npt.NDArray[np.uint8]:
    """What littleCMS makes of it: relative colorimetric, with black point compensation."""
    transform = ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(icc)),
        ImageCms.createProfile("sRGB"),
        picture.mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOOPTIMIZE,
    )
    return np.asarray(ImageCms.applyTransform(picture, transform))


def ink_profile() -> bytes:
    """A CMYK profile (ICC.1:2010, lut8Type): sixteen corners of ink in CIELAB, each ink taking its light away."""

    def tag(name: bytes, at: int, content: bytes) -> bytes:
        return name + struct.pack(">II", at, len(content))

    corners = b""
    for number in range(16):
        c, m, y, k = ((number >> shift) & 1 for shift in (3, 2, 1, 0))
        light = np.array([1 - 0.9 * c, 1 - 0.85 * m, 1 - 0.8 * y]) * (1 - 0.85 * k)
        shown = np.rint(255 * light ** (1 / 2.2)).astype(np.uint8)[None, None]
        lightness, a, b = rgb2lab(shown)[0, 0]
        corners += bytes(int(np.clip(round(v), 0, 255)) for v in (lightness * 2.55, a + 128, b + 128))
    straight = bytes(range(256))
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + straight * 4 + corners + straight * 3
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    words = b"desc" + bytes(4) + struct.pack(">I", 4) + b"Ink\0" + bytes(78)
    at, body, tags = 128 + 4 + 12 * 4, b"", b""
    for name, content in (
        (b"desc", words),
        (b"cprt", b"text" + bytes(4) + b"none\0"),
        (b"wtpt", white),
        (b"A2B0", table),
    ):
        padded = content + bytes(-len(content) % 4)
        tags, body = tags + tag(name, at + len(body), content), body + padded
    head = struct.pack(">I4sI", at + len(body), bytes(4), 0x02400000) + b"prtrCMYKLab " + bytes(12) + b"acsp"
    head = (head + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)).ljust(128, b"\0")
    return head + struct.pack(">I", 4) + tags + body


def deep(profile: bytes) -> bytes:
    """Sixteen bits a channel."""
    out = io.BytesIO()
    tag = (34675, 7, len(profile), profile, True)
    tifffile.imwrite(out, scene().astype(np.uint16) * 257, photometric="rgb", metadata=None, extratags=[tag])
    return out.getvalue()


def inked() -> Image.Image:
    """The scene as if its channels were inks."""
    drawn = scene()
    return Image.fromarray(np.dstack([255 - drawn, np.full(drawn.shape[:2], 20, np.uint8)]), "CMYK")


def jp2(picture: Image.Image, profile: bytes) -> bytes:
    """A JPEG 2000 without loss, whose colour box holds a profile (ISO/IEC 15444-1, I.5.3.3): Pillow writes only the name of a space."""
    plain = saved(picture, "JPEG2000", irreversible=False)
    start = plain.index(b"colr") - 4
    end = start + struct.unpack_from(">I", plain, start)[0]
    told = struct.pack(">I", 11 + len(profile)) + b"colr" + bytes([3 if picture.mode == "CMYK" else 2, 0, 0]) + profile
    whole = bytearray(plain[:start] + told + plain[end:])
    at = plain.index(b"jp2h") - 4
    struct.pack_into(">I", whole, at, struct.unpack_from(">I", plain, at)[0] + len(told) - (end - start))
    return bytes(whole)


CASES = {
    "P3, JPEG": (
        "RGB",
        lambda: saved(Image.fromarray(scene()), "JPEG", quality=97, subsampling=0, icc_profile=wide_gamut()),
    ),
    "P3, PNG": ("RGB", lambda: saved(Image.fromarray(scene()), "PNG", icc_profile=wide_gamut())),
    "P3, WebP": ("RGB", lambda: saved(Image.fromarray(scene()), "WEBP", lossless=True, icc_profile=wide_gamut())),
    "P3, AVIF": (
        "RGB",
        lambda: saved(Image.fromarray(scene()), "AVIF", quality=95, subsampling="4:4:4", icc_profile=wide_gamut()),
    ),
    "P3, HEIC": ("HEIC", lambda: heic(icc=wide_gamut())),
    "P3, JPEG 2000": ("RGB", lambda: jp2(Image.fromarray(scene()), wide_gamut())),
    "ink, JPEG 2000": ("CMYK", lambda: jp2(inked(), ink_profile())),
    "P3, TIFF of 16 bits": ("RGB", lambda: deep(wide_gamut())),
    "P3, PSD": ("RGB", lambda: drawings.psd(icc=wide_gamut())),
    "P3, PSD of 16 bits": ("RGB", lambda: drawings.psd(depth=16, icc=wide_gamut())),
    "ink, PSD": (
        "CMYK",
        lambda: drawings.psd(mode=ColorMode.CMYK, planes=255 - np.asarray(inked()), icc=ink_profile()),
    ),
    "ink, TIFF": ("CMYK", lambda: saved(inked(), "TIFF", icc_profile=ink_profile())),
    "ink, JPEG": ("CMYK", lambda: saved(inked(), "JPEG", quality=97, subsampling=0, icc_profile=ink_profile())),
}


@pytest.mark.parametrize("case", CASES)
def test_a_proof_is_what_littlecms_makes_of_the_original(ingested: Run, case: str) -> None:
    mode, make = CASES[case]
    source = inked() if mode == "CMYK" else Image.fromarray(scene())
    if mode == "HEIC":
        # Nothing here writes it without loss, so its pixels are taken as they are decoded, without the profile.
        source = pi_heif.open_heif(heic()).to_pillow()
    reference = converted(source, ink_profile() if mode == "CMYK" else wide_gamut())
    header, (page,) = ingested(make(), "a")
    assert not {"profile_unusable", "cmyk_without_profile"} & set(header.notes)
    found = difference(pixels(page.proof), reference)
    print(f"{case:22} mean CIEDE2000 {found:.3f}")
    assert found < BAR


TO_SRGB = {
    12: ((1.2249, -0.2247, 0), (-0.0420, 1.0419, 0), (-0.0197, -0.0786, 1.0979)),  # P3 by SMPTE EG 432-1
    9: ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187)),  # ITU-R BT.2087
}
"""Light to light, by the primaries' number in ITU-T H.273."""


def named_colours(drawn: npt.NDArray[np.uint8], primaries: int) -> npt.NDArray[np.uint8]:
    """What these numbers are in sRGB where they stand for those primaries, with the curve of sRGB (IEC 61966-2-1)."""
    kept = drawn / 255
    light = np.where(kept <= 0.04045, kept / 12.92, ((kept + 0.055) / 1.055) ** 2.4) @ np.array(TO_SRGB[primaries]).T
    light = np.clip(light, 0, 1)
    wanted = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(wanted * 255).astype(np.uint8)


@pytest.mark.parametrize("primaries", TO_SRGB)
@pytest.mark.parametrize("kind", ["HEIC", "AVIF"])
def test_primaries_that_are_only_named_are_shown_as_they_are(ingested: Run, kind: str, primaries: int) -> None:
    if kind == "HEIC":
        content, plain = heic(primaries=primaries), np.asarray(pi_heif.open_heif(heic()).to_pillow())
    else:
        content = saved(Image.fromarray(scene()), "AVIF", quality=95, subsampling="4:4:4")
        named = content.index(b"nclx") + 4
        plain = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
        content = content[:named] + struct.pack(">HH", primaries, 13) + content[named + 4 :]
    _, (page,) = ingested(content, "a")
    found = difference(pixels(page.proof), named_colours(plain, primaries))
    print(f"{kind}, primaries {primaries:2}    mean CIEDE2000 {found:.3f}")
    assert found < BAR < difference(pixels(page.proof), plain)


def test_a_profile_left_aside_would_be_seen(ingested: Run) -> None:
    """The measure itself: the same pictures without their profiles are past the bar."""
    _, (page,) = ingested(saved(Image.fromarray(scene()), "PNG"), "a")
    assert difference(pixels(page.proof), converted(Image.fromarray(scene()), wide_gamut())) > 1.5 * BAR
