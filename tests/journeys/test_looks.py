"""Every piece of a page, in every state: accessible, and as it looked when somebody last looked at it.

The comparison is coarse on purpose, so that another machine's fonts are no difference: a picture is cut into squares of 32
pixels, and each square's mean colour is compared. It finds a stylesheet that is lost, a colour that changed, a piece that is
gone, grew or moved by a line or more. It does not find a shift of a few pixels, a changed word, or a thin line. After a change
that is meant: TILLPAID_LOOKS=write, look at the pictures, and send the new figures along.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.journeys.person import Person
from tests.journeys.sample_studio import Sample

pytestmark = pytest.mark.browser
KEPT = Path(__file__).with_name("looks.json")
SQUARE = 32
LEVELS = 20
"""How far a square's mean may be off, of 255, in any channel: anti-aliasing and another font's weight stay below."""
MOST_SQUARES = 0.06
MOST_HEIGHT = 0.05


def look_of(png: bytes) -> dict[str, Any]:
    """Size in pixels, and the mean colour of each square, row by row."""
    with Image.open(io.BytesIO(png)) as picture:
        width, height = picture.size
        small = picture.convert("RGB").resize((width // SQUARE, height // SQUARE), Image.Resampling.BOX)
    return {"width": width, "height": height, "squares": small.tobytes().hex()}


def differences(now: dict[str, Any], then: dict[str, Any]) -> list[str]:
    """What is not as it was, in words; empty where it is."""
    if now["width"] != then["width"]:
        return [f"{now['width']} px wide, not {then['width']}"]
    if abs(now["height"] - then["height"]) > MOST_HEIGHT * then["height"]:
        return [f"{now['height']} px high, not {then['height']}"]
    one, other = (
        np.frombuffer(bytes.fromhex(look["squares"]), np.uint8).reshape(-1, look["width"] // SQUARE, 3).astype(int)
        for look in (now, then)
    )
    rows = min(len(one), len(other))
    off = np.abs(one[:rows] - other[:rows]).max(axis=2) > LEVELS
    share = float(off.mean())
    return [f"{share:.1%} of the squares differ"] if share > MOST_SQUARES else []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_piece_looks_as_it_did(
    sample: Sample, signed_in: Any, people: Callable[..., Person], width: int, dark: bool
) -> None:
    ilze = people(sample.url, width=width, signed_in=signed_in)
    ilze.go("/dev/components?lang=en")
    ilze.see("components")
    ilze.page.emulate_media(color_scheme="dark" if dark else "light")
    shown = ilze.page.screenshot(full_page=True)
    ilze.keep_picture("components", dark=dark)
    name = f"components-{width}-{'dark' if dark else 'light'}"
    kept = json.loads(KEPT.read_text()) if KEPT.is_file() else {}
    if os.environ.get("TILLPAID_LOOKS") == "write":
        kept[name] = look_of(shown)
        KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    assert differences(look_of(shown), kept[name]) == []


def test_the_page_of_pieces_is_the_sample_studios_alone(sample: Sample, people: Callable[..., Person]) -> None:
    people(sample.url).go("/dev/components", status=404)


def test_the_comparison_sees_what_it_says() -> None:
    """A moved block, another colour and a longer page are seen; noise as of other fonts is not."""
    rng = np.random.default_rng(7)
    plain = np.full((960, 640, 3), 247, np.uint8)
    plain[100:300, 40:600] = (29, 92, 87)
    plain[400:700, 40:600] = 255

    def look(picture: Any) -> dict[str, Any]:
        file = io.BytesIO()
        Image.fromarray(picture.astype(np.uint8)).save(file, "PNG")
        return look_of(file.getvalue())

    noisy = np.clip(plain.astype(int) + rng.integers(-40, 41, plain.shape), 0, 255)
    assert differences(look(noisy), look(plain)) == []
    moved, pale = np.roll(plain, 64, axis=0), plain.copy()
    pale[100:300, 40:600] = (90, 150, 145)
    assert differences(look(moved), look(plain))
    assert differences(look(pale), look(plain))
    assert differences(look(np.vstack([plain, plain[:200]])), look(plain))
