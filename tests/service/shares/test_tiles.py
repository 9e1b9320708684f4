"""What a page tells of an asset."""

from __future__ import annotations

import dataclasses

import pytest

from service.deliveries.models import Asset
from service.previews.models import Proof
from service.shares.tiles import tiles_of


def _asset(state: str = "ready", **more: object) -> Asset:
    known = {"id": "ast_1", "filename": "Secret Name.CR3", "media_type": "image/x-raw", "size": 31_337, "page_count": 1}
    return Asset(**{**known, "sha256": "ab" * 32, "state": state, **more})


def _proof(width: int = 2048, height: int = 1365, page: int = 1) -> Proof:
    return Proof(asset_id="ast_1", page=page, width=width, height=height)


def test_promise_6_a_picture_tells_nothing_of_its_original_while_held() -> None:
    [tile] = tiles_of([_asset()], {"ast_1": [_proof()]}, path="/s/t", first=3, released=False)
    assert (tile.kind, tile.number) == ("picture", 3)
    told = str(dataclasses.asdict(tile))
    for secret in ("Secret", "CR3", "31337", "abab", "raw"):
        assert secret not in told


def test_once_released_the_name_is_told() -> None:
    [tile] = tiles_of([_asset()], {"ast_1": [_proof()]}, path="/s/t", first=1, released=True)
    assert (tile.name, tile.size, tile.type) == ("Secret Name.CR3", 31_337, "CR3")


def test_a_card_is_known_by_name_type_size_and_hash() -> None:
    [tile] = tiles_of([_asset("card")], {}, path="/s/t", first=1, released=False)
    assert (tile.kind, tile.name, tile.type, tile.size) == ("card", "Secret Name.CR3", "CR3", 31_337)
    assert tile.sha256 == "ab" * 32


@pytest.mark.parametrize(
    ("state", "kind"), [("queued", "waiting"), ("rendering", "waiting"), ("failed", "failed"), ("ready", "waiting")]
)
def test_without_pictures_nothing_is_told_either(state: str, kind: str) -> None:
    [tile] = tiles_of([_asset(state)], {}, path="/s/t", first=1, released=False)
    assert (tile.kind, tile.pictures, tile.name, tile.size, tile.sha256) == (kind, [], None, None, None)


def test_colours_are_told_only_of_what_the_recipe_in_force_marked() -> None:
    proof = _proof()
    proof.recipe_digest, proof.blur = "now", "48YJJYSHiIh/iIeHdwd4eod2cKgH"
    for digest, told in (("now", proof.blur), ("later", ""), ("", "")):
        [tile] = tiles_of([_asset()], {"ast_1": [proof]}, path="/s/t", first=1, released=False, digest=digest)
        assert [picture.blur for picture in tile.pictures] == [told]


def test_srcset_says_the_true_widths() -> None:
    [tile] = tiles_of([_asset()], {"ast_1": [_proof(1365, 2048)]}, path="/s/t", first=1, released=False)
    [picture] = tile.pictures
    assert picture.srcset == (
        "/s/t/previews/ast_1/1/480 320w, /s/t/previews/ast_1/1/960 640w, /s/t/previews/ast_1/1/2048 1365w"
    )
    assert picture.ratio_class == "r13"


def test_a_small_picture_names_each_width_once() -> None:
    [tile] = tiles_of([_asset()], {"ast_1": [_proof(600, 400)]}, path="/s/t", first=1, released=False)
    assert tile.pictures[0].srcset == "/s/t/previews/ast_1/1/480 480w, /s/t/previews/ast_1/1/960 600w"


@pytest.mark.parametrize(("size", "expected"), [((2048, 10), "r60"), ((10, 2048), "r8"), ((100, 100), "r20")])
def test_shapes_stay_within_the_style_sheet(size: tuple[int, int], expected: str) -> None:
    [tile] = tiles_of([_asset()], {"ast_1": [_proof(*size)]}, path="/s/t", first=1, released=False)
    assert tile.pictures[0].ratio_class == expected
