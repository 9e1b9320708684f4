"""Laying every repetition of the tile on one, and finding the pilot in it."""

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from watermark.forensic import chips

GRID = 2 * chips.SIDE
"""Samples along the side of a folded tile: two a chip."""


@dataclass(frozen=True)
class Landing:
    """Where the pilot lies in a folded tile: which of 8 orientations, which shift (rows, columns, in samples), and how far above the noise."""

    orientation: int
    shift: tuple[float, float]
    score: float


def fold(picture: NDArray[np.float32], basis: NDArray[np.float64]) -> NDArray[np.float32]:
    """Sum a whitened picture (h, w) over the lattice: `basis` columns are the tile's sides in pixels (x, y).

    Returns (GRID, GRID); the first axis runs along the second basis vector.
    """
    return np.asarray(tiles(picture, basis).sum(axis=(0, 1)), np.float32)


def tiles(picture: NDArray[np.float32], basis: NDArray[np.float64]) -> NDArray[np.float32]:
    """The picture cut along the lattice: (rows, columns, GRID, GRID), zero outside the picture."""
    height, width = picture.shape
    corners = np.array([[0, width, 0, width], [0, 0, height, height]], np.float64)
    reach = np.linalg.inv(basis) @ corners
    low = np.floor(reach.min(axis=1))
    columns, rows = (int(n) for n in np.ceil(reach.max(axis=1)) - low)
    step = basis / GRID
    matrix = np.hstack([step, (basis @ low)[:, None]])
    scale = float(np.sqrt(abs(np.linalg.det(step))))
    source = cv2.GaussianBlur(picture, (0, 0), 0.45 * scale) if scale > 1.2 else picture
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    flat = cv2.warpAffine(source, matrix, (columns * GRID, rows * GRID), flags=flags)
    return np.asarray(flat.reshape(rows, GRID, columns, GRID).swapaxes(1, 2), np.float32)


@functools.lru_cache(maxsize=64)
def turned_pilot(key: bytes, orientation: int) -> NDArray[np.complex64]:
    """The pilot's harmonics (SIDE, SIDE) as they appear in a tile that `oriented` would set upright."""
    drawn = chips.draw(chips.sheet(key).pilot.reshape(chips.SIDE, chips.SIDE), GRID)
    flipped = drawn[:, ::-1] if orientation >= 4 else drawn
    turned = np.rot90(flipped, -(orientation % 4))
    k = np.fft.fftfreq(chips.SIDE, 1 / chips.SIDE).astype(np.intp)
    return np.asarray(np.fft.fft2(turned)[np.ix_(k, k)], np.complex64)


def oriented(tile: NDArray[np.float32], orientation: int) -> NDArray[np.float32]:
    """One of the 8 symmetries of the square: quarter turns 0..3, then the same mirrored."""
    turned = np.rot90(tile, orientation % 4)
    return np.ascontiguousarray(turned[:, ::-1] if orientation >= 4 else turned)


def find_pilot(tile: NDArray[np.float32], key: bytes) -> list[Landing]:
    """The best landing of each orientation, strongest first; scores are in standard deviations."""
    pilot = chips.resized(chips.spectrum(chips.sheet(key).pilot.reshape(chips.SIDE, chips.SIDE)), GRID)
    half = pilot[:, : GRID // 2 + 1].conj()
    found = []
    for orientation in range(8):
        match = np.fft.irfft2(np.fft.rfft2(oriented(tile, orientation)) * half, (GRID, GRID))
        y, x = (int(n) for n in np.unravel_index(int(np.argmax(match)), match.shape))
        shift = (y + _vertex(match[:, x], y), x + _vertex(match[y], x))
        found.append(Landing(orientation, shift, float(match[y, x] / (match.std() + 1e-12))))
    return sorted(found, key=lambda landing: -landing.score)


def _vertex(line: NDArray[np.float64], top: int) -> float:
    """The summit's offset from sample `top` of a circular line, by a parabola."""
    before, here, after = (float(line[(top + d) % line.size]) for d in (-1, 0, 1))
    curve = before - 2 * here + after
    return 0.0 if curve >= 0 else float(np.clip(0.5 * (before - after) / curve, -0.5, 0.5))


def soft_chips(tile: NDArray[np.float32], landing: Landing) -> NDArray[np.float32]:
    """The matched filter's output at the chips (SIDE, SIDE), root mean square 1."""
    k = np.fft.fftfreq(chips.SIDE, 1 / chips.SIDE).astype(np.intp)
    spectrum = np.fft.fft2(oriented(tile, landing.orientation))[np.ix_(k, k)]
    y, x = landing.shift
    turn = np.exp(2j * np.pi / GRID * (k[:, None] * y + k[None, :] * x))
    soft = np.fft.ifft2(spectrum * turn * chips.pulse()).real
    return np.asarray(soft / (np.sqrt(np.mean(soft**2)) + 1e-12), np.float32)
