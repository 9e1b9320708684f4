"""Anything at all ends with an answer or a clear error."""

import numpy as np
import pytest

from tests.watermark.forensic.pictures import KEY, PAYLOAD, photograph
from watermark.errors import WatermarkError
from watermark.forensic import codec
from watermark.forensic.errors import NotAPayload, NotAPicture, TooSmall

ODD_SIZES = [(1, 1), (16, 16), (10_000, 1), (1, 10_000), (40, 3000), (100, 100), (130, 131)]


@pytest.mark.parametrize("size", ODD_SIZES)
@pytest.mark.parametrize("value", [0, 255, None])
def test_a_small_picture_reads_nothing_and_is_refused(size: tuple[int, int], value: int | None) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (*size, 3), dtype=np.uint8)
    picture = noise if value is None else np.full_like(noise, value)
    assert codec.extract(picture, KEY, deadline=5) == (None, 0.0)
    assert not codec.carries(size[1], size[0])
    assert not codec.verify(picture, PAYLOAD, KEY)
    with pytest.raises(TooSmall, match="too small"):
        codec.embed(picture, PAYLOAD, KEY)


@pytest.mark.parametrize("value", [0, 255])
def test_a_flat_picture_reads_nothing(value: int) -> None:
    assert codec.extract(np.full((700, 900, 3), value, np.uint8), KEY) == (None, 0.0)


def test_stripes_and_checks_read_nothing() -> None:
    rows, columns = np.mgrid[:600, :900]
    for pattern in (rows // 8 % 2, (rows // 65 + columns // 65) % 2, (columns % 131 < 40) & (rows % 131 < 40)):
        picture = np.repeat((pattern * 255).astype(np.uint8)[:, :, None], 3, axis=2)
        assert codec.extract(picture, KEY) == (None, 0.0)


def test_grey_and_transparent_pictures_are_read() -> None:
    marked = codec.embed(photograph(900, 600), PAYLOAD, KEY)
    assert codec.extract(marked[:, :, 1], KEY)[0] == PAYLOAD
    assert codec.extract(marked[:, :, 1:2], KEY)[0] == PAYLOAD
    clear = np.dstack([marked, np.zeros(marked.shape[:2], np.uint8)])
    assert codec.extract(clear, KEY)[0] == PAYLOAD


def test_a_huge_picture_is_shrunk_first() -> None:
    marked = codec.embed(photograph(1500, 1000), PAYLOAD, KEY)
    huge = np.repeat(np.repeat(marked, 4, axis=0), 4, axis=1)
    assert codec.extract(huge, KEY)[0] == PAYLOAD


@pytest.mark.parametrize(
    "thing",
    [
        None,
        "a picture",
        np.zeros((0, 5, 3), np.uint8),
        np.zeros((64, 64, 2), np.uint8),
        np.zeros((4, 64, 64, 3), np.uint8),
        np.zeros((64, 64, 3), np.uint16),
        np.zeros((64, 64, 3), np.float32),
    ],
)
def test_what_is_no_picture_is_refused(thing: object) -> None:
    for act in (
        lambda: codec.extract(thing, KEY),  # type: ignore[arg-type]
        lambda: codec.embed(thing, PAYLOAD, KEY),  # type: ignore[arg-type]
        lambda: codec.verify(thing, PAYLOAD, KEY),  # type: ignore[arg-type]
    ):
        with pytest.raises(NotAPicture):
            act()


@pytest.mark.parametrize("payload", [-1, 1 << 48])
def test_a_payload_that_does_not_fit_is_refused(payload: int) -> None:
    with pytest.raises(NotAPayload):
        codec.embed(photograph(400, 300), payload, KEY)
    assert issubclass(NotAPayload, WatermarkError)


def test_a_grey_cover_is_refused() -> None:
    with pytest.raises(NotAPicture):
        codec.embed(np.zeros((600, 800), np.uint8), PAYLOAD, KEY)


@pytest.mark.parametrize("deadline", [0.0, 0.2])
def test_a_huge_noisy_picture_ends_by_its_deadline(deadline: float) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (5000, 6000, 3), dtype=np.uint8)
    assert codec.extract(noise, KEY, deadline=deadline) == (None, 0.0)


def test_odd_memory_is_read_as_any() -> None:
    marked = codec.embed(photograph(900, 600), PAYLOAD, KEY)
    backwards = np.ascontiguousarray(marked[::-1, ::-1])[::-1, ::-1]
    upright = np.asfortranarray(marked)
    marked.setflags(write=False)
    for picture in (backwards, upright, marked):
        assert codec.extract(picture, KEY)[0] == PAYLOAD
        assert codec.verify(picture, PAYLOAD, KEY)


@pytest.mark.parametrize("thing", [np.zeros((64, 64), bool), np.zeros((64, 64), object), np.uint8(3), [[1, 2], [3, 4]]])
def test_arrays_of_other_things_are_refused(thing: object) -> None:
    with pytest.raises(NotAPicture):
        codec.extract(thing, KEY)  # type: ignore[arg-type]
