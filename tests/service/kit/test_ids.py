"""Ids: unguessable, readable, and recognisable by their prefix."""

from __future__ import annotations

import pytest

from service.kit.ids import looks_like_id, new_id


def test_an_id_has_its_prefix_and_128_bits() -> None:
    made = new_id("dlv")
    prefix, _, rest = made.partition("_")
    assert prefix == "dlv"
    assert len(rest) == 26
    assert not set(rest) & set("ilou")
    assert looks_like_id(made, "dlv")
    assert not looks_like_id(made, "ast")


def test_ids_differ_in_every_place() -> None:
    made = [new_id("dlv") for _ in range(2000)]
    assert len(set(made)) == 2000
    for place in range(5, 30):  # the first digit carries only what is left of 128 bits over 5 a digit
        assert len({each[place] for each in made}) == 32


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dlv_",
        "dlv_" + "0" * 25,
        "dlv_" + "0" * 27,
        "dlv_" + "0" * 25 + "i",
        "dlv_" + "0" * 26 + "\n",
        "DLV_" + "0" * 26,
    ],
)
def test_what_is_no_id(text: str) -> None:
    assert not looks_like_id(text, "dlv")
