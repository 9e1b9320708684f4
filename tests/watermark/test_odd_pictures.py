"""Odd pictures and odd words through the whole ingest with the real mark: every size comes out marked, or nothing does."""

from __future__ import annotations

import tempfile

import numpy as np
import pytest
from PIL import Image

from tests.watermark.conftest import corners, pixels, saved
from watermark.errors import RecipeError
from watermark.ingest import ingest
from watermark.limits import SIZES, Limits
from watermark.pipeline import Deadline
from watermark.recipe import Recipe
from watermark.results import Header, Page
from watermark.visible.check import is_marked
from watermark.visible.mark import apply_mark

LEVELS = 6
"""How far, in grey levels, a changed pixel is from the proof's: what a JPEG alone does is less in most places."""


def shown(content: bytes, recipe: Recipe, name: str = "x.png") -> tuple[Header, list[Page]]:
    limits = Limits()
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        header, *pages = ingest(file, name, recipe, b"k" * 32, apply_mark, limits, Deadline.after(60))
    assert isinstance(header, Header)
    return header, [page for page in pages if isinstance(page, Page)]


def sixteen_bits() -> bytes:
    return saved(Image.fromarray(np.linspace(0, 65535, 300 * 200).reshape(200, 300).astype(np.uint16)), "PNG")


def clear() -> bytes:
    return saved(Image.new("RGBA", (320, 240), (10, 200, 90, 0)), "PNG")


PICTURES = {
    "16 px": saved(corners(16, 16), "PNG"),
    "1 x 10,000": saved(Image.new("RGB", (1, 10_000), (90, 120, 40)), "PNG"),
    "10,000 x 1": saved(Image.new("RGB", (10_000, 1), (90, 120, 40)), "PNG"),
    "one pixel": saved(Image.new("RGB", (1, 1), (90, 120, 40)), "PNG"),
    "pure white": saved(Image.new("RGB", (900, 600), "white"), "PNG"),
    "pure black": saved(Image.new("RGB", (900, 600), "black"), "PNG"),
    "wholly transparent": clear(),
    "16-bit": sixteen_bits(),
    "1-bit": saved(corners(400, 300).convert("1"), "PNG"),
}


@pytest.mark.parametrize("strength", ["light", "standard", "strong"])
@pytest.mark.parametrize("kind", PICTURES)
def test_every_size_of_an_odd_picture_is_marked(kind: str, strength: str) -> None:
    header, pages = shown(PICTURES[kind], Recipe("Atelier Nord", strength))  # type: ignore[arg-type]
    assert header.kind == "picture"
    assert len(pages) == 1
    proof = pixels(pages[0].proof)
    for size in SIZES:
        found = pixels(pages[0].renditions[size])
        assert max(found.shape[:2]) <= size
        clean = Image.fromarray(proof).resize((found.shape[1], found.shape[0]), Image.Resampling.LANCZOS)
        change = np.abs(found.astype(int) - np.asarray(clean)).max(axis=2)
        assert (change >= LEVELS).mean() > 0.05, f"{kind} at {size}"
    if proof.shape == pixels(pages[0].renditions[SIZES[0]]).shape and min(proof.shape[:2]) >= 16:
        assert is_marked(proof, pixels(pages[0].renditions[SIZES[0]]))


WORDS = {
    "500 letters": "Šķērsgriezums " * 35 + "un viss beidzas",
    "500 wide letters": "W" * 500,
    "emoji beside words": "Atelier 😀🎨 Nord 👩‍🎤",
    "right to left": "סטודיו לצילום 2026",
    "right to left, joined": "معاينة فقط — استوديو",
    "both ways": "Studio נגה (2026) معاينة",
    "marks that turn the direction": "abc \u202egnp.exe\u202c",
    "combining": "e\u0301\u0302\u0303\u0304\u0305 a\u0308",
    "Thai and Devanagari": "ตัวอย่าง नमूना",
}


@pytest.mark.parametrize("kind", WORDS)
def test_odd_words_give_a_marked_picture_or_a_clear_error(kind: str) -> None:
    content = saved(corners(640, 420), "PNG")
    try:
        _, pages = shown(content, Recipe(WORDS[kind], line2=WORDS[kind][:80]))
    except RecipeError as refused:
        assert str(refused)
        return
    assert is_marked(pixels(pages[0].proof), pixels(pages[0].renditions[SIZES[0]]))


@pytest.mark.parametrize("text", ["", " ", "\n", "\u200b", "x" * 501, "\U0001fae0", "\x00"])
def test_words_that_cannot_be_drawn_are_refused_before_anything_is_shown(text: str) -> None:
    with pytest.raises(RecipeError):
        shown(saved(corners(), "PNG"), Recipe(text))
