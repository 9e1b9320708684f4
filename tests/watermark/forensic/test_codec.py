"""The forensic mark, end to end: what it survives, what it costs the eye, and that it stays silent otherwise."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from tests.watermark.forensic.pictures import KEY, PAYLOAD, Picture, jpeg, photograph, resized, turned
from watermark.forensic import codec

TRANSFORMS: dict[str, Callable[[Picture], Picture]] = {
    "untouched": lambda p: p,
    "jpeg 50": lambda p: jpeg(p, 50),
    "half size and jpeg 70": lambda p: jpeg(resized(p, 0.5), 70),
    "a quarter of it": lambda p: p[211:637, 333:973],
    "turned 2 degrees": lambda p: turned(p, 2),
    "turned a quarter": np.rot90,
    "mirrored": lambda p: p[:, ::-1],
    "5% narrower": lambda p: resized(p, 0.95, 1),
    "5% flatter": lambda p: resized(p, 1, 0.95),
    "grey": lambda p: np.repeat(p.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2),
    "trimmed, shrunk, jpeg 75": lambda p: jpeg(resized(p[9:-17, 21:-3], 0.8), 75),
}


@pytest.fixture(scope="module")
def cover() -> Picture:
    return photograph()


@pytest.fixture(scope="module")
def marked(cover: Picture) -> Picture:
    return codec.embed(cover, PAYLOAD, KEY)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_survives(marked: Picture, name: str) -> None:
    payload, confidence = codec.extract(np.ascontiguousarray(TRANSFORMS[name](marked)), KEY)
    assert payload == PAYLOAD
    assert confidence > 0.8


@pytest.mark.parametrize("size", [(700, 467), (1000, 667), (480, 320), (2048, 1365), (400, 1600)])
def test_reads_at_every_size_that_is_served(size: tuple[int, int]) -> None:
    marked = codec.embed(photograph(*size, seed=3), PAYLOAD, KEY)
    assert codec.extract(jpeg(marked, 80), KEY)[0] == PAYLOAD


@pytest.mark.parametrize("payload", [0, 1, (1 << 48) - 1])
def test_every_payload_fits(cover: Picture, payload: int) -> None:
    assert codec.extract(codec.embed(cover, payload, KEY), KEY)[0] == payload


def test_another_key_reads_nothing(marked: Picture) -> None:
    assert codec.extract(marked, b"another key") == (None, 0.0)


def test_the_right_key_is_found_among_several(marked: Picture) -> None:
    assert codec.extract_any(marked, [b"newer key", KEY])[0] == PAYLOAD


def test_an_unmarked_picture_reads_nothing(cover: Picture) -> None:
    assert codec.extract(cover, KEY) == (None, 0.0)


def test_the_mark_is_faint_and_leaves_the_cover_alone(cover: Picture) -> None:
    before = cover.copy()
    marked = codec.embed(cover, PAYLOAD, KEY)
    assert np.array_equal(cover, before)
    error = np.mean((marked.astype(np.float64) - cover) ** 2)
    assert 10 * np.log10(255**2 / error) > 44


def test_a_flat_area_never_changes_by_more_than_two_levels() -> None:
    flat = np.full((600, 800, 3), 128, np.uint8)
    change = codec.embed(flat, PAYLOAD, KEY).astype(int) - 128
    assert np.abs(change).max() <= 2
    assert np.sqrt(np.mean(change**2)) < 0.8


def test_the_same_in_gives_the_same_out(cover: Picture, marked: Picture) -> None:
    assert np.array_equal(codec.embed(cover, PAYLOAD, KEY), marked)
    assert codec.extract(marked, KEY) == codec.extract(marked, KEY)


def test_verify_reads_back_what_was_encoded(marked: Picture) -> None:
    seen = jpeg(marked, 82)
    assert codec.verify(seen, PAYLOAD, KEY)
    assert not codec.verify(seen, PAYLOAD ^ 1, KEY)
    assert not codec.verify(seen, PAYLOAD, b"another key")


def test_verify_refuses_an_unmarked_picture(cover: Picture) -> None:
    assert not codec.verify(cover, PAYLOAD, KEY)


def test_the_deadline_is_kept(cover: Picture) -> None:
    start = time.monotonic()
    assert codec.extract(cover, KEY, deadline=0.05) == (None, 0.0)
    assert time.monotonic() - start < 5


def test_the_default_is_a_codec(cover: Picture) -> None:
    default: codec.Codec = codec.DEFAULT
    assert default.payload_bits == codec.PAYLOAD_BITS == 48
    assert default.verify(default.embed(cover, 7, KEY), 7, KEY)
