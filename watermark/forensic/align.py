"""Sharpening a rough lattice with the key: the pilot, followed from tile to tile.

An autocorrelation's peak is a pixel or so wide, which is too coarse for a small picture with few repetitions. Here every tile
is correlated with the pilot by itself, and the small change of the tile's two sides that lets all of them agree is
searched, coarse to fine, for all eight orientations. The change is taken as a shift of each whole tile, in proportion
to its place in the grid.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watermark.forensic import chips, fold

COARSE_GRID = 40
"""Shifts tried a tile side at first, to save time; fold.GRID after that."""
REACH = 1.4
"""How far, in samples, the outermost tile is shifted by one coarse step: less than a chip."""
Steps = tuple[float, float, float, float]


@dataclass(frozen=True)
class Alignment:
    """The sharpened basis, and how far the pilot stands out on it, in standard deviations."""

    basis: NDArray[np.float64]
    score: float


def sharpen(picture: NDArray[np.float32], basis: NDArray[np.float64], key: bytes) -> Alignment:
    """The basis near `basis` on which the pilot stands out most."""
    stack = fold.tiles(picture, basis)
    places = [_centred(n) for n in stack.shape[:2]]
    steps = [min(1.0, REACH / max(1.0, float(p[-1]))) for p in places]
    k = np.fft.fftfreq(chips.SIDE, 1 / chips.SIDE).astype(np.intp)
    spectra = np.fft.rfft2(stack)[:, :, k, : chips.SIDE // 2].astype(np.complex64)
    best: Steps = (0.0, 0.0, 0.0, 0.0)
    best_score, best_orientation = 0.0, 0
    orientations = range(8)
    for grid in (COARSE_GRID, fold.GRID, fold.GRID):
        best_score = 0.0
        changes = _changes(best, steps)
        sums = _shifted_sums(spectra, places, changes, k)
        for orientation in orientations:
            scores = _pilot_scores(sums, key, orientation, grid)
            top = int(np.argmax(scores))
            if scores[top] > best_score:
                best, best_score, best_orientation = changes[top], float(scores[top]), orientation
        orientations = range(best_orientation, best_orientation + 1)
        steps = [s / 2 for s in steps]
    side = np.array([[best[0], best[2]], [best[1], best[3]]])
    return Alignment(basis + basis @ side / fold.GRID, best_score)


def _centred(count: int) -> NDArray[np.float32]:
    return np.arange(count, dtype=np.float32) - np.float32((count - 1) / 2)


def _changes(around: Steps, steps: list[float]) -> list[Steps]:
    """All 81 neighbours: shifts in samples a tile, (x and y along the first side, x and y along the second)."""
    down, along = steps
    grid = itertools.product((-along, 0.0, along), (-along, 0.0, along), (-down, 0.0, down), (-down, 0.0, down))
    return [(around[0] + a, around[1] + b, around[2] + c, around[3] + d) for a, b, c, d in grid]


def _shifted_sums(
    spectra: NDArray[np.complex64], places: list[NDArray[np.float32]], changes: list[Steps], k: NDArray[np.intp]
) -> NDArray[np.complex64]:
    """Spectra (rows, columns, SIDE, SIDE / 2) of all tiles summed after each change: (changes, SIDE, SIDE / 2)."""
    rows, columns = places
    half = k[: chips.SIDE // 2]
    firsts = list(dict.fromkeys(change[:2] for change in changes))
    row_sums = {}
    for x, y in firsts:
        turns = _turns(columns, x, half)[:, None, :] * _turns(columns, y, k)[:, :, None]
        row_sums[x, y] = np.einsum("rcij,cij->rij", spectra, turns)
    out = np.empty((len(changes), chips.SIDE, chips.SIDE // 2), np.complex64)
    for index, (a, b, x, y) in enumerate(changes):
        turns = _turns(rows, x, half)[:, None, :] * _turns(rows, y, k)[:, :, None]
        out[index] = np.einsum("rij,rij->ij", row_sums[a, b], turns)
    return out


def _turns(places: NDArray[np.float32], shift: float, k: NDArray[np.intp]) -> NDArray[np.complex64]:
    """Phase factors (tiles, SIDE) that move tile `place` by `place * shift` samples."""
    return np.asarray(np.exp(2j * np.pi / fold.GRID * shift * places[:, None] * k[None, :]), np.complex64)


def _pilot_scores(sums: NDArray[np.complex64], key: bytes, orientation: int, grid: int) -> NDArray[np.float64]:
    pilot = fold.turned_pilot(key, orientation)
    k = np.fft.fftfreq(chips.SIDE, 1 / chips.SIDE).astype(np.intp)
    product = np.zeros((len(sums), grid, grid // 2 + 1), np.complex64)
    product[:, k, : chips.SIDE // 2] = sums * pilot[:, : chips.SIDE // 2].conj()
    match = np.fft.irfft2(product, (grid, grid))
    return np.asarray(match.max(axis=(1, 2)) / (match.std(axis=(1, 2)) + 1e-12), np.float64)
