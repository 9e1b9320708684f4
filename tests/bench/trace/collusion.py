"""Two links' copies of one picture made into one, as those who hold both could."""

import io
from collections.abc import Callable
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
Mix = Callable[[Picture, Picture, Random], Picture]


def _mean(first: Picture, second: Picture, chance: Random) -> Picture:
    return ((first.astype(np.uint16) + second + 1) // 2).astype(np.uint8)


def _patches(side: int) -> Mix:
    def mix(first: Picture, second: Picture, chance: Random) -> Picture:
        height, width = first.shape[:2]
        grid = np.add.outer(np.arange(height) // side, np.arange(width) // side) % 2 == 0
        return np.where(grid[:, :, None], first, second)

    return mix


def _pixels(first: Picture, second: Picture, chance: Random) -> Picture:
    pick = np.random.default_rng(chance.randrange(2**31)).random(first.shape[:2]) < 0.5
    return np.where(pick[:, :, None], first, second)


def _rows(first: Picture, second: Picture, chance: Random) -> Picture:
    return np.where((np.arange(first.shape[0]) % 2 == 0)[:, None, None], first, second)


def _halves(first: Picture, second: Picture, chance: Random) -> Picture:
    cut = chance.randrange(first.shape[1] // 4, 3 * first.shape[1] // 4)
    return np.concatenate([first[:, :cut], second[:, cut:]], axis=1)


def _mean_in_jpeg(first: Picture, second: Picture, chance: Random) -> Picture:
    buffer = io.BytesIO()
    Image.fromarray(_mean(first, second, chance)).save(buffer, "JPEG", quality=75)
    return np.asarray(Image.open(buffer).convert("RGB"))


MIXES: dict[str, Mix] = {
    "mean": _mean,
    "minimum": lambda first, second, chance: np.minimum(first, second),
    "maximum": lambda first, second, chance: np.maximum(first, second),
    "pixel by pixel": _pixels,
    "row by row": _rows,
    "patches of 8": _patches(8),
    "patches of 100": _patches(100),
    "halves": _halves,
    "mean, jpeg 75": _mean_in_jpeg,
}
"""The median of two copies is their mean, so it has no row of its own."""


def mixed(name: str, copies: list[Picture], chance: Random) -> Picture:
    """One picture of the two copies."""
    first, second = copies
    return MIXES[name](first, second, chance)
