"""Pictures made for the tests: a landscape of light and detail, a printed page, and the attacks' own eyes."""

from __future__ import annotations

import cv2
import numpy as np

from watermark.visible.pixels import Bytes


def landscape(seed: int, height: int = 533, width: int = 800) -> Bytes:
    """A sky, hills with grain, and a few hard-edged things: some of each is in most photographs."""
    rng = np.random.default_rng(seed)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    picture = np.array([90, 140, 210], np.float32) * (1 - rows) + np.array([190, 160, 110], np.float32) * rows
    picture = np.broadcast_to(picture, (height, width, 3)).copy()
    ridge = (height * 0.5 + 60 * np.sin(np.arange(width) / (70 + 10 * seed))).astype(int)
    ground = np.arange(height)[:, None] > ridge
    for size, power in ((160, 25), (40, 18), (8, 14), (3, 8)):
        knots = rng.standard_normal((height // size + 2, width // size + 2)).astype(np.float32)
        grain = cv2.resize(knots, (width, height), interpolation=cv2.INTER_CUBIC)
        picture[ground] += (power * grain[ground])[:, None] - 4
    for _ in range(8):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(
            picture, centre, int(rng.integers(8, 60)), [int(v) for v in rng.integers(0, 256, 3)], -1, cv2.LINE_AA
        )
    return np.clip(picture, 0, 255).astype(np.uint8)


def page(height: int = 1024, width: int = 724) -> Bytes:
    """Black words on white paper."""
    paper = np.full((height, width, 3), 255, np.uint8)
    for row in range(90, height - 60, 24):
        words = "the quiet identity holds at every size from stamp to hoarding"
        cv2.putText(paper, words, (70, row), cv2.FONT_HERSHEY_SIMPLEX, 0.52, (0, 0, 0), 1, cv2.LINE_AA)
    return paper
