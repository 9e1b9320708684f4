"""The picture itself is bent, as if seen through cast glass, so that no inversion of the drawing gives it back."""

from __future__ import annotations

import cv2
import numpy as np

from watermark.visible.chance import Chance
from watermark.visible.field import Canvas, smooth
from watermark.visible.pixels import Bytes, Floats, resize


def bend(picture: Bytes, canvas: Canvas, chance: Chance, glass: Bytes, reach: float) -> Bytes:
    """Push every pixel aside by up to `reach` px, in keyed directions, in proportion to `glass` (half-size, of 255)."""
    thick = glass.astype(np.float32) * (reach / 255)

    def push(label: str) -> Floats:
        wide = 0.7 * smooth(canvas, chance, label, 60) + 0.6 * smooth(canvas, chance, label + " fine", 22)
        return resize(wide, *thick.shape) * thick

    places = canvas.grow(np.dstack([push("bend x"), push("bend y")]).astype(np.float32))
    places[..., 0] += np.arange(canvas.width, dtype=np.float32)
    places[..., 1] += np.arange(canvas.height, dtype=np.float32)[:, None]
    # The fixed-point form of the map costs two milliseconds and saves six.
    whole, part = cv2.convertMaps(places, np.empty(0, np.float32), cv2.CV_16SC2)
    bent = cv2.remap(picture, whole, part, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(bent, np.uint8)
