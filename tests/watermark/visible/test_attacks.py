"""A quick taste of the bench on made pictures: the attacks that must gain nothing, gain nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.visible import attack_inpaint, attack_invert, attack_matte, attack_smooth, attack_spectrum, view
from tests.bench.visible.scores import luma, score
from tests.watermark.visible.scenes import landscape
from watermark.recipe import Recipe
from watermark.visible.mark import apply_mark

SIZE = (800, 534)


def marked(picture, asset):
    return apply_mark(picture, Recipe("PREVIEW client@example.com"), b"asset %d" % asset, 0)


@pytest.fixture(scope="module")
def preview():
    original = landscape(2, SIZE[1], SIZE[0])
    picture = marked(original, 1)
    pattern = picture.astype(np.float32) - original
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attack_invert, "SIZE", SIZE)
        templates = {name: attack_invert.read_template(marked, a) for name, a in (("own_upload", 9), ("leaked_key", 1))}
    own = marked(np.full_like(original, 128), 9)
    return view.View(view.as_jpeg(picture), original, luma(pattern), pattern, own, templates)


@pytest.mark.parametrize("attack", [attack_invert.own_upload, attack_invert.leaked_key, attack_spectrum.notch])
def test_inversion_and_notch_gain_nothing(preview, attack):
    assert score(attack(preview), preview.original, preview.pattern).clean <= 0.08


@pytest.mark.parametrize(
    "attack",
    [
        attack_inpaint.telea_found,
        attack_inpaint.two_tones,
        attack_smooth.median,
        attack_smooth.bilateral,
        attack_smooth.wavelet,
    ],
)
def test_painting_over_and_smoothing_gain_little(preview, attack):
    assert score(attack(preview), preview.original, preview.pattern).clean <= 0.36


def test_many_pictures_share_no_mark():
    previews = [marked(landscape(seed, SIZE[1], SIZE[0]), seed) for seed in range(6)]
    common = attack_matte.common_pattern(previews)
    pattern = previews[0].astype(np.float32) - landscape(0, SIZE[1], SIZE[0])
    assert abs(np.corrcoef(common.ravel(), pattern.ravel())[0, 1]) < 0.3
