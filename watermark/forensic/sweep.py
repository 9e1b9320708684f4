"""The lattice when none of its peaks shows by itself: every scale, small turn and small stretch, tried on all peaks at once.

At the edge of what can be decoded each repetition of the tile lifts the autocorrelation by about one deviation, so no
single peak can be picked, but their sum over a right lattice stands out by eight. The sum over a few near repetitions is
broad, so a coarse grid of lattices suffices; those that do best are moved to the summit of ever wider sums, and most of
them dropped on the way.
"""

import functools
import itertools

import cv2
import numpy as np
from numpy.typing import NDArray

from watermark.forensic.lattice import Lattice

SIDES = (36.0, 230.0)
"""The tile's sides that are tried, in pixels."""
TURN = np.radians(4.0)
STRETCH = 0.08
"""How far from upright and from square the coarse grid goes."""
STEP = 2.2
"""Distance of neighbouring lattices in the coarse grid, in pixels at two tiles' distance."""
STAGES = ((2, 0.6, 400), (3, 0.35, 100), (5, 0.25, 24), (9, 0.12, 12))
"""Repetitions summed, the moves tried in pixels of a tile's side, and how many lattices are kept before it."""
CAP = 6.0
"""No repetition counts for more deviations than this: a picture's own peaks are higher."""


def find(centred: NDArray[np.float32], shape: tuple[int, int], count: int, effort: float = 1.0) -> list[Lattice]:
    """The `count` best lattices in a window of the autocorrelation, zero shift in its middle, of a (h, w) picture.

    `effort`, up to 1, is how many of the lattices that are usually followed up are.
    """
    reach = centred.shape[0] // 2
    height, width = shape
    weight = _overlap(reach, height, width)
    flat = np.clip(centred, -CAP, CAP) * weight
    broad = cv2.GaussianBlur(flat, (0, 0), 1.0) * np.float32(3.0)
    bases = _grid(min(SIDES[1], reach / 1.05))
    scores = _sums(broad, weight, bases, 2)
    for rings, move, kept in STAGES:
        bases, scores = _best(bases, scores, max(count, round(effort * kept)))
        ground = broad if rings < 3 else flat if rings > 5 else cv2.GaussianBlur(flat, (0, 0), 0.6) * np.float32(1.8)
        moved = bases[:, None] + move * _moves()[None]
        found = _sums(ground, weight, moved.reshape(-1, 2, 2), rings).reshape(len(bases), -1)
        top = np.argmax(found, axis=1)
        bases, scores = moved[np.arange(len(bases)), top], found[np.arange(len(bases)), top]
    bases, scores = _best(bases, scores, count)
    return [Lattice(basis, float(score)) for basis, score in zip(bases, scores, strict=True)]


def _overlap(reach: int, height: int, width: int) -> NDArray[np.float32]:
    """How much of the picture overlaps itself at each shift: the height that a peak there can have."""
    shift = np.abs(np.arange(-reach, reach + 1, dtype=np.float32))
    down, across = (np.maximum(0.0, 1 - shift / length) for length in (height, width))
    return np.asarray(down[:, None] * across[None, :], np.float32)


@functools.lru_cache(maxsize=8)
def _grid(longest: float) -> NDArray[np.float64]:
    """Bases (n, 2, 2) of turned and stretched squares, no further apart than STEP at two tiles."""
    found = []
    side = SIDES[0]
    while side <= longest:
        step = STEP / (2 * side)
        turns, stretches = (
            np.arange(-np.ceil(m / step / 2), np.ceil(m / step / 2) + 1) * 2 * step for m in (TURN, STRETCH / 2)
        )
        turn, stretch = (x.ravel() for x in np.meshgrid(turns, stretches))
        c, s, a = np.cos(turn), np.sin(turn), np.exp(stretch)
        found.append(side * np.stack([np.stack([c * a, -s / a], -1), np.stack([s * a, c / a], -1)], axis=1))
        side *= 1 + step
    return np.concatenate(found)


@functools.cache
def _moves() -> NDArray[np.float64]:
    return np.array(list(itertools.product((-1.0, 0.0, 1.0), repeat=4))).reshape(-1, 2, 2)


def _sums(
    ground: NDArray[np.float32], weight: NDArray[np.float32], bases: NDArray[np.float64], rings: int
) -> NDArray[np.float32]:
    """For each basis the sum over its lattice points up to `rings` away, in deviations."""
    reach = ground.shape[0] // 2
    span = range(-rings, rings + 1)
    steps = np.array([(m, n) for m in span for n in span if (m, n) > (0, 0)], np.float32)
    places = np.rint(bases.astype(np.float32) @ steps.T).astype(np.int32)
    x, y = places[:, 0], places[:, 1]
    inside = (np.abs(x) <= reach) & (np.abs(y) <= reach)
    index = np.where(inside, (y + reach) * (2 * reach + 1) + x + reach, 0)
    values = np.where(inside, ground.ravel()[index], 0)
    energy = np.where(inside, np.square(weight).ravel()[index], 0)
    return np.asarray(values.sum(axis=1) / np.sqrt(energy.sum(axis=1) + 1e-6), np.float32)


def _best(
    bases: NDArray[np.float64], scores: NDArray[np.float32], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """The best, of near neighbours only one."""
    order = np.argsort(-scores)[: 6 * count]
    kept: list[int] = []
    near = np.empty((0, 4))
    for index in order:
        flat = bases[index].reshape(4)
        if not len(near) or np.abs(near - flat).max(axis=1).min() > 1.0:
            kept.append(int(index))
            near = np.vstack([near, flat])
            if len(kept) == count:
                break
    return bases[kept], scores[kept]
