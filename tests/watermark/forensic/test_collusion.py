"""Two links' copies mixed into one name a true colluder or nobody."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.watermark.forensic.pictures import KEY, Picture, jpeg, photograph
from watermark.forensic import chips, codec, convolution

FIRST, SECOND = 0x0123_4567_89AB, 0xFEDC_0000_1112


def _checks(first: Picture, second: Picture) -> Picture:
    rows, columns = np.indices(first.shape[:2])
    return np.where(((rows // 60 + columns // 60) % 2 == 0)[:, :, None], first, second)


MIXES: dict[str, Callable[[Picture, Picture], Picture]] = {
    "mean": lambda a, b: ((a.astype(np.uint16) + b) // 2).astype(np.uint8),
    "minimum": np.minimum,
    "maximum": np.maximum,
    "patches": _checks,
    "mean and jpeg": lambda a, b: jpeg(((a.astype(np.uint16) + b) // 2).astype(np.uint8), 75),
}


@pytest.mark.parametrize("name", MIXES)
def test_two_copies_of_different_layers_name_colluders(name: str) -> None:
    assert chips.layer_of(KEY, FIRST) != chips.layer_of(KEY, SECOND)
    cover = photograph(1000, 667, seed=9)
    mixed = MIXES[name](codec.embed(cover, FIRST, KEY), codec.embed(cover, SECOND, KEY))
    named = {payload for payload, _ in codec.extract_all(mixed, KEY)}
    assert named
    assert named <= {FIRST, SECOND}


def test_hundreds_of_mixed_tiles_never_name_an_innocent() -> None:
    """The decoder alone, on noiseless halves of two payloads' chips in one layer: the hardest case to refuse."""
    chance = np.random.default_rng(4)
    pairs = [tuple(int(n) for n in chance.integers(0, 1 << 48, 2)) for _ in range(200)]
    mixed = np.stack([chips.cells(KEY, a) + chips.cells(KEY, b) for a, b in pairs])
    soft = np.stack([chips.soft_symbols(KEY, tile.astype(np.float32)) for tile in mixed])
    decoded, _ = convolution.decode(soft.reshape(-1, chips.SYMBOLS))
    for (first, second), bits in zip(pairs, decoded.reshape(-1, chips.LAYERS, chips.MESSAGE_BITS), strict=True):
        named = {chips.payload_in(KEY, bits[layer], layer) for layer in range(chips.LAYERS)} - {None}
        assert named <= {first, second}
