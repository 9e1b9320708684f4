"""Reading the mark back: whiten, find the lattice, fold, find the pilot, decode, and accept only what can't be chance."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from watermark.forensic import align, chips, convolution, embed, fold, lattice, picture, pilot, sweep, whiten

LEAST_SIDE = 24
SWEPT, PEAKED = 10, 4
"""How many lattices are taken from the sweep of all small turns, and from single peaks at any angle."""
LANDINGS = 2
PILOT_LEAST = 4.4
"""Standard deviations a pilot must stand out by before a decoding is worth its time; chance gives about 4.2."""
SHARPENED_LEAST = 5.0
"""The same after the search for a sharper lattice, which by itself lifts chance to about 4.8."""
FINISHED = 4
"""Lattices worth the fine search, of those that the coarse one leaves."""
AGREEMENT_LEAST = 0.56
"""The least correlation of soft symbols with the re-encoded message that is believed.

Noise decodes to 0.487 with a deviation of 0.0115 (9,600 words, the most 0.535): this is six deviations off.
"""
AT_EASE, EASING = 360_000, 1.25
"""Pixels from which a picture gets the whole search; a smaller one gets a part, or it would cost more a pixel."""
STRETCHED_EFFORT, PEAKED_EFFORT = 0.34, 0.25
"""The part from which stretches are tried beside scales, and single peaks beside the sweep."""
SCANNED_AREA = 600_000
SCANNED_SCALES = (0.3, 1.6, 120)
SCANNED_STRETCHES = (-0.05, -0.03, 0.0, 0.03, 0.05)
SCANNED_TURNS = tuple(0.6 * n for n in (-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6))
SCANNED_KEPT = 3


@dataclass(frozen=True)
class Reading:
    """One payload found: its agreement with the picture (-1..1), the pilot's standing out, and the tile's basis."""

    payload: int
    agreement: float
    pilot: float
    basis: NDArray[np.float64]

    @property
    def confidence(self) -> float:
        """From 0 to 1: how far the agreement stands above what noise reaches."""
        return float(np.clip(1.0 - 0.1 * 10 ** (-(self.agreement - AGREEMENT_LEAST) / 0.08), 0.0, 0.9999))


class Survey:
    """What any key's search starts from: the whitened picture, and, made when first asked for, the lattices seen in it."""

    def __init__(self, grey: NDArray[np.float32]) -> None:
        self.effort = min(1.0, (grey.size / AT_EASE) ** EASING)
        self.reach = int(min(lattice.LONGEST, max(160, 0.75 * min(grey.shape))))
        self.white = whiten.whiten(grey, self.reach)

    @cached_property
    def swept(self) -> NDArray[np.float64]:
        """Bases (n, 2, 2) near upright and square, likeliest first."""
        height, width = self.white.picture.shape
        found = sweep.find(self._window, (height, width), SWEPT, self.effort)
        return np.stack([candidate.basis for candidate in found])

    @cached_property
    def peaked(self) -> NDArray[np.float64]:
        """Bases (n, 2, 2) of any turn, from single peaks."""
        found = lattice.find(self._window, self.reach, PEAKED)
        return np.stack([candidate.basis for candidate in found]) if found else np.empty((0, 2, 2))

    @cached_property
    def _window(self) -> NDArray[np.float32]:
        return lattice.window(self.white.autocorrelation, self.reach)


def survey(source: NDArray[np.uint8]) -> Survey | None:
    """The keyless half of a reading, to be shared by several keys; None if too narrow. Raises NotAPicture."""
    grey = picture.searchable(picture.checked(source))
    return Survey(grey) if min(grey.shape) >= LEAST_SIDE else None


def readings(ground: Survey | None, key: bytes, end: float | None = None) -> Iterator[Reading]:
    """Every payload found, each once: more than one means copies of several links were mixed.

    `end` is a time on the monotonic clock after which nothing new is tried.
    """
    seen: set[int] = set()
    for basis in _places(ground, key, end) if ground else ():
        if _late(end):
            return
        for reading in _at(ground.white.picture, basis, key) if ground else ():
            if reading.payload not in seen:
                seen.add(reading.payload)
                yield reading


def _late(end: float | None) -> bool:
    return end is not None and time.monotonic() >= end


def _places(ground: Survey, key: bytes, end: float | None) -> Iterator[NDArray[np.float64]]:
    """Where to look, likeliest and cheapest first.

    The lattice of a picture that was only cropped or re-encoded; the best of those swept; and when that fails, all that
    were seen in any way, sharpened with the pilot.
    """
    height, width = ground.white.picture.shape
    yield np.eye(2) * float(embed.tile_side(width, height))
    swept = ground.swept[np.argsort(-pilot.scores(ground.white, ground.swept, key), kind="stable")]
    yield from swept[:2]
    if _late(end):
        return
    seen = [swept, ground.peaked] if ground.effort > PEAKED_EFFORT else [swept]
    if width * height <= SCANNED_AREA:
        seen.append(_scanned(ground, key))
    yield from _sharpened(ground, key, np.concatenate(seen), end)


def _scanned(ground: Survey, key: bytes) -> NDArray[np.float64]:
    """For a small picture, in which no lattice may show: the scales, stretches and turns where the pilot stands out most."""
    scales = np.geomspace(*SCANNED_SCALES)[:, None, None]
    stretches = SCANNED_STRETCHES if ground.effort > STRETCHED_EFFORT else (0.0,)
    tried = [scales * np.diag(np.exp([a / 2, -a / 2])) for a in stretches]
    turns = np.radians(SCANNED_TURNS)
    tried.append(np.array([[np.cos(turns), -np.sin(turns)], [np.sin(turns), np.cos(turns)]]).transpose(2, 0, 1))
    bases = embed.TILE * np.concatenate(tried)
    return np.asarray(bases[np.argsort(-pilot.scores(ground.white, bases, key))[:SCANNED_KEPT]], np.float64)


def _sharpened(
    ground: Survey, key: bytes, bases: NDArray[np.float64], end: float | None
) -> Iterator[NDArray[np.float64]]:
    """The bases sharpened coarsely, then the best of them finely, as long as the pilot stands out."""
    count = max(4, round(ground.effort * len(bases)))
    likely = np.argsort(-pilot.scores(ground.white, bases, key), kind="stable")[:count]
    found = []
    for basis in bases[likely]:
        if _late(end):
            return
        found.append(pilot.sharpen(ground.white, basis, key))
    for basis, _ in sorted(found, key=lambda x: -x[1])[: max(1, round(ground.effort * FINISHED))]:
        if _late(end):
            return
        sharper = align.sharpen(ground.white.picture, basis, key)
        if sharper.score >= SHARPENED_LEAST:
            yield sharper.basis


def _at(white: NDArray[np.float32], basis: NDArray[np.float64], key: bytes) -> Iterator[Reading]:
    tile = fold.fold(white, basis)
    for landing in fold.find_pilot(tile, key)[:LANDINGS]:
        if landing.score >= PILOT_LEAST:
            yield from decoded(tile, landing, key, basis)


def decoded(
    tile: NDArray[np.float32], landing: fold.Landing, key: bytes, basis: NDArray[np.float64]
) -> Iterator[Reading]:
    """The believable payloads of a folded tile at one landing, over all layers."""
    soft = chips.soft_symbols(key, fold.soft_chips(tile, landing))
    bits, metric = convolution.decode(soft)
    for layer in range(chips.LAYERS):
        agreement = float(metric[layer] / (np.sqrt(np.sum(soft[layer] ** 2) * chips.SYMBOLS) + 1e-12))
        payload = chips.payload_in(key, bits[layer], layer)
        if payload is not None and agreement >= AGREEMENT_LEAST:
            yield Reading(payload, agreement, landing.score, basis)


def verify(source: NDArray[np.uint8], payload: int, key: bytes) -> bool:
    """Whether a picture that was only re-encoded since `embed` reads as this payload: no search, a true decoding.

    Reads luma at half size; a grey (h, w) picture, which is cheaper to decode, does as well.
    """
    grey = picture.luma(picture.checked(source))
    height, width = grey.shape
    if not embed.carries(width, height):
        return False
    half = cv2.resize(grey, (width // 2, height // 2), interpolation=cv2.INTER_AREA).astype(np.float32)
    side = embed.tile_side(width, height)
    basis = np.diag([side * (width // 2) / width, side * (height // 2) / height])
    tile = fold.fold(whiten.normalised(half), basis)
    corner = -0.5 * fold.GRID / side
    soft = chips.soft_symbols(key, fold.soft_chips(tile, fold.Landing(0, (corner, corner), 0.0)))
    layer = chips.layer_of(key, payload)
    bits, _ = convolution.decode(soft[layer : layer + 1])
    return chips.payload_in(key, bits[0], layer) == payload
