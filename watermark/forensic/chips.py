"""The keyed tile: a square of chips, some a pilot that every link shares, the rest carrying one link's coded payload.

The tile is spread spectrum (Cox, Kilian, Leighton and Shamoon, "Secure spread spectrum watermarking for multimedia",
IEEE Trans. Image Processing 6(12), 1997): each coded symbol is spread over keyed cells with keyed signs. It is drawn from
its harmonics, so it holds no energy above half a cycle a chip and no slow mottle below LOWEST cycles a tile.

A payload's data lies in one of LAYERS keyed arrangements, picked by a keyed hash of the payload. Two links' copies
averaged together mostly keep both payloads readable, each in its own layer, and a payload found in a layer it does not
belong to is refused.
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watermark.forensic import convolution, keystream

SIDE = 32
"""Chips along a tile's side."""
CELLS = SIDE * SIDE
PILOT_CELLS = CELLS // 4
PAYLOAD_BITS = 48
CHECK_BITS = 24
MESSAGE_BITS = PAYLOAD_BITS + CHECK_BITS
SYMBOLS = convolution.coded_length(MESSAGE_BITS)
LAYERS = 8
LOWEST = 4.0
"""Harmonics (cycles a tile) under this are left out: the eye finds them first, and pictures are loudest there."""


@dataclass(frozen=True)
class Sheet:
    """What one key fixes: the pilot (CELLS,), and per layer the symbol and sign of each data cell."""

    pilot: NDArray[np.float32]
    data_cells: NDArray[np.intp]
    symbol_of: NDArray[np.intp]
    sign_of: NDArray[np.float32]


@functools.lru_cache(maxsize=16)
def sheet(key: bytes) -> Sheet:
    """The key's arrangement of cells."""
    order = keystream.permutation(key, "cells", CELLS)
    pilot = np.zeros(CELLS, np.float32)
    pilot[order[:PILOT_CELLS]] = keystream.signs(key, "pilot", PILOT_CELLS)
    data = np.sort(order[PILOT_CELLS:])
    symbols = [keystream.permutation(key, f"layer {n}", data.size) % SYMBOLS for n in range(LAYERS)]
    signs = [keystream.signs(key, f"signs {n}", data.size) for n in range(LAYERS)]
    return Sheet(pilot, data, np.stack(symbols), np.stack(signs))


@functools.cache
def pulse() -> NDArray[np.float32]:
    """The chip's spectrum H(ky, kx) at the SIDE x SIDE harmonics, in FFT order, unit mean square."""
    k = np.fft.fftfreq(SIDE, 1 / SIDE)
    radius = np.hypot(k[:, None], k[None, :])
    shape = np.where(radius < LOWEST, 0.0, 1.0)
    shape[SIDE // 2, :] = 0.0
    shape[:, SIDE // 2] = 0.0
    return np.asarray(shape / np.sqrt(np.mean(shape**2)), np.float32)


def layer_of(key: bytes, payload: int) -> int:
    """Which layer a payload lives in."""
    return int(keystream.words(key, f"layer of {payload:x}", 1)[0] % np.uint64(LAYERS))


def message(key: bytes, payload: int) -> NDArray[np.uint8]:
    """Payload and checksum as MESSAGE_BITS bits, highest first."""
    whole = payload << CHECK_BITS | keystream.checksum(key, payload, PAYLOAD_BITS)
    return np.array([whole >> s & 1 for s in range(MESSAGE_BITS - 1, -1, -1)], np.uint8)


def payload_in(key: bytes, bits: NDArray[np.uint8], layer: int) -> int | None:
    """The payload these MESSAGE_BITS bits hold, or None if its checksum or its layer disagrees."""
    whole = int("".join(map(str, bits.tolist())), 2)
    payload = whole >> CHECK_BITS
    if whole & (1 << CHECK_BITS) - 1 != keystream.checksum(key, payload, PAYLOAD_BITS):
        return None
    return payload if layer_of(key, payload) == layer else None


def cells(key: bytes, payload: int) -> NDArray[np.float32]:
    """The SIDE x SIDE chips of -1 and +1 for one payload."""
    plan, layer = sheet(key), layer_of(key, payload)
    chips = plan.pilot.copy()
    symbols = convolution.encode(message(key, payload))
    chips[plan.data_cells] = symbols[plan.symbol_of[layer]] * plan.sign_of[layer]
    return chips.reshape(SIDE, SIDE)


def spectrum(chips: NDArray[np.float32]) -> NDArray[np.complex64]:
    """The harmonics of a tile with these chips, shaped by the pulse."""
    return (np.fft.fft2(chips) * pulse()).astype(np.complex64)


def draw(chips: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """The tile as size x size pixels, root mean square 1."""
    tile = np.fft.ifft2(resized(spectrum(chips), size)).real
    return np.asarray(tile / np.sqrt(np.mean(tile**2)), np.float32)


def resized(harmonics: NDArray[np.complex64], size: int) -> NDArray[np.complex64]:
    """The same harmonics laid in a size x size FFT grid; size is at least SIDE."""
    out = np.zeros((size, size), np.complex64)
    k = np.fft.fftfreq(SIDE, 1 / SIDE).astype(np.intp)
    out[np.ix_(k, k)] = harmonics
    return out


def soft_symbols(key: bytes, soft: NDArray[np.float32]) -> NDArray[np.float32]:
    """Soft chips (SIDE, SIDE) gathered into soft coded symbols (LAYERS, SYMBOLS)."""
    plan = sheet(key)
    values = soft.reshape(-1)[plan.data_cells]
    out = np.zeros((LAYERS, SYMBOLS), np.float32)
    for layer in range(LAYERS):
        weighted = values * plan.sign_of[layer]
        out[layer] = np.bincount(plan.symbol_of[layer], weighted, SYMBOLS)
    return out
