"""Recipes: stable digests, plain refusals. And what the child says is never believed."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from tests.watermark.conftest import corners, saved
from watermark import PUBLIC_TEXTS, Recipe, RecipeError, RenderStopped
from watermark.answers import read_error, read_header, read_page
from watermark.protocol import Closed, receive_frame, send_frame

LOGO = saved(corners(20, 20), "PNG")


def test_the_digest_follows_every_field() -> None:
    base = Recipe("a")
    variants = [
        base,
        Recipe("b"),
        Recipe("a", "strong"),
        Recipe("a", line2="x"),
        Recipe("a", logo=LOGO),
        replace(base, code_version=99),
    ]
    assert len({recipe.digest() for recipe in variants}) == len(variants)
    assert Recipe("a").digest() == base.digest()
    assert all(Recipe.from_json(recipe.to_json()) == recipe for recipe in variants)


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(""),
        Recipe("  "),
        Recipe("x" * 501),
        Recipe("a\nb"),
        Recipe("a", line2="y" * 201),
        Recipe("a", logo=b"GIF"),
        Recipe("a", logo=LOGO + b"\0" * (1 << 20)),
        Recipe("\ud800"),
    ],
)
def test_what_cant_be_drawn_is_refused(recipe: Recipe) -> None:
    with pytest.raises(RecipeError):
        recipe.validate()


HEADER = {
    "kind": "picture",
    "media_type": "image/png",
    "page_count": 1,
    "width": 5,
    "height": 5,
    "reason": None,
    "notes": [],
}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "original"},
        {"kind": ["card"]},
        {"page_count": -1},
        {"page_count": True},
        {"width": None},
        {"width": 1.5},
        {"reason": "x"},
        {"notes": [[]]},
        {"notes": ["<script>"]},
        {"media_type": 5},
        {"media_type": "x" * 200},
        {"kind": "card", "reason": None},
    ],
)
def test_a_malformed_header_is_refused(change: dict[str, object]) -> None:
    assert read_header(HEADER, []).width == 5
    with pytest.raises(RenderStopped):
        read_header({**HEADER, **change}, [])


def test_a_malformed_page_is_refused() -> None:
    small = saved(corners(), "JPEG")
    page = {
        "number": 1,
        "width": 300,
        "height": 200,
        "proof_type": "image/jpeg",
        "reason": None,
        "sizes": [2048, 960, 480],
        "blur": "A" * 24,
    }
    assert read_page(page, [small] * 4, 1, Recipe("a")).width == 300
    for change in (
        {"number": 2},
        {"width": 299},
        {"proof_type": "text/html"},
        {"sizes": [480]},
        {"reason": {}},
        {"blur": "<b>"},
    ):
        with pytest.raises(RenderStopped):
            read_page({**page, **change}, [small] * 4, 1, Recipe("a"))
    for blobs in ([small] * 3, [small, small, small, b""], [small, small, small, small + b"x"]):
        with pytest.raises(RenderStopped):
            read_page(page, blobs, 1, Recipe("a"))


def test_frames_are_bounded() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send_frame(theirs, {"a": 1}, [b"xy"])
        assert receive_frame(ours, 2) == ({"a": 1}, [b"xy"])
        for raw in (
            b"\xff" * 8,
            b"\0\0\0\x02\0\0\0\0[]",
            b"\0\0\0\x02\0\0\0\0{x",
            b"\0\0\0\x02\0\0\0\x01{}\x00\x00\x00\x09",
        ):
            theirs.sendall(raw)
            with pytest.raises(RenderStopped):
                receive_frame(ours, 8)
        theirs.close()
        with pytest.raises(Closed):
            receive_frame(ours, 8)


@pytest.mark.parametrize("code", PUBLIC_TEXTS)
def test_each_code_comes_back_as_its_error(code: str) -> None:
    assert read_error({"code": code}).code == code
    assert read_error({"code": code}).public == PUBLIC_TEXTS[code]


def test_an_unknown_code_is_a_bad_answer() -> None:
    assert read_error({"code": "fine"}).code == read_error({}).code == "bad_answer"
