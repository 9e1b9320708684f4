"""The audible mark: every few seconds a short chord glides over the sound, which is lowered under it.

When and at what pitches is keyed by the asset, so that no recording of the mark can be subtracted. It follows the loudness around
it: the sound can be judged, and not be used.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from watermark.visible.chance import Chance

Samples = npt.NDArray[np.float32]

RATE: Final = 24_000
"""Samples a second, one channel."""
PERIOD, LENGTH, LEAD = 3.5, 0.8, 0.4
"""Seconds from one chord to the next on the average, of a chord, and before the first at the earliest."""
PARTIALS: Final = 5
LOW, HIGH = 350.0, 4200.0
UNDER: Final = 0.3
"""What is left of the sound's amplitude under a chord."""
OVER, LEAST, MOST = 0.7, 0.05, 0.5
"""Of a chord: its loudness by the sound's, and the bounds (root mean square, full scale is 1)."""


def marked(pcm: bytes, key: bytes) -> bytes:
    """Sixteen-bit samples, as long as those given; what is shorter than a chord gets a part of one."""
    sound = samples(pcm)
    for start, chord in chords(len(sound), key):
        part = slice(start, start + len(chord))
        envelope = _envelope(len(chord))
        loud = float(np.sqrt(np.mean(sound[part] ** 2)))
        level = min(MOST, max(LEAST, OVER * loud))
        sound[part] = sound[part] * (1 - (1 - UNDER) * envelope) + level * chord
    return bytes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())


def samples(pcm: bytes) -> Samples:
    """Between -1 and 1, a copy. An odd byte at the end is left out."""
    return np.asarray(np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2") / 32768, np.float32)


def chords(length: int, key: bytes) -> list[tuple[int, Samples]]:
    """Where each begins, in samples, and how it sounds at a root mean square of one."""
    found: list[tuple[int, Samples]] = []
    chance, number, at = Chance(key, 0, b"audible"), 0, 0.0
    while True:
        start = round((at + chance.between(f"when {number}", LEAD, LEAD + PERIOD - LENGTH - 0.5)) * RATE)
        if number == 0:
            start = min(start, max(0, length // 4))  # a jingle of a second is marked too
        if start >= length:
            return found
        found.append((start, _chord(chance, number)[: length - start]))
        number, at = number + 1, at + PERIOD


def _chord(chance: Chance, number: int) -> Samples:
    time = np.arange(round(LENGTH * RATE), dtype=np.float32) / RATE
    total = np.zeros_like(time)
    for partial in range(PARTIALS):
        label = f"{number} {partial}"
        begin = LOW * (HIGH / LOW) ** ((partial + chance.between(f"pitch {label}", 0, 1)) / PARTIALS)
        glide = chance.between(f"glide {label}", -0.25, 0.25) * begin
        turn = chance.between(f"turn {label}", 0, 2 * np.pi)
        total += np.sin(2 * np.pi * (begin * time + glide * time * time / (2 * LENGTH)) + turn)
    total *= _envelope(len(time))
    return np.asarray(total / np.sqrt(np.mean(total**2)), np.float32)


def _envelope(length: int) -> Samples:
    edge = max(1, min(length // 4, RATE // 12))
    shape = np.ones(length, np.float32)
    shape[:edge] = np.sin(np.linspace(0, np.pi / 2, edge, dtype=np.float32)) ** 2
    shape[-edge:] = shape[:edge][::-1]
    return shape
