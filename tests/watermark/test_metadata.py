"""Canaries in every pocket of an original: none is in any byte that comes out."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from tests.watermark.conftest import Run, corners, saved
from watermark import RenderStopped
from watermark.layout import bare_jpeg_size, bare_png_size

CANARY = b"CANARY-7f3a91"
TEXT = CANARY.decode()


def exif() -> Image.Exif:
    block = Image.Exif()
    block[0x010E] = f"{TEXT}-description"
    block[0x013B] = f"{TEXT}-artist"
    block.get_ifd(0x8769)[0x9286] = f"{TEXT}-comment".encode()
    block.get_ifd(0x8825)[0x001D] = f"{TEXT}-gps"
    return block


def profile() -> bytes:
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    return bytes(made) + CANARY + b"-icc"


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def jpeg() -> bytes:
    thumbnail = saved(Image.new("RGB", (64, 48), (1, 2, 3)), "JPEG", comment=CANARY + b"-thumbnail")
    whole = saved(
        Image.effect_noise((900, 600), 40),
        "JPEG",
        exif=exif(),
        icc_profile=profile(),
        comment=CANARY + b"-comment",
        xmp=CANARY + b"-xmp",
    )
    whole = whole[:2] + segment(0xE1, b"Exif\0\0" + thumbnail) + segment(0xED, CANARY + b"-iptc") + whole[2:]
    return whole + thumbnail + CANARY + b"-trailing"


def mpo() -> bytes:
    second = Image.open(io.BytesIO(saved(Image.new("RGB", (900, 600)), "JPEG", comment=CANARY + b"-second")))
    return saved(corners(900, 600), "MPO", save_all=True, append_images=[second], exif=exif())


def png() -> bytes:
    info = PngInfo()
    info.add_text("Comment", f"{TEXT}-text")
    info.add_itxt("XML:com.adobe.xmp", f"{TEXT}-xmp")
    return saved(corners(900, 600), "PNG", pnginfo=info, exif=exif(), icc_profile=profile()) + CANARY


def others(kind: str) -> bytes:
    options = {"comment": TEXT} if kind == "GIF" else {"exif": exif(), "xmp": CANARY, "icc_profile": profile()}
    if kind == "TIFF":
        options.pop("xmp")
    return saved(corners(900, 600), kind, **options) + CANARY


@pytest.mark.parametrize(
    "original",
    [jpeg(), mpo(), png(), others("WEBP"), others("TIFF"), others("GIF")],
    ids=["jpeg", "mpo", "png", "webp", "tiff", "gif"],
)
def test_nothing_but_pixels_comes_out(ingested: Run, original: bytes) -> None:
    assert CANARY in original
    header, pages = ingested(original, f"{TEXT}.jpg")
    assert header.kind == "picture" and len(pages) == 1
    assert TEXT not in repr(header)
    for page in pages:
        for encoded in (page.proof, *page.renditions.values()):
            assert CANARY[:6] not in encoded
            assert b"Exif" not in encoded and b"ICC_PROFILE" not in encoded
            shown = Image.open(io.BytesIO(encoded))
            shown.load()
            assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
            assert encoded.endswith(b"\xff\xd9" if encoded.startswith(b"\xff\xd8") else b"IEND\xaeB`\x82")


@pytest.mark.parametrize(
    "spoilt",
    [
        jpeg(),
        saved(corners(), "JPEG") + b"x",
        saved(corners(), "JPEG", comment=b"c"),
        saved(corners(), "JPEG", progressive=True),
        b"",
        b"\xff\xd8",
    ],
)
def test_the_second_look_refuses_anything_more(spoilt: bytes) -> None:
    with pytest.raises(RenderStopped):
        bare_jpeg_size(spoilt)


def test_the_second_look_takes_bare_pictures() -> None:
    assert bare_jpeg_size(saved(corners(), "JPEG")) == (300, 200)
    assert bare_png_size(saved(corners(), "PNG")) == (300, 200)
    with pytest.raises(RenderStopped):
        bare_png_size(png())
