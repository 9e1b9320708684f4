"""What was deleted can be brought back for a while, as it was; and meanwhile nobody but the studio sees anything of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.deliveries.repository import bytes_kept
from service.deliveries.undo import UNDO
from service.vault.sweep import sweep
from service.wiring import Wiring
from tests.actors import StudioActor, share_path, work
from tests.conftest import MovableClock
from tests.leaks.oracle import Oracle
from tests.originals import Original, canary_jpeg, canary_png, canary_zip


@pytest.fixture
def originals() -> list[Original]:
    return [canary_jpeg(width=900, height=600), canary_png(), canary_zip()]


@pytest.fixture
def held(studio: StudioActor, wiring: Wiring, originals: list[Original]) -> dict[str, Any]:
    """A delivery that was sent, with its previews made."""
    delivery = studio.delivery()["id"]
    assets = [asset["id"] for asset in studio.upload(delivery, *originals)]
    path = share_path(studio.link(delivery))
    work(wiring)
    return {"id": delivery, "assets": assets, "path": path}


def seen(client: TestClient, held: dict[str, Any]) -> list[Any]:
    """What the client's addresses answer: the page, the previews, the downloads."""
    asset, path = held["assets"][0], held["path"]
    gets = [path, f"{path}/previews/{asset}/1/480", f"{path}/view/{asset}/1"]
    answers = [client.get(place, headers={"Accept": "text/html"}) for place in gets]
    return [*answers, client.post(f"{path}/downloads"), client.post(f"{path}/downloads/{asset}")]


def test_a_deleted_delivery_is_nowhere_and_comes_back_as_it_was(
    studio: StudioActor, client: TestClient, wiring: Wiring, held: dict[str, Any], originals: list[Original]
) -> None:
    before = [studio.api("GET", f"/deliveries/{held['id']}{part}").json() for part in ("", "/assets", "/links")]
    gone = studio.page("POST", f"/deliveries/{held['id']}/delete")
    assert (gone.status_code, gone.headers["location"]) == (303, "/deliveries")
    oracle = Oracle(originals)
    for answer in seen(client, held):
        assert answer.status_code == 404
        assert oracle.leaks(answer.content, answer.headers) == []
    for part in ("", "/assets", "/links", "/events"):
        assert studio.api("GET", f"/deliveries/{held['id']}{part}").status_code == 404
    assert studio.page("GET", f"/deliveries/{held['id']}").status_code == 404
    assert studio.pay(held["id"]).status_code == 404
    assert studio.api("GET", "/deliveries").json()["items"] == []
    assert "can be brought back until" in studio.page("GET", "/deliveries/deleted").text
    work(wiring)
    assert studio.page("POST", f"/deliveries/{held['id']}/restore").status_code == 303
    assert [studio.api("GET", f"/deliveries/{held['id']}{part}").json() for part in ("", "/assets", "/links")] == before
    assert [answer.status_code for answer in seen(client, held)][:3] == [200, 200, 200]


def test_a_released_delivery_is_not_deleted(studio: StudioActor, held: dict[str, Any]) -> None:
    assert studio.pay(held["id"]).json()["released"]
    assert studio.page("POST", f"/deliveries/{held['id']}/delete").status_code == 303
    assert studio.state(held["id"]) == "released"


def test_downloads_of_a_release_that_was_taken_back_stay_shut_in_a_deleted_delivery(
    studio: StudioActor, client: TestClient, held: dict[str, Any], originals: list[Original]
) -> None:
    payment = studio.pay(held["id"]).json()["payment"]["id"]
    address = client.post(f"{held['path']}/downloads").headers["location"]
    assert client.head(address).status_code == 200
    assert studio.api("POST", f"/payments/{payment}/reverse", json={"reason": "bounced"}).status_code == 201
    studio.page("POST", f"/deliveries/{held['id']}/delete")
    for answer in (client.get(address), client.head(address), client.get(address, headers={"Range": "bytes=0-9"})):
        assert answer.status_code == 404
        assert Oracle(originals).leaks(answer.content, answer.headers) == []
    studio.page("POST", f"/deliveries/{held['id']}/restore")
    assert client.get(address).status_code == 404


def test_bytes_are_kept_and_counted_until_it_cannot_come_back(
    studio: StudioActor, wiring: Wiring, clock: MovableClock, held: dict[str, Any]
) -> None:
    def kept() -> int:
        with wiring.db.read() as tx:
            return bytes_kept(tx, studio.studio_id)

    before = kept()
    studio.page("POST", f"/deliveries/{held['id']}/delete")
    clock.move(days=UNDO.days - 1)
    assert sweep(wiring, grace=timedelta(hours=2)).freed == 0
    assert kept() == before
    clock.move(days=2)
    assert studio.page("POST", f"/deliveries/{held['id']}/restore").status_code == 303
    assert studio.api("GET", f"/deliveries/{held['id']}").status_code == 404, "too late"
    work(wiring)
    assert sweep(wiring, grace=timedelta(hours=2)).freed == 3
    assert kept() == 0
    assert not [stat.key for stat in wiring.store.list("proofs/")], "its pictures went, too"
    assert held["id"] not in studio.page("GET", "/deliveries/deleted").text


def test_an_asset_that_was_taken_out_is_put_back(
    studio: StudioActor, client: TestClient, wiring: Wiring, clock: MovableClock, held: dict[str, Any]
) -> None:
    asset = held["assets"][0]
    place = f"/deliveries/{held['id']}/assets/{asset}"
    preview = f"{held['path']}/previews/{asset}/1/480"
    assert studio.page("POST", f"{place}/remove").status_code == 303
    assert client.get(preview).status_code == 404
    assert "1 file was taken out lately" in studio.page("GET", f"/deliveries/{held['id']}").text
    assert studio.page("POST", f"{place}/restore").status_code == 303
    assert client.get(preview).status_code == 200
    assert studio.page("POST", f"{place}/restore").status_code == 303, "it is there already, which is said"
    assert studio.page("POST", f"{place}/remove").status_code == 303
    clock.move(days=UNDO.days + 1)
    work(wiring)
    assert studio.page("POST", f"{place}/restore").status_code == 303
    assert len(studio.api("GET", f"/deliveries/{held['id']}/assets").json()["items"]) == 2, "too late"


def test_a_mark_that_changed_meanwhile_is_on_what_comes_back(
    studio: StudioActor, client: TestClient, wiring: Wiring, held: dict[str, Any]
) -> None:
    preview = f"{held['path']}/previews/{held['assets'][0]}/1/480"
    before = client.get(preview).content
    studio.page("POST", f"/deliveries/{held['id']}/delete")
    assert studio.page("POST", "/settings/mark", {"text": "CITS", "strength": "strong"}).status_code == 303
    work(wiring)
    studio.page("POST", f"/deliveries/{held['id']}/restore")
    shown = client.get(preview)
    assert shown.content != before, "never the old mark, and never a clean picture"
    work(wiring)
    after = client.get(preview)
    assert after.headers["content-type"] == "image/jpeg"
    assert after.content not in {before, shown.content}


def test_many_files_are_changed_at_once_and_taken_out_together(
    studio: StudioActor, wiring: Wiring, held: dict[str, Any]
) -> None:
    many = f"/deliveries/{held['id']}/assets/many"

    def assets() -> list[Any]:
        return list(studio.api("GET", f"/deliveries/{held['id']}/assets").json()["items"])

    for tier in ("source", "final"):
        assert studio.page("POST", many, {"asset": held["assets"], "action": tier}).status_code == 303
        assert {asset["tier"] for asset in assets()} == {tier}
    assert studio.page("POST", many, {"asset": held["assets"], "action": "remark"}).status_code == 303
    work(wiring)
    assert [asset["state"] for asset in assets()] == ["ready"] * 3
    gone = studio.page("POST", many, {"asset": held["assets"][:2], "action": "remove"})
    assert len(assets()) == 1
    flash = next(cookie for cookie in gone.headers.get_list("set-cookie") if "flash" in cookie)
    shown = studio.client.get(
        f"/deliveries/{held['id']}",
        headers={"Cookie": f"{studio.cookie_header['Cookie']}; {flash.split(';')[0]}", "Accept": "text/html"},
    ).text
    undo = f"/deliveries/{held['id']}/assets/{held['assets'][0]}/restore?together=yes"
    assert f'action="{undo}"' in shown
    assert studio.page("POST", undo).status_code == 303
    assert len(assets()) == 3


def test_what_is_asked_of_many_files_is_done_whole_or_not(studio: StudioActor, held: dict[str, Any]) -> None:
    many = f"/deliveries/{held['id']}/assets/many"
    other = studio.upload(studio.delivery("Cits")["id"], canary_png())[0]["id"]
    assert studio.page("POST", many, {"asset": [held["assets"][0], other], "action": "remove"}).status_code == 404
    for form in ({"action": "remove"}, {"asset": held["assets"], "action": "sell"}):
        assert studio.page("POST", many, form).status_code == 303
    assert len(studio.api("GET", f"/deliveries/{held['id']}/assets").json()["items"]) == 3
    studio.pay(held["id"])
    assert studio.page("POST", many, {"asset": held["assets"], "action": "remove"}).status_code == 303
    assert len(studio.api("GET", f"/deliveries/{held['id']}/assets").json()["items"]) == 3, "released: nothing goes"


def test_files_are_found_by_what_became_of_them(
    studio: StudioActor, client: TestClient, clock: MovableClock, held: dict[str, Any]
) -> None:
    first, second, third = held["assets"]
    for asset, said in ((first, "changes"), (first, "approved"), (second, "approved"), (second, "changes")):
        clock.move(minutes=1)
        form = {"asset": asset, "said": said, "note": "tumšs"}
        visitor = client.get(held["path"], headers={"Accept": "text/html"})
        token = visitor.text.split('name="csrf" value="')[1].split('"')[0]
        assert client.post(f"{held['path']}/answer", data={**form, "csrf": token}).status_code == 303
    form = {"asset": third, "text": "Skaisti", "csrf": token}
    assert client.post(f"{held['path']}/comments", data=form).status_code == 303

    def shown(show: str) -> set[str]:
        page = studio.page("GET", f"/deliveries/{held['id']}?show={show}").text
        return {asset for asset in held["assets"] if f'id="a-{asset}"' in page}

    assert shown("approved") == {first}
    assert shown("changes") == {second}
    assert shown("commented") == {third}
    assert shown("failed") == set()
    assert shown("nonsense") == set(held["assets"])
