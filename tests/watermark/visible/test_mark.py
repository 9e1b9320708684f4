"""The mark as a whole: what it promises of its pixels, whatever the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.bench.visible.scores import luma, ssim_map
from tests.watermark.visible.scenes import landscape, page
from watermark.errors import MarkFailed
from watermark.recipe import Recipe
from watermark.visible.chance import Chance
from watermark.visible.check import is_marked
from watermark.visible.field import Canvas
from watermark.visible.layout import letters
from watermark.visible.mark import apply_mark, fingerprint

STRENGTHS = ("light", "standard", "strong")
RECIPE = Recipe("Atelier Nord", line2="Harbour house, 24 Nov 2026")


def usability(clean, marked):
    return float(ssim_map(luma(marked), luma(clean)).mean())


def test_the_same_inputs_give_the_same_pixels_and_leave_the_picture_alone():
    clean = landscape(1)
    kept = clean.copy()
    first, second = (apply_mark(clean, RECIPE, b"key", 2) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(clean, kept)
    assert first.shape == clean.shape
    assert first.dtype == np.uint8


@pytest.mark.parametrize("other", [(b"other", 0), (b"key", 1)])
def test_another_key_or_page_draws_other_lines(other):
    clean = landscape(1)
    mine = apply_mark(clean, RECIPE, b"key", 0).astype(int) - clean
    theirs = apply_mark(clean, RECIPE, *other).astype(int) - clean
    assert abs(np.corrcoef(mine.ravel(), theirs.ravel())[0, 1]) < 0.35


def test_the_same_key_draws_other_lines_on_another_picture():
    patterns = [apply_mark(scene, RECIPE, b"key", 0).astype(int) - scene for scene in (landscape(1), landscape(2))]
    assert abs(np.corrcoef(patterns[0].ravel(), patterns[1].ravel())[0, 1]) < 0.35


@pytest.mark.parametrize(
    ("strength", "least", "most"), [("light", 0.72, 0.95), ("standard", 0.5, 0.86), ("strong", 0.3, 0.7)]
)
def test_each_strength_keeps_its_place_on_the_curve(strength, least, most):
    found = [
        usability(scene, apply_mark(scene, Recipe("Atelier Nord", strength), b"key", 0))
        for scene in map(landscape, (1, 2, 3))
    ]
    assert least < np.mean(found) < most


@pytest.mark.parametrize("strength", STRENGTHS)
def test_every_part_of_the_picture_is_marked(strength):
    for number, clean in enumerate((landscape(4), page(), np.full((400, 600, 3), 255, np.uint8))):
        marked = apply_mark(clean, Recipe("Atelier Nord", strength), b"key", number)
        assert is_marked(clean, marked)
        change = cv2.absdiff(clean, marked).max(axis=2) >= 5
        cells = [cell for band in np.array_split(change, 4) for cell in np.array_split(band, 4, axis=1)]
        assert min(cell.mean() for cell in cells) >= 0.06


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("scene", [landscape(1, 1365, 2048), page(2048, 1448)], ids=["photograph", "page"])
def test_letters_stand_out_at_480_px(strength, scene):
    """A reader's eye in little: at 480 px, letters must differ from their surroundings much more than the ground does."""
    recipe = Recipe("Atelier Nord", strength)
    marked = apply_mark(scene, recipe, b"key", 0)
    scale = 480 / max(scene.shape)
    size = (round(scene.shape[1] * scale), round(scene.shape[0] * scale))
    small = [cv2.resize(luma(p), size, interpolation=cv2.INTER_AREA) for p in (scene, marked)]
    change = small[1] - small[0]
    local = np.abs(change - cv2.GaussianBlur(change, (0, 0), 9))
    words = letters(Canvas(*scene.shape[:2]), Chance(b"key", 0, fingerprint(scene)), recipe)
    words = cv2.resize(words, size, interpolation=cv2.INTER_AREA)
    assert local[words > 160].mean() > 1.45 * local[words < 20].mean()
    assert local[words > 160].mean() > 5


def test_a_page_stays_readable_but_not_clean():
    clean = page()
    marked = apply_mark(clean, RECIPE, b"key", 0)
    ink = luma(clean) < 60
    paper = luma(clean) > 230
    shade = luma(marked)
    assert np.median(shade[paper]) - np.median(shade[ink]) > 80
    best = min(np.mean((shade < level) != ink) / ink.mean() for level in range(40, 220, 6))
    assert best > 0.25, "one threshold must not give the text back"


@pytest.mark.parametrize(
    "shape", [(1, 1), (2, 3), (8, 8), (16, 16), (16, 64), (1, 10_000), (10_000, 1), (3, 4000), (64, 64)]
)
@pytest.mark.parametrize("tone", [0, 128, 255])
def test_small_thin_and_plain_pictures_are_marked(shape, tone):
    clean = np.full((*shape, 3), tone, np.uint8)
    for key in (b"a", b"b", b"c"):
        assert is_marked(clean, apply_mark(clean, Recipe("Atelier Nord", "light"), key, 0))


def test_noise_and_black_and_white_are_marked():
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, (300, 400, 3)).astype(np.uint8)
    two_tone = np.repeat(np.where(rng.random((300, 400, 1)) > 0.5, 255, 0).astype(np.uint8), 3, axis=2)
    for clean in (noise, two_tone):
        assert is_marked(clean, apply_mark(clean, RECIPE, b"key", 0))


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((0, 10, 3), np.uint8),
        np.zeros((10, 10), np.uint8),
        np.zeros((10, 10, 4), np.uint8),
        np.zeros((10, 10, 3), np.uint16),
    ],
    ids=["empty", "one plane", "with alpha", "sixteen bits"],
)
def test_what_is_no_picture_is_refused(picture):
    with pytest.raises(MarkFailed):
        apply_mark(picture, RECIPE, b"key", 0)


def test_a_mark_without_a_key_is_refused():
    with pytest.raises(MarkFailed):
        apply_mark(landscape(1), RECIPE, b"", 0)


def test_a_mark_that_did_not_take_is_never_handed_on(monkeypatch):
    monkeypatch.setattr("watermark.visible.mark.draw", lambda bent, *_: bent)
    monkeypatch.setattr("watermark.visible.mark.bend", lambda picture, *_: picture)
    monkeypatch.setattr("watermark.visible.mark.hatch", lambda marked, _: marked)
    with pytest.raises(MarkFailed):
        apply_mark(landscape(1), RECIPE, b"key", 0)


def test_a_strided_view_is_marked_like_its_copy():
    clean = landscape(1)[:, ::-1]
    assert np.array_equal(apply_mark(clean, RECIPE, b"k", 0), apply_mark(clean.copy(), RECIPE, b"k", 0))
