"""Marks for tests: a plain one, and ones that misbehave inside the child, chosen by the recipe's text."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path

import numpy as np

from watermark.pipeline import Pixels
from watermark.recipe import Recipe


def fake_mark(picture: Pixels, recipe: Recipe, key: bytes, page: int) -> Pixels:
    """Flip one bit of every value, or do what the text says."""
    if recipe.text == "crash":
        ctypes.string_at(0)
    if recipe.text == "loop":
        while True:
            pass
    if recipe.text == "sleep":
        time.sleep(60)
    if recipe.text == "hog":
        hoard = [np.ones(64 << 20, np.uint8) for _ in range(100)]
        return hoard[0]
    if recipe.text == "vanish":
        os._exit(0)
    if recipe.text == "raise":
        raise ValueError("a fault in the mark")
    if recipe.text == "clean":
        return picture.copy()
    if recipe.text == "other shape":
        return np.zeros((4, 4, 3), np.uint8)
    if recipe.text == "write":
        sys.stdout.write("noise")
        Path("/tmp/should-not-be").write_text("x")
    return picture ^ np.uint8(0x10)


def judging_mark(picture: Pixels, recipe: Recipe, key: bytes, page: int) -> Pixels:
    """By the file: one whose corner is red kills its child; a blue one takes four seconds."""
    red, _, blue = (int(value) for value in picture[0, 0])
    if red > 200 > blue:
        ctypes.string_at(0)
    if blue > 200 > red:
        time.sleep(4)
    return picture ^ np.uint8(0x10)
