"""What stands in a picture's place until it has come: some twenty bytes, from marked pixels alone."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.watermark.conftest import Run, corners, pixels, saved
from tests.watermark.test_only_pixels import JPEG
from watermark import RenderStopped
from watermark.answers import read_renditions
from watermark.limits import SIZES
from watermark.steps.blur import thumbhash


def _mean_light(hashed: str) -> float:
    """0 to 255, as the first six bits of a ThumbHash say it."""
    return (base64.b64decode(hashed)[0] & 63) / 63 * 255


def test_it_is_of_the_marked_picture_and_not_of_the_clean_one(ingested: Run) -> None:
    _, (page,) = ingested(saved(corners(900, 600), "PNG"))
    clean, marked = pixels(page.proof), pixels(page.renditions[480])
    assert page.blur != thumbhash(clean)
    seen, own = base64.b64decode(page.blur), base64.b64decode(thumbhash(marked))
    nibbles = [
        (one >> shift & 15) - (other >> shift & 15) for one, other in zip(seen, own, strict=True) for shift in (0, 4)
    ]
    assert np.mean(np.abs(nibbles[10:])) <= 1, "the encoded picture is the same but for its compression"


@pytest.mark.parametrize("size", [(1, 1), (1, 480), (480, 1), (2, 3), (97, 96), (480, 320), (320, 480), (480, 480)])
@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255)])
def test_any_shape_and_colour_is_a_few_bytes(size: tuple[int, int], colour: tuple[int, int, int]) -> None:
    hashed = thumbhash(np.asarray(Image.new("RGB", size, colour)))
    assert 5 <= len(base64.b64decode(hashed, validate=True)) <= 25
    assert abs(_mean_light(hashed) - sum(colour) / 3) <= 3


def test_noise_is_no_more() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (320, 480, 3), dtype=np.uint8)
    assert len(base64.b64decode(thumbhash(noise))) <= 25


@pytest.mark.parametrize("told", [None, "", 7, "a", "A" * 60, "AAAA<b>AAAA", '"onload=alert(1)', ["AAAAAAAA"]])
def test_a_child_smuggles_nothing_in_its_place(told: Any) -> None:
    with pytest.raises(RenderStopped):
        read_renditions({"sizes": list(SIZES), "blur": told}, [JPEG] * len(SIZES))
    read_renditions({"sizes": list(SIZES), "blur": "48YJJYSHiIh/iIeHdwd4eod2cKgH"}, [JPEG] * len(SIZES))
