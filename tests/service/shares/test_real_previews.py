"""A real picture through ingest and a link: what its answers carry."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest
from PIL import Image
from starlette.testclient import TestClient

from service.deliveries.models import Asset, Blob
from service.shares.models import ShareLink
from tests.actors import work
from tests.leaks.oracle import Oracle
from tests.originals import Original, canary_jpeg
from tests.service.shares.conftest import JSON, PAGE, Shares


@dataclass
class Shown:
    """A held original with two links to its previews."""

    original: Original
    asset: Asset
    path: str
    other: str
    link: ShareLink


@pytest.fixture
def shown(shares: Shares) -> Shown:
    original = canary_jpeg("NAME-CANARY.jpg")
    delivery = shares.delivery()
    asset = shares.asset(delivery, 1, "queued", filename=original.filename, size=len(original.content))
    key = shares.get(Blob, asset.blob_id).storage_key
    shares.wiring.store.put(key, io.BytesIO(original.content))
    with shares.wiring.db.write() as tx:
        shares.wiring.queue.enqueue(tx, "previews.ingest", {"asset_id": asset.id})
    work(shares.wiring)
    link = shares.link(delivery)
    return Shown(original, asset, shares.path(link), shares.path(shares.link(delivery, "Juris")), link)


def test_a_rendition_tells_nothing_of_its_original(shares: Shares, client: TestClient, shown: Shown) -> None:
    oracle = Oracle([shown.original])
    for size in (480, 960, 2048):
        address = f"{shown.path}/previews/{shown.asset.id}/1/{size}"
        answer = client.get(address)
        assert answer.status_code == 200
        assert oracle.leaks(answer.content, answer.headers) == []
        assert max(Image.open(io.BytesIO(answer.content)).size) == size
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["content-disposition"] == f'inline; filename="preview-1-{size}.jpeg"'
        assert answer.headers["referrer-policy"] == "no-referrer"
        head = client.head(address)
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", answer.headers["etag"])
        assert head.headers["content-length"] == str(len(answer.content))
    for rest in ("", f"/view/{shown.asset.id}/1"):
        for headers in (PAGE, JSON):
            answer = client.get(shown.path + rest, headers=headers)
            assert oracle.leaks(answer.content, answer.headers) == []
            assert "NAME-CANARY" not in answer.text


def test_promise_11_what_was_seen_is_known_again_only_while_the_link_lives(
    shares: Shares, client: TestClient, shown: Shown
) -> None:
    rest = f"/previews/{shown.asset.id}/1/480"
    etag = client.get(shown.path + rest).headers["etag"]
    assert client.get(shown.other + rest).headers["etag"] != etag
    again = client.get(shown.path + rest, headers={"If-None-Match": f'"x", W/{etag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(shown.other + rest, headers={"If-None-Match": etag}).status_code == 200
    shares.set(ShareLink, shown.link.id, revoked_at=shares.wiring.clock())
    for headers in ({}, {"If-None-Match": etag}, {"If-None-Match": "*"}, {"Range": "bytes=0-9"}):
        refused = client.get(shown.path + rest, headers=headers)
        assert refused.status_code == 404
        assert "etag" not in refused.headers


def test_promise_1_query_parameters_change_nothing(client: TestClient, shown: Shown) -> None:
    address = f"{shown.path}/previews/{shown.asset.id}/1/480"
    plain = client.get(address).content
    for query in ("mark=0", "watermark=off", "size=2048", "quality=100", "download=1", "original=1"):
        assert client.get(f"{address}?{query}").content == plain
