"""A sound as a picture: its loudness from beginning to end, and its length."""

from __future__ import annotations

from typing import BinaryIO, Final

import numpy as np
from PIL import Image, ImageDraw

from watermark.lettering import INK, PALE, PAPER, own_font
from watermark.pipeline import Pixels

WIDTH, HEIGHT, MARGIN = 1600, 640, 60
BAR, GAP = 6, 4
_PIECE: Final = 1 << 22


def waveform(file: BinaryIO, rate: int) -> Pixels:
    """uint8, HEIGHT x WIDTH x 3. `file` holds 16-bit samples of one channel. Memory does not grow with the length."""
    size = file.seek(0, 2) // 2
    file.seek(0)
    bars = (WIDTH - 2 * MARGIN) // (BAR + GAP)
    peaks, loud = np.zeros(bars), np.zeros(bars)
    counts = np.zeros(bars)
    at = 0
    while piece := file.read(_PIECE):
        values = np.abs(np.frombuffer(piece[: len(piece) // 2 * 2], "<i2").astype(np.float32)) / 32768
        places = np.minimum((at + np.arange(len(values))) * bars // max(1, size), bars - 1)
        np.maximum.at(peaks, places, values)
        np.add.at(loud, places, values**2)
        np.add.at(counts, places, 1)
        at += len(values)
    loud = np.sqrt(loud / np.maximum(counts, 1))
    return _drawn(peaks, loud, size / rate)


def _drawn(
    peaks: np.ndarray[tuple[int], np.dtype[np.float64]],
    loud: np.ndarray[tuple[int], np.dtype[np.float64]],
    seconds: float,
) -> Pixels:
    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw, middle, reach = ImageDraw.Draw(sheet), 300, 210
    top = max(float(peaks.max(initial=0.0)), 1e-3)
    for number, (peak, mean) in enumerate(zip(peaks, loud, strict=True)):
        left = MARGIN + number * (BAR + GAP)
        for value, colour in ((peak, PALE), (mean, INK)):
            high = max(2, round(reach * value / top))
            draw.rectangle((left, middle - high, left + BAR - 1, middle + high), colour)
    words, font = _length(seconds), own_font(36)
    draw.text((WIDTH - MARGIN - font.getlength(words), 24), words, INK, font)
    return np.asarray(sheet)


def _length(seconds: float) -> str:
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
