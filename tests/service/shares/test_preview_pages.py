"""Preview pictures and the page for one of them."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from service.deliveries.models import Asset
from tests.service.shares.conftest import PAGE, Shares


@pytest.mark.parametrize(
    "rest",
    ["1/4800", "1/481", "1/0", "1/0480", "1/full", "1/original", "1/-480", "0/480", "2/480", "01/480", "1/480.jpg",
     "1/48%30x", "1/２０４８", "1", "%2e%2e/480", "1/999999999999"],
)  # fmt: skip
def test_promise_1_an_edited_size_or_page_is_404(shares: Shares, client: TestClient, rest: str) -> None:
    delivery = shares.delivery()
    asset = shares.asset(delivery, 1)
    path = f"{shares.path(shares.link(delivery))}/previews/{asset.id}"
    assert client.get(f"{path}/{rest}").status_code == 404
    assert client.get(f"{path}/{rest}", headers=PAGE).status_code == 404


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_promise_4_an_asset_of_another_delivery_is_404(shares: Shares, client: TestClient, method: str) -> None:
    mine, theirs = shares.delivery("Mine"), shares.delivery("Theirs")
    path = shares.path(shares.link(mine))
    shares.link(theirs)
    foreign = shares.asset(theirs, 1)
    for size in (480, 960, 2048):
        assert client.request(method, f"{path}/previews/{foreign.id}/1/{size}").status_code == 404
    assert client.request(method, f"{path}/view/{foreign.id}/1").status_code == 404
    assert client.post(f"{path}/downloads/{foreign.id}").status_code == 404


@pytest.mark.parametrize("rest", ["view/{asset}/0", "view/{asset}/2", "view/{asset}/x", "view/{asset}"])
def test_an_edited_view_is_404(shares: Shares, client: TestClient, rest: str) -> None:
    delivery = shares.delivery()
    asset = shares.asset(delivery, 1)
    path = shares.path(shares.link(delivery))
    assert client.get(f"{path}/{rest.format(asset=asset.id)}", headers=PAGE).status_code == 404


def test_a_removed_or_unready_asset_has_no_view(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery()
    removed, card = shares.asset(delivery, 1), shares.asset(delivery, 2, "card")
    path = shares.path(shares.link(delivery))
    shares.set(Asset, removed.id, removed_at=shares.wiring.clock())
    for asset in (removed, card):
        assert client.get(f"{path}/view/{asset.id}/1", headers=PAGE).status_code == 404


def test_the_way_through_the_views_passes_every_page_both_ways(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery()
    first = shares.asset(delivery, 1)
    shares.asset(delivery, 2, "card")
    document = shares.asset(delivery, 3, pages=3)
    shares.asset(delivery, 4, "failed")
    last = shares.asset(delivery, 4)
    path = shares.path(shares.link(delivery))
    expected = [(first, 1), (document, 1), (document, 2), (document, 3), (last, 1)]
    steps = [f"{path}/view/{asset.id}/{page}" for asset, page in expected]
    assert _walk(client, steps[0], "next") == steps
    assert _walk(client, steps[-1], "prev") == steps[::-1]


def _walk(client: TestClient, address: str, way: str) -> list[str]:
    seen = []
    while address and len(seen) < 20:
        seen.append(address)
        found = re.search(rf'rel="{way}" href="([^"]+)"', client.get(address, headers=PAGE).text)
        address = found[1] if found else ""
    return seen
