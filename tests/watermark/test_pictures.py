"""Odd but honest pictures come out looking right."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from tests.watermark.conftest import Run, corners, pixels, saved
from watermark import SIZES, Sandbox
from watermark.steps.flatten import GROUND


def near(got: np.ndarray, wanted: object, by: float = 6) -> bool:
    return bool(np.all(np.abs(got.astype(int) - np.asarray(wanted, int)) <= by))


def centre(encoded: bytes, across: float, down: float) -> np.ndarray:
    shown = pixels(encoded)
    return shown[int(shown.shape[0] * down), int(shown.shape[1] * across)]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF"])
def test_each_format_gives_a_proof_and_every_size(ingested: Run, kind: str) -> None:
    header, (page,) = ingested(saved(corners(3000, 2000), kind), f"a.{kind.lower()}")
    assert (header.kind, header.reason, header.page_count) == ("picture", None, 1)
    assert (header.width, header.height, header.notes) == (3000, 2000, ())
    assert (page.width, page.height) == (2048, 1365)
    assert [max(pixels(page.renditions[size]).shape[:2]) for size in SIZES] == list(SIZES)
    assert near(centre(page.proof, 0.25, 0.25), (220, 20, 20))
    assert near(centre(page.proof, 0.75, 0.75), (240, 240, 240))


@pytest.mark.parametrize("size", SIZES)
def test_every_size_is_marked(ingested: Run, size: int) -> None:
    _, (page,) = ingested(saved(Image.new("RGB", (2500, 1500), (100, 100, 100)), "PNG"))
    assert near(pixels(page.renditions[size]), 100 ^ 0x10, by=2)
    assert near(pixels(page.proof), 100, by=1)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_turned_upright_by_exif(ingested: Run, kind: str, orientation: int) -> None:
    upright = corners()
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = upright.transpose(Image.Transpose(back[orientation])) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    header, (page,) = ingested(saved(stored, kind, exif=exif))
    assert (header.width, header.height) == (page.width, page.height) == (300, 200)
    assert near(centre(page.proof, 0.25, 0.25), (220, 20, 20), 8)
    assert near(centre(page.proof, 0.75, 0.25), (20, 200, 20), 8)
    assert near(centre(page.proof, 0.25, 0.75), (20, 20, 220), 8)


@pytest.mark.parametrize("size", [(1, 10000), (10000, 1), (16, 16), (1, 1), (480, 3), (2049, 2047)])
def test_extreme_shapes_are_never_enlarged(ingested: Run, size: tuple[int, int]) -> None:
    drawn = Image.new("RGB", size, (90, 120, 150))
    for kind in ("PNG", "JPEG"):
        header, (page,) = ingested(saved(drawn, kind))
        assert (header.width, header.height) == size
        assert max(page.width, page.height) == min(2048, max(size))
        for wanted, rendition in page.renditions.items():
            assert max(pixels(rendition).shape[:2]) == min(wanted, max(size))


def test_small_pictures_keep_their_size_and_are_marked(ingested: Run) -> None:
    _, (page,) = ingested(saved(Image.new("L", (16, 16), 100), "PNG"))
    assert all(pixels(rendition).shape == (16, 16, 3) for rendition in page.renditions.values())
    assert all(near(pixels(rendition), 100 ^ 0x10) for rendition in page.renditions.values())


def ramp16(width: int = 2600) -> np.ndarray:
    return np.tile(np.linspace(0, 65535, width).astype(np.uint16), (40, 1))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled_not_clipped(ingested: Run, kind: str) -> None:
    _, (page,) = ingested(saved(Image.fromarray(ramp16()), kind))
    shown = pixels(page.proof)[10, :, 0]
    assert near(shown[[100, 1024, 1900]], np.array([100, 1024, 1900]) * 255 / 2047, 3)


def test_sixteen_bit_colour_tiff_is_scaled_not_clipped(ingested: Run) -> None:
    out = io.BytesIO()
    tifffile.imwrite(out, np.dstack([ramp16(600), ramp16(600)[:, ::-1], ramp16(600) // 2]), photometric="rgb")
    header, (page,) = ingested(out.getvalue())
    assert header.kind == "picture"
    assert near(pixels(page.proof)[10, 300], (128, 128, 64), 3)


def test_transparency_lies_on_a_neutral_ground(ingested: Run) -> None:
    drawn = np.zeros((100, 200, 4), np.uint8)
    drawn[:, 100:] = (250, 10, 10, 255)
    for picture in (Image.fromarray(drawn), Image.fromarray(drawn).quantize(8)):
        _, (page,) = ingested(saved(picture, "PNG"))
        assert near(centre(page.proof, 0.2, 0.5), (GROUND,) * 3)
        assert near(centre(page.proof, 0.8, 0.5), (250, 10, 10))


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_shows_its_first_picture_and_a_strip(ingested: Run, kind: str) -> None:
    frames = [Image.new("RGB", (120, 80), colour) for colour in ((200, 0, 0), (0, 200, 0), (0, 0, 200))]
    header, (page, strip) = ingested(saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=50))
    assert (header.kind, header.notes) == ("picture", ("animated",))
    assert near(centre(page.proof, 0.5, 0.5), (200, 0, 0))
    assert near(centre(strip.proof, 0.2, 0.5), (0, 200, 0))
    assert near(centre(strip.proof, 0.8, 0.5), (0, 0, 200))
    assert (strip.width, strip.height) == (252, 80)


def test_tiff_pages_are_capped_and_counted(ingested: Run) -> None:
    frames = [Image.new("L", (60, 40), 40 * n) for n in range(5)]
    header, pages = ingested(saved(frames[0], "TIFF", save_all=True, append_images=frames[1:]))
    assert (header.kind, header.page_count, header.notes) == ("document", 5, ("pages_left_out",))
    assert [page.number for page in pages] == [1, 2, 3]
    assert near(pixels(pages[2].proof), 80)


def test_cmyk_jpeg_and_tiff_are_not_inverted(ingested: Run) -> None:
    cyan = Image.new("CMYK", (64, 64), (255, 0, 0, 0))
    for kind in ("JPEG", "TIFF"):
        header, (page,) = ingested(saved(cyan, kind))
        assert header.notes == ("cmyk_without_profile",)
        red, green, blue = centre(page.proof, 0.5, 0.5)
        assert red < 60 and green > 120 and blue > 120


def wide_gamut() -> bytes:
    """A Display-P3 profile, built from its published primaries (D65, adapted to D50) and a 2.2 power curve."""

    def fixed(*values: float) -> bytes:
        return b"".join(round(v * 65536).to_bytes(4, "big", signed=True) for v in values)

    def text(words: str) -> bytes:
        coded = words.encode("utf-16-be")
        return (
            b"mluc\0\0\0\0"
            + (1).to_bytes(4, "big")
            + (12).to_bytes(4, "big")
            + b"enUS"
            + len(coded).to_bytes(4, "big")
            + (28).to_bytes(4, "big")
            + coded
        )

    curve = b"curv\0\0\0\0" + (1).to_bytes(4, "big") + int(2.2 * 256).to_bytes(2, "big") + b"\0\0"
    tags = {
        b"desc": text("Display P3"),
        b"cprt": text("none"),
        b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1.0, 0.8249),
        b"rXYZ": b"XYZ \0\0\0\0" + fixed(0.5151, 0.2412, -0.0011),
        b"gXYZ": b"XYZ \0\0\0\0" + fixed(0.2920, 0.6922, 0.0419),
        b"bXYZ": b"XYZ \0\0\0\0" + fixed(0.1571, 0.0666, 0.7841),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        padded = content + b"\0" * (-len(content) % 4)
        table += name + (at + len(body)).to_bytes(4, "big") + len(content).to_bytes(4, "big")
        body += padded
    size = at + len(body)
    head = (
        size.to_bytes(4, "big")
        + b"\0\0\0\0"
        + bytes([4, 0x30, 0, 0])
        + b"mntrRGB XYZ "
        + bytes(12)
        + b"acsp"
        + bytes(28)
    )
    return (head + fixed(0.9642, 1.0, 0.8249)).ljust(128, b"\0") + len(tags).to_bytes(4, "big") + table + body


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_display_p3_matches_littlecms(ingested: Run, kind: str) -> None:
    icc = wide_gamut()
    drawn = Image.new("RGB", (96, 96), (180, 120, 60))
    options = {"quality": 100} if kind in ("JPEG", "WEBP") else {}
    encoded = saved(drawn, kind, icc_profile=icc, **options)
    reference = ImageCms.profileToProfile(
        drawn,
        ImageCms.ImageCmsProfile(io.BytesIO(icc)),
        ImageCms.createProfile("sRGB"),
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    assert reference is not None
    wanted = reference.getpixel((0, 0))
    assert np.abs(np.subtract(wanted, (180, 120, 60))).max() > 5
    header, (page,) = ingested(encoded)
    assert header.notes == ()
    assert near(centre(page.proof, 0.5, 0.5), wanted, 3)


def test_a_broken_profile_is_noted(ingested: Run) -> None:
    header, (page,) = ingested(saved(Image.new("RGB", (50, 50), (9, 99, 199)), "PNG", icc_profile=b"\0" * 200))
    assert header.notes == ("profile_unusable",)
    assert near(pixels(page.proof), (9, 99, 199))


def test_flat_art_is_kept_exactly_and_remarked(ingested: Run, sandbox: Sandbox) -> None:
    from tests.watermark.conftest import KEY, RECIPE

    _, (page,) = ingested(saved(corners(), "PNG"))
    assert page.proof_type == "image/png"
    assert np.array_equal(pixels(page.proof), np.asarray(corners()))
    again = sandbox.remark(page.proof, recipe=RECIPE, key=KEY, page=1)
    assert (again.pictures, again.blur) == (page.renditions, page.blur)
