"""JPEG XL through ffmpeg: seen, in the right colours, and a card where it can't be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.samples.jpeg_xl import GOOD, LOSSLESS, boxed, jpeg_xl
from tests.samples.scene import scene
from tests.watermark.conftest import FAKE, pixels
from tests.watermark.test_colour import BAR, converted, difference, named_colours
from tests.watermark.test_formats import likeness
from tests.watermark.test_moving import parts_of
from tests.watermark.test_pictures import wide_gamut
from watermark import Limits, Sandbox

DEEP = "-pix_fmt rgb48le -distance 0.5"
NAMED_P3 = "-vf setparams=color_primaries=smpte432:color_trc=iec61966-2-1 -distance 0"


@pytest.mark.parametrize(("options", "least"), [(GOOD, 0.97), (LOSSLESS, 0.98), (DEEP, 0.97)])
@pytest.mark.parametrize("packed", [bytes, boxed], ids=["bare", "in its container"])
def test_it_is_told_by_content_and_seen(
    sandbox: Sandbox, tmp_path: Path, options: str, least: float, packed: Callable[[bytes], bytes]
) -> None:
    header, (page,), clips = parts_of(sandbox, packed(jpeg_xl(options)), tmp_path)
    assert (header.kind, header.media_type, header.width, header.height) == ("picture", "image/jxl", 480, 320)
    assert (header.reason, header.notes, clips) == (None, (), [])
    assert likeness(page.proof, scene()) > least


def test_what_shows_through_lies_on_the_neutral_ground(sandbox: Sandbox, tmp_path: Path) -> None:
    _, (page,), _ = parts_of(sandbox, jpeg_xl(LOSSLESS, alpha=True), tmp_path)
    shown, top = pixels(page.proof).astype(int), scene().astype(int)
    assert np.ptp(shown[2:6].reshape(-1, 3), axis=0).max() < 12, "the first rows are clear"
    assert np.abs(shown[-6:-2] - top[-6:-2]).mean() < 8, "the last ones are not"


@pytest.mark.parametrize("options", [LOSSLESS, GOOD])
def test_a_profile_is_followed(sandbox: Sandbox, tmp_path: Path, options: str) -> None:
    _, (page,), _ = parts_of(sandbox, jpeg_xl(options, wide_gamut()), tmp_path)
    reference = converted(Image.fromarray(scene()), wide_gamut())
    found = difference(pixels(page.proof), reference)
    print(f"JPEG XL, P3 by a profile, {options}: mean dE2000 {found:.2f}")
    assert found < BAR < difference(scene(), reference)


def test_colours_told_by_name_are_followed(sandbox: Sandbox, tmp_path: Path) -> None:
    _, (page,), _ = parts_of(sandbox, jpeg_xl(NAMED_P3), tmp_path)
    shown = pixels(page.proof)
    reference = named_colours(scene(), 12)
    found = difference(shown, reference)
    print(f"JPEG XL, P3 by name: mean dE2000 {found:.2f}")
    assert found < BAR < difference(scene(), reference)


def test_a_broken_one_is_a_card(sandbox: Sandbox, tmp_path: Path) -> None:
    for content in (jpeg_xl()[:2000], jpeg_xl()[:20], b"\xff\x0a" + bytes(100)):
        header, pages, clips = parts_of(sandbox, content, tmp_path)
        assert (header.kind, header.reason, header.media_type) == ("card", "corrupt", "image/jxl")
        assert pages == clips == []


def test_one_beyond_the_limit_is_a_card(tmp_path: Path) -> None:
    with Sandbox(Limits(raster_pixels=100_000), marker=FAKE) as box:
        assert parts_of(box, jpeg_xl(), tmp_path)[0].reason == "too_many_pixels"


def test_without_ffmpeg_it_is_a_card_that_says_so(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = jpeg_xl()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert parts_of(sandbox, content, tmp_path)[0].reason == "program_missing"
