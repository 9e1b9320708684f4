"""The share page, as a client's browser and as a program read it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from service.deliveries.models import Asset, Delivery
from service.shares.models import ShareLink
from service.wiring import Wiring
from tests.conftest import MovableClock
from tests.service.shares.conftest import JSON, PAGE, Shares, add_asset_row


def test_it_says_what_from_whom_how_much_and_what_next(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery(note="Thank you for the day!")
    shares.asset(delivery, 1)
    page = client.get(shares.path(shares.link(delivery)), headers=PAGE)
    assert page.status_code == 200
    for words in (
        "Foto Ozols for Anna Bērziņa",
        "<h1>Kāzas Cēsīs</h1>",
        "Look at the previews and pay by April 1, 2026.",
        "€450.00",
        "LV80 BANK 0000 4351 9500 1",
        "held until payment",
        "Thank you for the day!",
    ):
        assert words in page.text
    for words in ("locked", "escrow", "Sign out", "/settings"):
        assert words not in page.text.lower().replace("sign out", "Sign out")


def test_programs_get_the_same(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery()
    asset = shares.asset(delivery, 1, pages=2)
    shares.asset(delivery, 2, "card", filename="album.indd", size=1234)
    path = shares.path(shares.link(delivery))
    body = client.get(path, headers=JSON).json()
    assert body["reference"].startswith("RF")
    wanted = ("held", "Kāzas Cēsīs", "Foto Ozols", "450.00", "EUR", "2026-04-01", None, 2, None)
    keys = ("state", "title", "studio", "amount", "currency", "due_on", "downloads", "total", "next")
    assert tuple(body[key] for key in keys) == wanted
    picture, card = body["assets"]
    assert (picture["id"], picture["kind"], len(picture["pages"])) == (asset.id, "picture", 2)
    assert picture["pages"][1] == {
        "number": 2,
        "width": 1600,
        "height": 1067,
        "renditions": {str(size): f"{path}/previews/{asset.id}/2/{size}" for size in (480, 960, 2048)},
    }
    assert [picture[key] for key in ("name", "type", "size", "sha256")] == [None] * 4
    assert (card["kind"], card["name"], card["size"], len(card["sha256"])) == ("card", "album.indd", 1234, 64)


def test_promise_6_neither_page_nor_json_tells_of_a_held_original(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery()
    asset = shares.asset(delivery, 1, filename="CANARY-name-91.jpg", size=7_654_321)
    path = shares.path(shares.link(delivery))
    for rest in ("", f"/view/{asset.id}/1"):
        for headers in (PAGE, JSON):
            answer = client.get(path + rest, headers=headers)
            told = answer.text + str(answer.headers)
            for secret in ("CANARY", asset.sha256, asset.sha256[:16], "7654321", "7,654", "7.7"):
                assert secret not in told, (rest, secret)


def test_promise_12_no_storage_key_and_no_token_where_it_does_not_belong(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery()
    asset = shares.asset(delivery, 1)
    link = shares.link(delivery)
    path = shares.path(link)
    token = path.removeprefix("/s/")
    for rest in ("", f"/view/{asset.id}/1"):
        page = client.get(path + rest, headers=PAGE)
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "private, no-store"
        for key in ("originals/", f"proofs/{asset.id}", link.id, asset.blob_id):
            assert key not in page.text
        assert not re.search(r"<meta[^>]+(og:|twitter:)", page.text)
        assert not re.search(r'(href|src|srcset|content)="https?://', page.text)
        addressed = re.findall(
            rf'(?:href|src|srcset|action|data-pswp-src|data-pswp-srcset)="[^"]*{re.escape(token)}', page.text
        )
        assert page.text.count(token) >= len(addressed) > 0
        outside = re.sub(r'(?:href|src|srcset|action|data-pswp-src|data-pswp-srcset)="[^"]*"', "", page.text)
        assert token not in outside
    missing = client.get(f"{path}/previews/{asset.id}/1/481", headers=PAGE)
    assert missing.status_code == 404
    assert token not in re.sub(r'href="\?[^"]*"', "", missing.text)


def test_promise_3_a_revoked_or_ended_link_shuts_every_address_below(
    shares: Shares, client: TestClient, clock: MovableClock
) -> None:
    delivery = shares.delivery()
    asset = shares.asset(delivery, 1)
    revoked = shares.link(delivery)
    ended = shares.link(delivery, expires_at=clock() + timedelta(minutes=5))
    rests = ["", f"/view/{asset.id}/1", f"/previews/{asset.id}/1/480"]
    for link in (revoked, ended):
        for rest in rests:
            assert client.get(shares.path(link) + rest, headers=PAGE).status_code == 200
    shares.set(ShareLink, revoked.id, revoked_at=clock())
    clock.move(minutes=5)
    answers = set()
    for link in (revoked, ended):
        for rest in rests:
            for method in ("GET", "HEAD"):
                answer = client.request(method, shares.path(link) + rest, headers=PAGE)
                assert answer.status_code == 404
                answers.add(re.sub(r'value="[^"]*"', "", answer.text))
        for rest in ("/downloads", f"/downloads/{asset.id}"):
            assert client.post(shares.path(link) + rest, headers=JSON).status_code == 404
    assert len(answers - {""}) == 1


@pytest.mark.parametrize("locale", ["lv", "ru"])
def test_the_language_is_the_deliverys_until_the_client_chooses(
    shares: Shares, client: TestClient, locale: str
) -> None:
    path = shares.path(shares.link(shares.delivery(locale=locale)))
    english = {**PAGE, "Accept-Language": "en"}
    assert f'<html lang="{locale}">' in client.get(path, headers=english).text
    assert '<html lang="en">' in client.get(f"{path}?lang=en", headers=english).text
    assert '<html lang="en">' in client.get(path, headers=PAGE).text


def test_a_tile_is_said_for_every_state(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery()
    path = shares.path(shares.link(delivery))
    assert "is still adding the work" in client.get(path, headers=PAGE).text
    for position, state in enumerate(("ready", "card", "failed", "queued", "rendering"), start=1):
        shares.asset(delivery, position, state, pages=12, filename=f"<b>{state}</b>.bin")
    page = client.get(path, headers=PAGE).text
    assert "5 pieces of work" in page
    assert "12 pages" in page
    assert "&lt;b&gt;card&lt;/b&gt;.bin" in page
    assert "<b>" not in page
    assert "No preview could be made of this one." in page
    assert "2 previews are still being made." in page
    assert "&lt;b&gt;ready" not in page


def test_once_released_the_same_address_offers_downloads(shares: Shares, client: TestClient) -> None:
    from service.releases.release import release

    delivery = shares.delivery()
    asset = shares.asset(delivery, 1)
    path = shares.path(shares.link(delivery))
    with shares.wiring.db.write() as tx:
        release(tx, shares.wiring, tx.get_one(Delivery, delivery.id), reason="waived", note="a gift", actor="member:m")
    page = client.get(path, headers=PAGE).text
    assert "The originals are released." in page
    assert f'action="{path}/downloads/{asset.id}"' in page
    assert page.index('id="downloads"') < page.index('id="pay"')
    body = client.get(path, headers=JSON).json()
    assert body["assets"][0]["name"] == "IMG_0001.jpg"
    assert body["downloads"] == {
        "all": f"{path}/downloads",
        "assets": [{"asset": asset.id, "url": f"{path}/downloads/{asset.id}"}],
    }


def _fill(shares: Shares, delivery: Delivery, count: int) -> None:
    with shares.wiring.db.write() as tx:
        for position in range(1, count + 1):
            add_asset_row(tx, delivery, position, "ready", 1, shares.wiring.clock())


def _queries(wiring: Wiring, client: TestClient, path: str, headers: dict[str, str]) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engines = (wiring.db.engine, wiring.db._read_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    assert client.get(path, headers=headers).status_code == 200
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


@pytest.mark.parametrize("headers", [PAGE, JSON])
def test_many_assets_cost_no_more_queries_than_few(shares: Shares, client: TestClient, headers: dict[str, str]) -> None:
    few, many = shares.delivery("Few"), shares.delivery("Many")
    _fill(shares, few, 2)
    _fill(shares, many, 130)
    paths = [shares.path(shares.link(delivery)) for delivery in (few, many)]
    for path in paths:
        client.get(path, headers=headers)
    first, second = [_queries(shares.wiring, client, path, headers) for path in paths]
    assert first == second


def test_pages_of_sixty_hold_every_asset_once(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery()
    _fill(shares, delivery, 130)
    path = shares.path(shares.link(delivery))
    seen: list[str] = []
    for number, expected in ((1, 60), (2, 60), (3, 10)):
        found = re.findall(r'<li id="a-(ast_\w+)"', client.get(f"{path}?page={number}", headers=PAGE).text)
        assert len(found) == expected
        seen += found
    assert sorted(seen) == sorted(asset.id for asset in shares.all(Asset))
    assert len(set(seen)) == 130


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "1e9", "٣", "9" * 40, ""])
def test_an_odd_page_number_is_some_page(shares: Shares, client: TestClient, page: str) -> None:
    delivery = shares.delivery()
    shares.asset(delivery, 1)
    path = shares.path(shares.link(delivery))
    assert client.get(path, params={"page": page}, headers=PAGE).status_code == 200
    assert client.get(path, params={"page": page}, headers=JSON).status_code == 200
