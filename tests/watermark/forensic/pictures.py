"""Pictures to mark: noise with the spectrum of nature, drawn by the same numbers each time."""

import cv2
import numpy as np
from numpy.typing import NDArray

KEY = b"a key for tests"
PAYLOAD = 0x1234_5678_9ABC
Picture = NDArray[np.uint8]


def photograph(width: int = 1280, height: int = 853, seed: int = 1) -> Picture:
    """Amplitude 1/f as in nature, a calm sky on top, and a hard edge."""
    noise = np.random.default_rng(seed).normal(size=(height, width, 3))
    fy, fx = np.fft.fftfreq(height)[:, None, None], np.fft.fftfreq(width)[None, :, None]
    scene = np.fft.ifft2(np.fft.fft2(noise, axes=(0, 1)) / (np.hypot(fy, fx) + 1e-3), axes=(0, 1)).real
    scene = 120 + 45 * scene / scene.std()
    sky = np.linspace(1, 0, height)[:, None, None] ** 0.5
    picture = np.clip(sky * np.array([150, 180, 220]) + (1 - sky) * scene, 0, 255).astype(np.uint8)
    return np.asarray(cv2.circle(picture, (width // 3, height // 2), height // 5, (200, 40, 30), -1), np.uint8)


def jpeg(picture: Picture, quality: int) -> Picture:
    """Encoded and decoded again."""
    _, data = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1])


def resized(picture: Picture, across: float, down: float | None = None) -> Picture:
    """Stretched by two factors, or one."""
    return np.asarray(cv2.resize(picture, None, fx=across, fy=down or across, interpolation=cv2.INTER_AREA), np.uint8)


def turned(picture: Picture, degrees: float) -> Picture:
    """Turned about the middle, corners black."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC), np.uint8)
