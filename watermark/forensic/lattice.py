"""From the autocorrelation's peaks to the tile's lattice: scale, rotation, aspect and shear at once.

A repeated tile repeats in the autocorrelation at every lattice vector (Kutter, "Watermarking resisting to translation,
rotation and scaling", SPIE 3528, 1998; Deguillaume, Voloshynovskiy and Pun, "Method for the estimation and recovering
from general affine transforms", SPIE 4675, 2002). Any two short peaks that are near enough to a square make a
hypothesis; it is scored on all its lattice points and fitted to them by least squares.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

SHORTEST = 30.0
LONGEST = 420.0
PEAKS = 72
BLOCK_DISCOUNT = 0.3
"""What a peak at whole multiples of JPEG's 8 pixels is worth: most are the blocks' own."""
SQUARE_ANGLE = np.sin(np.radians(9.0))
SQUARE_RATIO = 1.2


@dataclass(frozen=True)
class Lattice:
    """Tile sides as columns of `basis` (pixels; x, y), and the summed evidence in standard deviations."""

    basis: NDArray[np.float64]
    score: float


def find(centred: NDArray[np.float32], reach: int, count: int) -> list[Lattice]:
    """The `count` best lattices in a window of the autocorrelation, zero shift in its middle."""
    peaks = _peaks(centred, reach)
    hypotheses = _pairs(peaks) + _squares(peaks)
    scored = sorted((Lattice(b, _score(centred, b, reach)) for b in hypotheses), key=lambda x: -x.score)
    kept: list[Lattice] = []
    for lattice in scored[: 6 * count]:
        basis = _fit(centred, lattice.basis, reach)
        if all(np.abs(basis - other.basis).max() > 1.5 for other in kept):
            kept.append(Lattice(basis, _score(centred, basis, reach)))
        if len(kept) == count:
            break
    return sorted(kept, key=lambda x: -x.score)


def window(auto: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Shifts up to `reach` each way, of an autocorrelation whose zero shift is at [0, 0]."""
    index = np.arange(-reach, reach + 1)
    return np.ascontiguousarray(auto[np.ix_(index % auto.shape[0], index % auto.shape[1])])


def _peaks(centred: NDArray[np.float32], reach: int) -> NDArray[np.float64]:
    """The strongest local maxima in the right half plane, (n, 2) as x, y."""
    top = cv2.dilate(centred, np.ones((5, 5), np.uint8))
    y, x = np.nonzero((centred >= top) & (centred > 3.5))
    dx, dy = x - reach, y - reach
    length = np.hypot(dx, dy)
    good = (length > SHORTEST) & (length < LONGEST) & ((dx > 0) | ((dx == 0) & (dy > 0)))
    y, x = y[good], x[good]
    on_blocks = ((x - reach) % 8 == 0) & ((y - reach) % 8 == 0)
    order = np.argsort(-centred[y, x] * np.where(on_blocks, BLOCK_DISCOUNT, 1.0))[:PEAKS]
    return np.array(
        [_subpixel(centred, int(a), int(b), reach) for a, b in zip(x[order], y[order], strict=True)]
    ).reshape(-1, 2)


def _subpixel(centred: NDArray[np.float32], x: int, y: int, reach: int) -> tuple[float, float]:
    if not (0 < x < 2 * reach and 0 < y < 2 * reach):
        return float(x - reach), float(y - reach)
    row, column = centred[y, x - 1 : x + 2], centred[y - 1 : y + 2, x]
    return x - reach + _vertex(row), y - reach + _vertex(column)


def _vertex(three: NDArray[np.float32]) -> float:
    curve = float(three[0] - 2 * three[1] + three[2])
    return 0.0 if curve >= 0 else float(np.clip(0.5 * float(three[0] - three[2]) / curve, -0.5, 0.5))


def _pairs(peaks: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Every two peaks that are near enough to a square's sides."""
    first, second = np.triu_indices(len(peaks), 1)
    lengths = np.hypot(peaks[:, 0], peaks[:, 1])
    a, b = lengths[first], lengths[second]
    square = (np.maximum(a, b) <= SQUARE_RATIO * np.minimum(a, b)) & (
        np.abs(np.sum(peaks[first] * peaks[second], axis=1)) <= SQUARE_ANGLE * a * b
    )
    sides = np.stack([peaks[first[square]], peaks[second[square]]], axis=2)
    return [_upright(basis) for basis in sides]


def _squares(peaks: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Squares on one peak alone, as its side or its diagonal, for when the other side's peak drowned."""
    found = []
    for u in peaks[:12]:
        across = np.array([-u[1], u[0]])
        found.append(_upright(np.stack([u, across], axis=1)))
        found.append(_upright(np.stack([(u + across) / 2, (u - across) / 2], axis=1)))
    return found


def _upright(basis: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same lattice with its first side nearest to +x and a positive determinant."""
    u, v = basis[:, 0], basis[:, 1]
    if abs(u[0]) < abs(v[0]):
        u, v = v, u
    u = u if u[0] >= 0 else -u
    v = v if u[0] * v[1] - u[1] * v[0] >= 0 else -v
    return np.stack([u, v], axis=1)


def _points(basis: NDArray[np.float64], reach: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lattice coefficients (n, 2) of one half plane and their pixels (n, 2), zero left out, inside the window."""
    m, n = np.meshgrid(np.arange(-6, 7), np.arange(-6, 7))
    steps = np.stack([m.ravel(), n.ravel()], axis=1).astype(np.float64)
    steps = steps[(steps[:, 0] > 0) | ((steps[:, 0] == 0) & (steps[:, 1] > 0))]
    places = steps @ basis.T
    inside = (np.abs(places) < reach - 3).all(axis=1)
    return steps[inside], places[inside]


def _score(centred: NDArray[np.float32], basis: NDArray[np.float64], reach: int) -> float:
    _, places = _points(basis, reach)
    if not len(places):
        return 0.0
    around = np.round(places).astype(np.intp) + reach
    values = np.max([centred[around[:, 1] + dy, around[:, 0] + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1)], axis=0)
    return float(np.sum(np.minimum(values, 20.0) - 1.5) / np.sqrt(len(places)))


def _fit(centred: NDArray[np.float32], basis: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Weighted least squares of the basis on the peaks near its lattice points, from the nearest outwards."""
    for rings in (1, 2, 3, 4, 6):
        steps, places = _points(basis, reach)
        near = np.abs(steps).max(axis=1) <= rings
        rows, targets, weights = [], [], []
        for step, place in zip(steps[near], places[near], strict=True):
            found = _summit(centred, place, reach)
            if found is not None:
                rows.append(step)
                targets.append(found[0])
                weights.append(found[1])
        if len(rows) < 2 or np.linalg.matrix_rank(np.array(rows)) < 2:
            continue
        scale = np.sqrt(np.array(weights))[:, None]
        solved = np.linalg.lstsq(np.array(rows) * scale, np.array(targets) * scale, rcond=None)[0]
        basis = np.asarray(solved.T, np.float64)
    return basis


def _summit(
    centred: NDArray[np.float32], place: NDArray[np.float64], reach: int
) -> tuple[tuple[float, float], float] | None:
    x, y = (round(float(p)) + reach for p in place)
    patch = centred[y - 2 : y + 3, x - 2 : x + 3]
    if patch.shape != (5, 5):
        return None
    dy, dx = np.unravel_index(int(np.argmax(patch)), patch.shape)
    value = float(patch[dy, dx])
    if value < 4.0:
        return None
    return _subpixel(centred, x + int(dx) - 2, y + int(dy) - 2, reach), min(value, 30.0)
