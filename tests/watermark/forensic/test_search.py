"""The search for the lattice: what the sweep finds where no single peak shows, and what the pilot says of a lattice."""

import numpy as np
import pytest

from tests.watermark.forensic.pictures import KEY, PAYLOAD, jpeg, photograph, resized, turned
from watermark.forensic import align, codec, embed, lattice, pilot, read, sweep
from watermark.forensic.read import Survey, survey


def near(bases: np.ndarray, wanted: np.ndarray, within: float) -> bool:
    return any(float(np.abs(basis - wanted).max()) < within for basis in bases)


def faint(gain: float, across: float, down: float) -> Survey:
    marked = codec.embed(photograph(1280, 853, seed=6), PAYLOAD, KEY, gain=gain)
    ground = survey(jpeg(resized(marked, across, down), 80))
    assert ground is not None
    return ground


@pytest.mark.parametrize(("across", "down"), [(0.8, 0.8), (0.83, 0.79), (1.0, 1.05)])
def test_a_mark_too_faint_for_a_single_peak_is_found_by_all_together(across: float, down: float) -> None:
    ground = faint(0.55, across, down)
    wanted = np.diag([embed.TILE * across, embed.TILE * down])
    assert near(ground.swept, wanted, 1.5)
    assert [found.payload for found in read.readings(ground, KEY)] == [PAYLOAD]


def test_the_sweep_reaches_four_degrees_and_single_peaks_any_turn() -> None:
    marked = codec.embed(photograph(1280, 853, seed=6), PAYLOAD, KEY)
    for degrees in (-3.5, 3.5, 17, 44):
        assert codec.extract(turned(marked, degrees), KEY)[0] == PAYLOAD


def test_the_pilot_stands_out_on_the_right_lattice_only() -> None:
    ground = faint(1.0, 1.0, 1.0)
    right = np.eye(2) * embed.TILE
    scores = pilot.scores(ground.white, np.stack([right, right * 1.04, right * 0.5]), KEY)
    assert scores[0] > 8
    assert scores[1:].max() < 6
    assert pilot.scores(ground.white, right[None], b"another key")[0] < 6


def test_a_rough_lattice_is_sharpened_coarsely_then_finely() -> None:
    ground = faint(1.0, 0.9, 0.9)
    right = np.eye(2) * embed.TILE * 0.9
    rough = right + np.array([[0.5, -0.4], [0.3, 0.6]])
    sharper, score = pilot.sharpen(ground.white, rough, KEY)
    assert score > pilot.scores(ground.white, rough[None], KEY)[0]
    finest = align.sharpen(ground.white.picture, sharper, KEY)
    assert finest.score > 10


def test_noise_and_nothing_sweep_to_something_harmless() -> None:
    for window in (np.zeros((321, 321), np.float32), np.random.default_rng(1).normal(size=(321, 321))):
        found = sweep.find(np.asarray(window, np.float32), (400, 500), 5)
        assert len(found) == 5
        assert all(np.isfinite(candidate.basis).all() and candidate.score < 20 for candidate in found)
        assert lattice.find(np.asarray(window, np.float32), 160, 5) is not None
