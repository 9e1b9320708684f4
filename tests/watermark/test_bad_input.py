"""Bad files end as a card with its reason, or as a right-looking rendition."""

from __future__ import annotations

import io
import struct
import zlib

import pypdf
import pytest
from PIL import Image

from tests.watermark.conftest import Run, corners, pixels, saved


def png_bomb(width: int, height: int) -> bytes:
    """A valid grey PNG of one value, compressed a thousandfold."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    squeeze = zlib.compressobj(9)
    row = b"\0" + b"\x64" * width
    body = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pdf(pages: int, password: str = "") -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_zero_bytes(ingested: Run) -> None:
    header, pages = ingested(b"", "a.jpg")
    assert (header.kind, header.reason, pages) == ("card", "empty_file", [])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_truncated_is_a_card_not_a_half_grey_picture(ingested: Run, kind: str, share: float) -> None:
    whole = saved(Image.effect_noise((500, 400), 60).convert("RGB"), kind)
    header, pages = ingested(whole[: int(len(whole) * share)], f"a.{kind.lower()}")
    assert (header.kind, pages) == ("card", [])
    assert header.reason in ("truncated", "corrupt")
    if kind == "JPEG" and share == 0.5:
        assert header.reason == "truncated"


def test_mislabelled_is_told_by_content(ingested: Run) -> None:
    header, pages = ingested(saved(corners(), "PNG"), "photo.jpg")
    assert (header.kind, header.media_type, header.notes, len(pages)) == ("picture", "image/png", ("name_mismatch",), 1)
    header, pages = ingested(b"not a picture at all", "photo.jpg")
    assert (header.kind, header.media_type, header.reason) == ("card", "text/plain", "unsupported")
    assert header.notes == ("name_mismatch",)


@pytest.mark.parametrize(
    "content", [b"Rar!\x1a\x07\x01\x00", b"%!PS-Adobe-3.0 EPSF-3.0", b"<!doctype html><p>", b"\0" * 99]
)
def test_other_kinds_are_cards(ingested: Run, content: bytes) -> None:
    header, pages = ingested(content, "a.bin")
    assert (header.kind, header.reason, pages) == ("card", "unsupported", [])


@pytest.mark.parametrize(
    "magic", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0", b"RIFF\0\0\0\0WEBP", b"%PDF-1.7"]
)
def test_magic_with_rubbish_behind(ingested: Run, magic: bytes) -> None:
    header, pages = ingested(magic + bytes(range(256)) * 20)
    assert (header.kind, pages) == ("card", [])
    assert header.reason in ("truncated", "corrupt", "no_pages")


def test_a_hundred_megapixel_png_is_shown(ingested: Run) -> None:
    header, (page,) = ingested(png_bomb(12000, 9000))
    assert (header.width, header.height, page.width) == (12000, 9000, 2048)
    assert pixels(page.proof)[700, 1000, 0] == 100


def test_a_picture_past_the_cap_is_refused_unread(ingested: Run) -> None:
    header, _ = ingested(png_bomb(60000, 100)[:60] + b"\0" * 50)
    assert header.reason in ("truncated", "corrupt")
    big = bytearray(png_bomb(8, 8))
    big[16:24] = struct.pack(">II", 30000, 30000)
    big[29:33] = struct.pack(">I", zlib.crc32(bytes(big[12:29])))
    header, pages = ingested(bytes(big))
    assert (header.kind, header.reason, pages) == ("card", "too_many_pixels", [])


def test_a_hundred_megapixel_jpeg_is_shown(ingested: Run) -> None:
    encoded = saved(Image.new("L", (11600, 8700), 100), "JPEG", quality=30)
    header, (page,) = ingested(encoded)
    assert (header.width, header.height, page.width, page.height) == (11600, 8700, 2048, 1536)


def test_ten_thousand_pages(ingested: Run) -> None:
    header, pages = ingested(pdf(10_000), "a.pdf")
    assert (header.kind, header.page_count, header.notes) == ("document", 10_000, ("pages_left_out",))
    assert [page.number for page in pages] == [1, 2, 3]
    assert (pages[0].width, pages[0].height) == (1447, 2048) or (pages[0].width, pages[0].height) == (1448, 2048)


def test_a_password_is_said(ingested: Run) -> None:
    header, pages = ingested(pdf(1, "secret"), "a.pdf")
    assert (header.kind, header.reason, pages) == ("card", "password_protected", [])


def test_a_damaged_later_page_has_a_stand_in(ingested: Run) -> None:
    frames = [Image.effect_noise((300, 300), 50) for _ in range(3)]
    whole = saved(frames[0], "TIFF", save_all=True, append_images=frames[1:], compression="tiff_lzw")
    damaged = bytearray(whole)
    second = Image.open(io.BytesIO(whole))
    second.seek(1)
    start, length = second.tag_v2[273][0], second.tag_v2[279][0]  # type: ignore[attr-defined]
    damaged[start : start + length] = b"\xff" * length
    header, pages = ingested(bytes(damaged))
    assert (header.page_count, [page.reason is None for page in pages]) == (3, [True, False, True])


def test_a_tiff_whose_tag_has_no_value_is_a_card(ingested: Run) -> None:
    """Found by `make fuzz`: the look for a camera's raw inside a TIFF fell over it."""
    entry = struct.pack("<HHII", 262, 3, 0, 0)
    header, pages = ingested(b"II*\0" + struct.pack("<IH", 8, 1) + entry + b"\0\0\0\0", "a.tif")
    assert (header.kind, header.reason, header.media_type, pages) == ("card", "corrupt", "image/tiff", [])
