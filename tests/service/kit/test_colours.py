"""Whatever colour a studio chooses, words in it and on it can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kit.colours import contrast, ink_on, is_colour, readable

COLOURS = st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: f"#{rgb[0]:02x}{rgb[1]:02x}{rgb[2]:02x}")
GROUNDS = ("#ffffff", "#f7f7f5", "#131516", "#1b1e1f")


@given(COLOURS)
def test_every_colour_can_be_read(colour: str) -> None:
    for ground in GROUNDS:
        accent = readable(colour, ground)
        assert is_colour(accent)
        assert contrast(accent, ground) >= 4.5
        assert contrast(accent, ink_on(accent)) >= 4.5


def test_a_colour_that_reads_already_stays_as_it_is() -> None:
    assert readable("#1d5c57", "#ffffff") == "#1d5c57"
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("text", ["", "red", "#FFF", "#ffff", "#12345g", "#123456;", "#123456\n", " #123456"])
def test_nothing_else_is_a_colour(text: str) -> None:
    assert not is_colour(text)
