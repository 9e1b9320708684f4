"""Promises 2 and 5: the vault lies outside all that is served, and every way to an original goes through one gate."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, share_path, work
from tests.leaks.oracle import Oracle
from tests.originals import Original, canary_png, canary_zip
from tests.rules.sources import HERE

PLACES = ("", "/static", "/static/..", "/static/%2e%2e", "/static/vendor/../..", "/data", "/vault", "/media", "/files")
"""Where a careless server would have its files."""


@pytest.fixture
def originals() -> list[Original]:
    return [canary_png(), canary_zip()]


def test_promise_2_the_vault_has_no_address(wiring: Wiring, client: TestClient, originals: list[Original]) -> None:
    """Not under its keys, not under the names of its files, not as an index of a folder."""
    studio = new_studio(wiring, client)
    studio.upload(studio.delivery()["id"], *originals)
    work(wiring)
    folder = wiring.settings.data_dir
    kept = [path for path in folder.rglob("*") if path.is_file()]
    keys = [stat.key for stat in wiring.store.list("")]
    assert any(key.startswith("originals/") for key in keys)
    assert any(key.startswith("proofs/") for key in keys), keys
    names = [*keys, *(str(path.relative_to(folder)) for path in kept), *(str(path) for path in kept), "", "vault/"]
    oracle = Oracle(originals)
    for place in PLACES:
        for name in names:
            address = f"{place}/{name.lstrip('/')}"
            if address in ("/", "/static/../", "/static/%2e%2e/", "/static/vendor/../../"):
                continue  # the front page
            answer = client.get(address, headers=studio.cookie_header)
            assert answer.status_code == 404, address
            assert oracle.leaks(answer.content, answer.headers) == []
    static = Path(HERE / "service" / "static").resolve()
    assert not folder.resolve().is_relative_to(static)


def held(studio: StudioActor, delivery: str) -> None:
    """Nothing was paid yet."""


def paid_short(studio: StudioActor, delivery: str) -> None:
    assert studio.pay(delivery, "449.99").status_code == 201


def reversed_again(studio: StudioActor, delivery: str) -> None:
    payment = studio.pay(delivery).json()["payment"]["id"]
    assert studio.api("POST", f"/payments/{payment}/reverse", json={"reason": "It bounced."}).status_code < 300


def held_again(studio: StudioActor, delivery: str) -> None:
    studio.pay(delivery)
    assert studio.api("POST", f"/deliveries/{delivery}/relock", json={"reason": "A mistake."}).status_code < 300


def parts_reversed(studio: StudioActor, delivery: str) -> None:
    """Both parts were paid, which opened the first's files and then all; then the first payment bounced."""
    assets = [a["id"] for a in studio.api("GET", f"/deliveries/{delivery}/assets").json()["items"]]
    opens = {"amount": "50.00", "opens": "chosen", "assets": assets[:1]}
    parts = {"instalments": [opens, {"amount": "400.00"}]}
    assert studio.api("PUT", f"/deliveries/{delivery}/instalments", json=parts).status_code == 200
    payments = [studio.pay(delivery, amount).json()["payment"]["id"] for amount in ("50.00", "400.00")]
    for payment in payments[::-1]:
        assert studio.api("POST", f"/payments/{payment}/reverse", json={"reason": "It bounced."}).status_code < 300


@pytest.mark.parametrize("come_to", [held, paid_short, reversed_again, held_again, parts_reversed])
def test_promise_5_every_way_is_shut_together(
    wiring: Wiring,
    client: TestClient,
    originals: list[Original],
    come_to: Callable[[StudioActor, str], None],
) -> None:
    """Single files and the ZIP, by page and for programs, with addresses issued before and asked for now."""
    studio = new_studio(wiring, client)
    delivery = studio.delivery()["id"]
    assets = [asset["id"] for asset in studio.upload(delivery, *originals)]
    path = share_path(studio.link(delivery))
    ways = [f"{path}/downloads", *(f"{path}/downloads/{asset}" for asset in assets)]
    issued: list[str] = []

    class Watched(StudioActor):
        """Takes addresses for everything in the moment between payment and whatever comes after it."""

        def pay(self, *args: Any, **kwargs: Any) -> Any:
            answer = super().pay(*args, **kwargs)
            issued.extend(got.headers["location"] for got in map(client.post, ways) if got.status_code == 303)
            return answer

    come_to(Watched(**vars(studio)), delivery)
    oracle = Oracle(originals)
    told = client.get(path, headers={"Accept": "application/json"})
    assert not told.json().get("downloads"), told.text
    answers = [client.request(method, way) for way in ways for method in ("GET", "HEAD", "POST")]
    answers += [client.request(method, address) for address in issued for method in ("GET", "HEAD")]
    for answer in [told, *answers]:
        assert oracle.leaks(answer.content, answer.headers) == []
    assert not [answer for answer in answers if answer.status_code < 400]
    if come_to in (reversed_again, held_again):
        assert len(issued) == len(ways)
    if come_to is parts_reversed:
        assert len(issued) == len(ways) + 1


def test_promise_5_the_gate_opens_for_all_ways_together(
    wiring: Wiring, client: TestClient, originals: list[Original]
) -> None:
    """So the test above does not pass because downloads are broken."""
    studio = new_studio(wiring, client)
    delivery = studio.delivery()["id"]
    assets = [asset["id"] for asset in studio.upload(delivery, *originals)]
    path = share_path(studio.link(delivery))
    studio.pay(delivery)
    for way in (f"{path}/downloads", *(f"{path}/downloads/{asset}" for asset in assets)):
        assert client.get(client.post(way).headers["location"]).status_code == 200


def test_promise_5_only_redeem_turns_a_token_into_originals() -> None:
    """What finds a delivery's originals is called in two places, one of which only asks whether there are any; what
    sends them is called in one, after ``redeem``."""
    assert users("originals_of") == {"service/releases/redeem.py", "service/releases/issue_grant.py"}
    assert users("OriginalResponse") == users("redeem") == {"service/releases/pages.py"}


def users(function: str) -> set[str]:
    """The files of the service that call ``function``."""
    return {
        str(path.relative_to(HERE))
        for path in (HERE / "service").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and function in (getattr(node.func, "id", ""), getattr(node.func, "attr", ""))
    }
