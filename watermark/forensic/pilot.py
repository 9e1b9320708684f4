"""How far the pilot stands out on a lattice, for many lattices at once, straight from the picture's spectrum.

A lattice's folded tile has its harmonics where the picture's spectrum has those frequencies: reading a few hundred places
there costs a hundredth of folding the picture. Between the spectrum's samples it is interpolated in a straight line, which
weighs the picture's middle somewhat above its edges; good enough to choose by, though not to decode.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from watermark.forensic import chips, fold
from watermark.forensic.whiten import Whitened

GRID = chips.SIDE
"""Shifts tried a tile side: one a chip."""
REACH = 1.4
"""How far, in half chips, the picture's edge is moved by one step of `sharpen`."""


def scores(white: Whitened, bases: NDArray[np.float64], key: bytes) -> NDArray[np.float32]:
    """The pilot's standing out on each basis (n, 2, 2), the best of 8 orientations, in deviations: (n,)."""
    best = np.zeros(len(bases), np.float32)
    for start in range(0, len(bases), 128):
        part = slice(start, start + 128)
        best[part] = _scores(_harmonics(white, bases[part]), key, range(8)).max(axis=1)
    return best


def sharpen(white: Whitened, basis: NDArray[np.float64], key: bytes) -> tuple[NDArray[np.float64], float]:
    """The basis near this one on which the pilot stands out most, and how far in deviations.

    An autocorrelation's peak is a pixel or so wide, which is too coarse for a small picture with few repetitions.
    """
    height, width = white.picture.shape
    step = np.abs(basis).max() / chips.SIDE * REACH / 2
    tiles = np.maximum(1.0, np.array([width / 2, height / 2]) / np.linalg.norm(basis, axis=0))
    orientations, best = range(8), 0.0
    for turn in range(3):
        moved = basis + 0.5**turn * step / tiles * _moves()
        found = _scores(_harmonics(white, moved), key, orientations)
        top, orientation = (int(n) for n in np.unravel_index(int(np.argmax(found)), found.shape))
        basis, best = moved[top], float(found[top, orientation])
        orientations = range(orientations[orientation], orientations[orientation] + 1)
    return basis, best


@functools.cache
def _moves() -> NDArray[np.float64]:
    """All 81 small changes of a basis, in steps."""
    steps = np.meshgrid(*[np.array([-1.0, 0.0, 1.0])] * 4, indexing="ij")
    return np.stack(steps, axis=-1).reshape(-1, 2, 2)


@functools.cache
def _places() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns (ky, kx) of the harmonics that carry the mark, in the half with kx >= 0."""
    ky, kx = np.nonzero(chips.pulse()[:, : chips.SIDE // 2])
    return np.where(ky < chips.SIDE // 2, ky, ky - chips.SIDE), kx


def _harmonics(white: Whitened, bases: NDArray[np.float64]) -> NDArray[np.complex64]:
    """The spectrum at the harmonics of each lattice, about the picture's middle: (n, harmonics)."""
    rows, columns = white.padded
    ky, kx = _places()
    frequencies = np.linalg.inv(bases).swapaxes(1, 2) @ np.stack([kx, ky]).astype(np.float64)
    mirrored = frequencies[:, 0] < 0
    frequencies = np.where(mirrored[:, None], -frequencies, frequencies)
    across, down = frequencies[:, 0] * columns, frequencies[:, 1] * rows
    beyond = (across >= columns // 2 - 1) | (np.abs(down) >= rows // 2 - 1)
    across, down = np.where(beyond, 0, across), np.where(beyond, 0, down)
    left, top = np.floor(across).astype(np.int32), np.floor(down).astype(np.int32)
    right, below = (across - left).astype(np.float32), (down - top).astype(np.float32)
    flat, stride = white.centred.reshape(-1), white.centred.shape[1]
    found = np.zeros(left.shape, np.complex64)
    for dy, weight_y in ((0, 1 - below), (1, below)):
        place = (top + dy) % rows * stride + left
        found += weight_y * ((1 - right) * flat[place] + right * flat[place + 1])
    found[beyond] = 0
    return np.where(mirrored, found.conj(), found)


def _scores(harmonics: NDArray[np.complex64], key: bytes, orientations: range) -> NDArray[np.float32]:
    """The highest of the match with each orientation, in its own deviations; those are summed in the spectrum (Parseval)."""
    ky, kx = _places()
    pilots = _pilots(key)[orientations.start : orientations.stop]
    power = np.square(harmonics.real) + np.square(harmonics.imag)
    energy = power @ (np.square(np.abs(pilots)) * np.where(kx == 0, 1, 2)).T.astype(np.float32)
    found = np.empty((len(harmonics), len(orientations)), np.float32)
    product = np.zeros((len(harmonics), GRID, GRID // 2 + 1), np.complex64)
    for column, pilot in enumerate(pilots):
        product[:, ky, kx] = harmonics * pilot
        found[:, column] = np.fft.irfft2(product, (GRID, GRID)).max(axis=(1, 2))
    return np.asarray(found / (np.sqrt(energy) / GRID**2 + 1e-12), np.float32)


@functools.lru_cache(maxsize=8)
def _pilots(key: bytes) -> NDArray[np.complex64]:
    """The pilot's harmonics in all 8 orientations, conjugate: (8, harmonics)."""
    ky, kx = _places()
    return np.stack([fold.turned_pilot(key, orientation)[ky, kx].conj() for orientation in range(8)])
