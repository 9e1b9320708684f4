"""Listening for the audible mark in what was encoded: what does not carry it is never handed on."""

from __future__ import annotations

from typing import Final

import numpy as np

from watermark.audible.mark import LEAST, Samples, chords, samples
from watermark.errors import MarkFailed

SLACK: Final = 2400
"""An encoder may shift the sound by as much, in samples."""
HEARD: Final = 0.6
"""The part of the least level at which each chord must be found."""


def insist_marked(pcm: bytes, key: bytes) -> None:
    """Raises MarkFailed unless every chord of the mark is in the sound, where it should be."""
    sound = samples(pcm)
    expected = chords(len(sound), key)
    if not expected or not all(
        _level(sound, start, chord) >= HEARD * LEAST for start, chord in expected[:-1] or expected
    ):
        raise MarkFailed


def _level(sound: Samples, start: int, chord: Samples) -> float:
    """How loud the chord is in the sound, at the best of all shifts: by correlation, which other sound hardly has."""
    low = max(0, start - SLACK)
    around = sound[low : start + len(chord) + SLACK]
    size = 1 << (len(around) + len(chord)).bit_length()
    product = np.fft.rfft(around, size) * np.conj(np.fft.rfft(chord, size))
    found = np.fft.irfft(product, size)[: max(1, len(around) - len(chord) + 1)]
    return float(np.max(found) / np.sum(chord**2))
