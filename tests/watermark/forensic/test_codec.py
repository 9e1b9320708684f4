"""The forensic mark, end to end on a picture like a photograph."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from watermark.forensic import codec

KEY = b"a key for tests"
PAYLOAD = 0x1234_5678_9ABC


def photograph(width: int = 1280, height: int = 853, seed: int = 1) -> NDArray[np.uint8]:
    """Noise with the spectrum of nature (amplitude 1/f), a calm sky on top, and a few hard edges."""
    noise = np.random.default_rng(seed).normal(size=(height, width, 3))
    fy, fx = np.fft.fftfreq(height)[:, None, None], np.fft.fftfreq(width)[None, :, None]
    scene = np.fft.ifft2(np.fft.fft2(noise, axes=(0, 1)) / (np.hypot(fy, fx) + 1e-3), axes=(0, 1)).real
    scene = 120 + 45 * scene / scene.std()
    sky = np.linspace(1, 0, height)[:, None, None] ** 0.5
    picture = np.clip(sky * np.array([150, 180, 220]) + (1 - sky) * scene, 0, 255).astype(np.uint8)
    cv2.circle(picture, (width // 3, height // 2), height // 5, (200, 40, 30), -1)
    return picture


def test_round_trip() -> None:
    marked = codec.embed(photograph(), PAYLOAD, KEY)
    payload, confidence = codec.extract(marked, KEY)
    assert payload == PAYLOAD
    assert confidence > 0.9
    assert codec.verify(marked, PAYLOAD, KEY)
    assert not codec.verify(marked, PAYLOAD + 1, KEY)


def test_another_key_reads_nothing() -> None:
    assert codec.extract(codec.embed(photograph(), PAYLOAD, KEY), b"another") == (None, 0.0)


@pytest.mark.parametrize("size", [(16, 16), (10_000, 1), (1, 10_000), (100, 100)])
def test_a_small_picture_is_refused(size: tuple[int, int]) -> None:
    from watermark.forensic.errors import TooSmall

    picture = np.full((*size, 3), 255, np.uint8)
    with pytest.raises(TooSmall):
        codec.embed(picture, PAYLOAD, KEY)
    assert codec.extract(picture, KEY) == (None, 0.0)
