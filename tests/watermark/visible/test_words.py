"""Text to outlines: scripts, directions, pictures, letters nobody can draw, and the logo."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.watermark.visible.scenes import landscape
from watermark.errors import RecipeError
from watermark.recipe import Recipe
from watermark.visible.fonts import SHIPPED_ORDER, face_for, preload
from watermark.visible.glyphs import EDGE, strip
from watermark.visible.logo import logo_strip
from watermark.visible.mark import apply_mark
from watermark.visible.shaping import shape


def png(values):
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


def disc(side=64):
    rows, columns = np.ogrid[:side, :side]
    inside = (rows - side / 2) ** 2 + (columns - side / 2) ** 2 < (side * 0.4) ** 2
    return np.dstack([np.zeros((side, side, 3), np.uint8), np.where(inside, 255, 0).astype(np.uint8)])


def test_latin_is_laid_from_left_to_right():
    line = shape("abc")
    assert [glyph.x for glyph in line.glyphs] == sorted(glyph.x for glyph in line.glyphs)
    assert not line.from_right


@pytest.mark.parametrize(
    "letters",
    ["āčēģīķļņšūž", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя«»№—"],
    ids=["latvian", "russian"],
)
def test_the_shipped_fonts_have_the_letters_of_our_languages(letters):
    faces = {face_for(letter).name for letter in letters + letters.upper()}
    assert faces <= set(SHIPPED_ORDER)


def test_hebrew_begins_at_the_right():
    alone, pair = shape("ש"), shape("שא")
    assert pair.from_right
    assert pair.glyphs[-1].index == alone.glyphs[0].index, "the first letter is the rightmost"


def test_arabic_letters_join():
    apart = {glyph.index for letter in "معاينة" for glyph in shape(letter).glyphs}
    joined = {glyph.index for glyph in shape("معاينة").glyphs}
    assert joined - apart, "joined letters have other forms than lone ones"


def test_numbers_in_hebrew_keep_their_order():
    digits = [face_for("1").font.get_nominal_glyph(ord(d)) for d in "123"]
    seen = [glyph.index for glyph in shape("סטודיו 123").glyphs]
    start = seen.index(digits[0])
    assert seen[start : start + 3] == digits
    assert start == 0, "what is read last stands leftmost"


def test_latin_within_hebrew_keeps_its_order():
    line = shape("שלום nord עולם")
    latin = [face_for("n").font.get_nominal_glyph(ord(letter)) for letter in "nord"]
    seen = [glyph.index for glyph in line.glyphs]
    start = seen.index(latin[0])
    assert seen[start : start + 4] == latin


def test_pictures_without_a_glyph_are_left_out():
    assert shape("Nord \U0001fae0").width == pytest.approx(shape("Nord").width, abs=0.05)


@pytest.mark.parametrize("text", ["\u200b", "\u200d", "\U0001fae0", "\U0001fae0 \U0001faf6"])
def test_text_with_nothing_to_draw_is_refused(text):
    with pytest.raises(RecipeError, match="nothing that can be drawn"):
        apply_mark(landscape(1), Recipe(text), b"key", 0)


def test_letters_no_font_has_are_named(monkeypatch):
    monkeypatch.setattr(
        "watermark.visible.shaping.face_for", lambda letter: None if letter == "Ж" else face_for(letter)
    )
    with pytest.raises(RecipeError, match="Ж"):
        shape("Nord Ж without a font")


def test_holes_of_letters_stay_open():
    distances, _ = strip("O", 100, 10)
    middle = distances[:, distances.shape[1] // 2 - 20 : distances.shape[1] // 2 + 5]
    column = middle[:, 8] > EDGE
    assert np.count_nonzero(np.diff(column.astype(int))) == 4, "two strokes with a hole between"


@pytest.mark.parametrize("text", ["W" * 500, "w " * 249, "שלום " * 99, "é" * 500, "معاينة " * 71, ".", "😀 Nord"])
def test_long_short_and_strange_texts_are_drawn(text):
    clean = landscape(1)
    assert not np.array_equal(apply_mark(clean, Recipe(text), b"key", 0), clean)


def test_a_logo_is_woven_in():
    clean = landscape(1)
    plain, woven = (apply_mark(clean, Recipe("Nord", logo=logo), b"key", 0) for logo in (None, png(disc())))
    assert np.count_nonzero(plain != woven) > 0.02 * clean.size


def test_an_opaque_logo_is_told_from_its_ground():
    values = np.full((40, 80, 3), 255, np.uint8)
    values[10:30, 20:60] = 30
    found = logo_strip(png(values), 40, 5)
    assert 0.2 < (found > EDGE).mean() < 0.8


@pytest.mark.parametrize(
    "logo",
    [png(np.zeros((20, 20, 4), np.uint8)), png(disc())[:60], b"\x89PNG\r\n\x1a\n" + b"x" * 50],
    ids=["transparent", "cut short", "no PNG inside"],
)
def test_a_logo_that_cannot_be_drawn_is_refused(logo):
    with pytest.raises(RecipeError, match="logo"):
        apply_mark(landscape(1), Recipe("Nord", logo=logo), b"key", 0)


def test_a_logo_of_too_many_pixels_is_refused():
    with pytest.raises(RecipeError, match="too many pixels"):
        logo_strip(png(np.zeros((2100, 2000), np.uint8)), 40, 5)


def test_preloading_maps_every_face():
    preload()
    assert face_for("a") is not None
