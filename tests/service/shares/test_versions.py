"""Versions of an asset: the client sees the newest and can compare it with the one before; answers are of a version."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, share_path, work
from tests.conftest import MovableClock
from tests.originals import canary_jpeg, canary_png

HTML, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client)


@pytest.fixture
def versions(studio: StudioActor, wiring: Wiring, client: TestClient) -> tuple[str, str, str, str]:
    """(delivery, its link's path, the first version, the second): two assets, of which the first was replaced."""
    delivery = studio.delivery()["id"]
    first, _other = studio.upload(delivery, canary_jpeg(width=900, height=600), canary_png())
    path = share_path(studio.link(delivery))
    work(wiring)
    newer = canary_jpeg("labots.jpg", seed=3, width=800, height=600)
    second = studio.upload(delivery, newer, replaces=first["id"])[0]
    work(wiring)
    assert (first["version"], second["version"]) == (1, 2)
    return delivery, path, first["id"], second["id"]


def shown(client: TestClient, path: str) -> list[dict[str, Any]]:
    return list(client.get(path, headers=JSON).json()["assets"])


def test_the_newest_stands_in_the_old_ones_place(
    studio: StudioActor, client: TestClient, versions: tuple[str, str, str, str]
) -> None:
    _delivery, path, first, second = versions
    tiles = shown(client, path)
    assert next((tile["id"], tile["version"]) for tile in tiles) == (second, 2)
    assert len(tiles) == 2
    page = client.get(f"{path}/compare/{second}/1", headers=HTML)
    assert page.status_code == 200
    for asset in (first, second):
        assert f"{path}/previews/{asset}/1/960" in page.text
        assert client.get(f"{path}/previews/{asset}/1/480").headers["content-type"] == "image/jpeg"
    assert f"{path}/compare/{second}/1" in client.get(f"{path}/view/{second}/1", headers=HTML).text
    assert client.get(f"{path}/view/{first}/1").status_code == 404
    assert client.get(f"{path}/compare/{first}/1").status_code == 404
    assert client.get(f"{path}/compare/{tiles[1]['id']}/1").status_code == 404


def test_only_the_newest_original_is_handed_over(
    studio: StudioActor, client: TestClient, versions: tuple[str, str, str, str]
) -> None:
    delivery, path, first, second = versions
    studio.pay(delivery)
    assert client.post(f"{path}/downloads/{first}").status_code == 404
    assert client.post(f"{path}/downloads/{second}").status_code == 303
    again = [("file", ("vēl.png", canary_png().content, "image/png"))]
    refused = studio.api("POST", f"/deliveries/{delivery}/assets", files=again, data={"replaces": second})
    assert (refused.status_code, refused.json()["code"]) == (409, "released")


def test_the_version_before_the_one_before_is_gone(
    studio: StudioActor, client: TestClient, wiring: Wiring, versions: tuple[str, str, str, str]
) -> None:
    delivery, path, first, second = versions
    third = studio.upload(delivery, canary_jpeg("v3.jpg", seed=4, width=800, height=600), replaces=second)[0]["id"]
    work(wiring)
    assert client.get(f"{path}/previews/{first}/1/480").status_code == 404
    assert client.get(f"{path}/previews/{second}/1/480").status_code == 200
    assert client.get(f"{path}/compare/{third}/1", headers=HTML).status_code == 200
    studio.page("POST", f"/deliveries/{delivery}/assets/{third}/remove")
    assert client.get(f"{path}/previews/{second}/1/480").status_code == 404


def test_all_versions_have_the_same_mark(studio: StudioActor, wiring: Wiring) -> None:
    """Else two versions that look much alike could be averaged, and both marks would fade."""
    delivery = studio.delivery()["id"]
    same = canary_jpeg(width=900, height=600)
    first = studio.upload(delivery, same)[0]["id"]
    second = studio.upload(delivery, same, replaces=first)[0]["id"]
    other = studio.upload(delivery, same)[0]["id"]
    work(wiring)
    seen = [studio.page("GET", f"/deliveries/{delivery}/previews/{a}/1/480").content for a in (first, second, other)]
    assert seen[0] == seen[1] != seen[2]


def test_an_answer_is_about_the_version_it_was_given_for(
    studio: StudioActor, client: TestClient, wiring: Wiring, clock: MovableClock
) -> None:
    delivery = studio.delivery()["id"]
    first = studio.upload(delivery, canary_jpeg(width=900, height=600))[0]["id"]
    path = share_path(studio.link(delivery))
    work(wiring)
    for asset in (first, ""):
        page = client.get(path, headers=HTML).text
        csrf = page.split('name="csrf" value="', 1)[1].split('"', 1)[0]
        answer = client.post(f"{path}/answer", data={"csrf": csrf, "said": "approved", "asset": asset})
        assert answer.status_code == 303
    assert ">Approved<" in client.get(path, headers=HTML).text
    clock.move(minutes=5)
    second = studio.upload(delivery, canary_png("labots.png"), replaces=first)[0]["id"]
    work(wiring)
    page = client.get(path, headers=HTML).text
    assert "this answer was not about it" in page
    assert "Approve everything" in page
    assert 'class="shot-marks"' not in page
    assert ">Approved<" not in client.get(f"{path}/view/{second}/1", headers=HTML).text


def test_one_file_of_this_delivery_is_replaced_by_one(studio: StudioActor, versions: tuple[str, str, str, str]) -> None:
    delivery, _path, first, second = versions
    two = [("file", (f"{n}.png", base64.b64encode(b"x" * 50), "image/png")) for n in range(2)]
    place = f"/deliveries/{delivery}/assets"
    assert studio.api("POST", place, files=two, data={"replaces": second}).json()["code"] == "one_file"
    foreign = studio.upload(studio.delivery("Cits")["id"], canary_png())[0]["id"]
    for other in (first, foreign, "ast_nothing"):
        assert studio.api("POST", place, files=two[:1], data={"replaces": other}).status_code == 404
