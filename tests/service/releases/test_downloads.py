"""Downloads: byte for byte, by range, counted, stopped at once."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, share_path
from tests.conftest import MovableClock
from tests.originals import Original, canary_png, canary_zip

NAMES = [
    "kāzas.jpg",
    "файл.jpg",
    'a"b\\c;.jpg',
    "😀.png",
    "x" * 180 + ".jpg",
    "CON.txt",
    "kāzas.jpg",
    "../../etc/passwd",
]


@dataclass
class Released:
    """A released delivery of two originals and its client."""

    studio: StudioActor
    client: TestClient
    delivery: str
    path: str
    link: str
    assets: list[str]
    originals: list[Original]
    payment: str

    def click(self, asset: str = "") -> Any:
        return self.client.post(f"{self.path}/downloads" + (f"/{asset}" if asset else ""))

    def address(self, asset: str = "") -> str:
        answer = self.click(asset)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])


@pytest.fixture
def released(wiring: Wiring, client: TestClient) -> Released:
    studio = new_studio(wiring, client)
    originals = [canary_png("ēna.png"), canary_zip()]
    delivery = studio.delivery()["id"]
    assets = [a["id"] for a in studio.upload(delivery, *originals)]
    link = studio.link(delivery)
    payment = studio.pay(delivery).json()["payment"]["id"]
    return Released(studio, client, delivery, share_path(link), link["id"], assets, originals, payment)


def test_an_original_comes_back_byte_for_byte_under_its_own_name(released: Released) -> None:
    answer = released.client.get(released.address(released.assets[0]))
    assert answer.content == released.originals[0].content
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["content-disposition"].endswith("filename*=UTF-8''%C4%93na.png")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_head_tells_the_length_and_counts_nothing(released: Released) -> None:
    address = released.address(released.assets[0])
    for _ in range(30):
        head = released.client.head(address)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(released.originals[0].content))
    assert released.client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status", "start", "stop"),
    [
        ("bytes=0-99", 206, 0, 100),
        ("bytes=100-", 206, 100, None),
        ("bytes=-50", 206, -50, None),
        ("bytes=5-5", 206, 5, 6),
        ("bytes=0-99999999999", 206, 0, None),
        ("bytes=9-2", 416, 0, 0),
        ("bytes=99999999999-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        ("bytes=0-1,5-6", 200, 0, None),
        ("rows=1-2", 200, 0, None),
        ("bytes=x-y", 200, 0, None),
    ],
)
def test_ranges(released: Released, asked: str, status: int, start: int, stop: int | None) -> None:
    whole = released.originals[0].content
    answer = released.client.get(released.address(released.assets[0]), headers={"Range": asked})
    assert answer.status_code == status
    assert answer.content == whole[start:stop]
    if status == 206:
        assert answer.headers["content-range"].endswith(f"/{len(whole)}")


def test_a_cut_zip_is_resumed_to_the_same_bytes(released: Released) -> None:
    address = released.address()
    whole = released.client.get(address)
    length = int(whole.headers["content-length"])
    assert length == len(whole.content)
    with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
        assert archive.testzip() is None
        assert [archive.read(i) for i in archive.infolist()] == [o.content for o in released.originals]
    for at in (1, 37, 5000, length - 1):
        headers = {"Range": f"bytes={at}-", "If-Range": whole.headers["etag"]}
        rest = released.client.get(address, headers=headers)
        assert (rest.status_code, whole.content[:at] + rest.content) == (206, whole.content)
    stale = released.client.get(address, headers={"Range": "bytes=10-", "If-Range": '"other"'})
    assert (stale.status_code, stale.content) == (200, whole.content)


def test_promise_26_names_of_any_kind_are_safe_and_unique_in_the_zip(wiring: Wiring, client: TestClient) -> None:
    studio = new_studio(wiring, client)
    delivery = studio.delivery()["id"]
    studio.upload(delivery, *[Original(name, name.encode() * 9, ()) for name in NAMES])
    path = share_path(studio.link(delivery))
    studio.pay(delivery)
    content = client.get(client.post(f"{path}/downloads").headers["location"]).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert len(names) == len({n.casefold() for n in names}) == len(NAMES)
    assert not any(n.startswith("/") or ".." in n.split("/") or "\\" in n for n in names)
    assert {"kāzas.jpg", "kāzas (2).jpg", "файл.jpg", "😀.png"} <= set(names)


def test_promise_16_uses_are_counted_in_the_row_whatever_the_token_text(released: Released) -> None:
    address = released.address(released.assets[0])
    for _ in range(20):
        assert released.client.get(address).status_code == 200
    for try_again in (address, address + "="):
        assert released.client.get(try_again).status_code in {403, 410}
    assert released.client.get(address).json()["code"] == "used_up"
    assert released.click(released.assets[0]).status_code == 410
    assert released.client.get(released.address(released.assets[1])).status_code == 200
    assert released.studio.page("POST", f"/deliveries/{released.delivery}/renew-downloads").status_code == 303
    assert released.client.get(released.address(released.assets[0])).status_code == 200


def test_promise_16_altered_tokens_are_refused(released: Released, wiring: Wiring) -> None:
    token = released.address(released.assets[0]).removeprefix("/d/")
    value = wiring.signer.read("download", token)
    forged = [token[:-2], token[1:], "x" * 3000, wiring.signer.sign("share-link", value)]
    for text in forged:
        answer = released.client.get(f"/d/{text}")
        assert (answer.status_code, answer.json()["code"]) == (403, "bad_token"), text


def test_promise_13_reversal_stops_genuine_tokens_at_once(released: Released) -> None:
    address = released.address(released.assets[0])
    assert released.client.get(address).status_code == 200
    released.studio.api("POST", f"/payments/{released.payment}/reverse", json={"reason": "bounced"})
    for method in ("GET", "HEAD"):
        answer = released.client.request(method, address, headers={"Range": "bytes=0-"})
        assert answer.status_code == 404
        assert "etag" not in answer.headers
    assert released.click(released.assets[0]).status_code == 404
    assert released.studio.pay(released.delivery, ref="second try").json()["released"]
    assert released.client.get(address).status_code == 404, "a token of the release that ended stays dead"
    assert released.client.get(released.address(released.assets[0])).status_code == 200


def test_promise_3_a_revoked_link_takes_its_downloads_with_it(released: Released) -> None:
    address = released.address()
    assert released.studio.api("DELETE", f"/links/{released.link}").status_code in {200, 204}
    assert released.client.get(address).status_code == 404
    assert released.click().status_code == 404


def test_promise_18_tokens_and_grants_end_on_time(released: Released, clock: MovableClock) -> None:
    address = released.address(released.assets[0])
    clock.now += timedelta(hours=6)
    assert released.client.get(address).json()["code"] == "token_expired"
    fresh = released.address(released.assets[0])
    clock.now -= timedelta(seconds=60)
    assert released.client.get(fresh).status_code == 200, "a clock 60 seconds behind refuses nothing fresh"
    clock.now += timedelta(days=31)
    assert released.click(released.assets[0]).status_code == 410


def test_promise_4_one_delivery_s_link_opens_nothing_of_another(released: Released) -> None:
    other = released.studio.delivery("Cits")["id"]
    foreign = released.studio.upload(other, canary_zip(seed=44))[0]["id"]
    assert released.click(foreign).status_code == 404
    assert released.click("ast_nothing").status_code == 404


def test_promise_6_while_held_every_original_answers_the_same(wiring: Wiring, client: TestClient) -> None:
    studio = new_studio(wiring, client)
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, canary_zip())[0]["id"]
    path = share_path(studio.link(delivery))
    answers = [client.post(f"{path}/downloads/{a}") for a in (asset, "ast_nothing")] + [
        client.post(f"{path}/downloads")
    ]
    bodies = [{k: v for k, v in a.json().items() if k != "request_id"} for a in answers]
    assert {a.status_code for a in answers} == {404}
    assert bodies[0] == bodies[1] == bodies[2]
