"""The studio's colour and logo: kept, refused, and without what hides in a PNG."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from service.accounts.models import Studio
from service.kit.plain_png import plain_png
from service.wiring import Wiring
from tests.service.accounts.conftest import Browser, events, studio_of
from tests.service.accounts.test_mark import png

SECRET = b"CANARY-in-a-logo"


def telling_png() -> bytes:
    """A PNG that says more than its pixels: text, EXIF, a profile, and bytes after its end."""
    file, told = io.BytesIO(), PngInfo()
    told.add_text("Author", SECRET.decode())
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    picture = Image.new("RGBA", (30, 20))
    picture.paste((0, 0, 200, 255), (2, 2, 20, 12))
    picture.save(
        file,
        "PNG",
        pnginfo=told,
        exif=exif,
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    )
    return file.getvalue() + SECRET


def save(browser: Browser, logo: bytes = b"", **fields: str) -> Any:
    files = {"logo": ("logo.png", logo, "image/png")}
    return browser.post("/settings/look", form="/settings/look", files=files, **fields)


def test_colour_and_logo_are_kept_and_can_be_taken_back(browser: Browser, ilze: str, wiring: Wiring) -> None:
    browser.sign_in(ilze)
    assert save(browser, telling_png(), colour="#AB12cd").status_code == 303
    assert events(wiring)[-1] == "look.changed"
    assert studio_of(wiring, ilze).colour == "#ab12cd"
    shown = browser.get("/settings/logo.png")
    assert shown.headers["content-type"] == "image/png"
    assert SECRET not in shown.content
    with Image.open(io.BytesIO(shown.content)) as picture:
        assert picture.getpixel((3, 3)) == (0, 0, 200, 255)
        assert not {"Author", "exif", "icc_profile"} & set(picture.info)
    assert save(browser, colour="#ab12cd").status_code == 303
    assert studio_of(wiring, ilze).logo_sha256, "no new logo keeps the present one"
    assert save(browser, colour="#ab12cd", ours="yes", drop_logo="yes").status_code == 303
    studio: Studio = studio_of(wiring, ilze)
    assert (studio.colour, studio.logo_sha256) == ("", "")
    assert browser.get("/settings/logo.png").status_code == 404


@pytest.mark.parametrize("bad", [b"GIF89a" + b"x" * 60, png()[:60], png()[:-8], png().replace(b"IDAT", b"IDAX", 1)])
def test_what_is_no_whole_png_is_refused_beside_its_field(
    browser: Browser, ilze: str, wiring: Wiring, bad: bytes
) -> None:
    browser.sign_in(ilze)
    answer = save(browser, bad, colour="")
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert not studio_of(wiring, ilze).logo_sha256


def test_a_plain_png_is_the_same_again() -> None:
    once = plain_png(telling_png())
    assert plain_png(once) == once
