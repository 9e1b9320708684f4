"""A sheet of marked photographs for the docs: `python -m tests.bench.visible.contact_sheet [OUT]`.

The astronaut (NASA, public domain) and the coffee (Rachel Michetti, CC0) are of scikit-image; the other two
pictures are drawn here. No photograph under another licence goes into the docs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from tests.bench.visible.scores import Picture
from tests.watermark.visible.scenes import landscape, page
from watermark.recipe import Recipe
from watermark.visible.mark import apply_mark

RECIPE_TEXT, LINE = "Atelier Nord", "Harbour house, 24 Nov 2026"
TILE = (420, 280)
WORKING_WIDTH = 2048


def tile(picture: Picture) -> Picture:
    return np.asarray(cv2.resize(picture, TILE, interpolation=cv2.INTER_AREA), np.uint8)


def crop(picture: Picture) -> Picture:
    """One to one, from the middle."""
    top, left = (picture.shape[0] - TILE[1]) // 2, (picture.shape[1] - TILE[0]) // 2
    return picture[top : top + TILE[1], left : left + TILE[0]]


def fit(picture: Picture) -> Picture:
    """Cropped to 3:2 and brought to the working size."""
    height = min(picture.shape[0], picture.shape[1] * 2 // 3)
    width = height * 3 // 2
    top, left = (picture.shape[0] - height) // 3, (picture.shape[1] - width) // 2
    part = picture[top : top + height, left : left + width]
    return np.asarray(
        cv2.resize(part, (WORKING_WIDTH, WORKING_WIDTH * 2 // 3), interpolation=cv2.INTER_CUBIC), np.uint8
    )


def sheet() -> Picture:
    """One row a picture: light, standard, strong, and standard at one to one."""
    rows = []
    sources = [skimage.data.astronaut(), skimage.data.coffee(), landscape(3, 900, 1350), page(400, 600)]
    for number, source in enumerate(sources):
        clean = fit(source)
        marked = [
            apply_mark(clean, Recipe(RECIPE_TEXT, strength, LINE), b"contact sheet", number)
            for strength in ("light", "standard", "strong")
        ]
        rows.append(np.hstack([*(tile(picture) for picture in marked), crop(marked[1])]))
    return np.vstack(rows)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("infra/docs/marks/contact-sheet.jpg")
    target.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(target), sheet()[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])
    print(f"{target}: {target.stat().st_size // 1024} KB")
