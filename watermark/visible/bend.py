"""The picture itself is bent, as if seen through cast glass, so that no inversion of the drawing gives it back."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from watermark.visible.chance import Chance, Floats
from watermark.visible.field import Canvas, smooth
from watermark.visible.glyphs import Bytes


def bend(
    picture: npt.NDArray[np.uint8], canvas: Canvas, chance: Chance, height: Bytes, reach: float
) -> npt.NDArray[np.uint8]:
    """Push every pixel aside by up to `reach` px, in keyed directions, in proportion to `height` (half-size, 0 to 255)."""
    glass = height.astype(np.float32) * (reach / 255)
    shape = (glass.shape[1], glass.shape[0])

    def push(label: str) -> Floats:
        wide = 0.7 * smooth(canvas, chance, label, 60) + 0.6 * smooth(canvas, chance, label + " fine", 22)
        return np.asarray(cv2.resize(wide, shape, interpolation=cv2.INTER_LINEAR) * glass, np.float32)

    aside = cv2.merge([push("bend x"), push("bend y")])
    places = np.asarray(canvas.grow(aside), np.float32)
    places[..., 0] += np.arange(canvas.width, dtype=np.float32)
    places[..., 1] += np.arange(canvas.height, dtype=np.float32)[:, None]
    bent = cv2.remap(picture, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(bent, np.uint8)
