"""Promises 1 to 13: nothing leaves before payment, on any route and method, in any state, for anybody but the studio.

Every route the application declares is called with genuine identifiers (also those of released days, replayed), with
other people's, and with edited sizes, as nobody, as the client with the link, and as another studio; the oracle
judges every answer.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, share_path, work
from tests.conftest import MovableClock
from tests.leaks.oracle import Oracle
from tests.leaks.routes import METHODS, Declared, addresses, declared
from tests.originals import Original, all_originals, canary_png

PASSPHRASE = "zaļā pļava 7"


@dataclass
class Scene:
    """A delivery of real originals with everything around it that an address can name."""

    wiring: Wiring
    client: TestClient
    owner: StudioActor
    other: StudioActor
    clock: MovableClock
    delivery: str
    originals: list[Original]
    values: dict[str, list[str]]
    token: str


@pytest.fixture
def scene(wiring: Wiring, client: TestClient, clock: MovableClock) -> Scene:
    """Held, with four originals, a link, and tokens from a release that was taken back."""
    owner, other = new_studio(wiring, client), new_studio(wiring, client, "Cita studija")
    originals = all_originals()
    delivery = owner.delivery()["id"]
    assets = [a["id"] for a in owner.upload(delivery, *originals)]
    link = owner.link(delivery)
    token = share_path(link).removeprefix("/s/")
    work(wiring)
    payment, downloads = _released_once(owner, client, delivery, token, assets)
    foreign = other.delivery("Svešs darbs")["id"]
    foreign_link = other.link(foreign)
    values = {
        "delivery_id": [delivery],
        "asset_id": [*assets, "ast_nothing"],
        "asset": [*assets, "ast_nothing"],
        "page": ["1", "2", "0", "99"],
        "size": ["480", "960", "2048", "4096", "original", "../2048"],
        "token": [token, *downloads, share_path(foreign_link).removeprefix("/s/")],
        "link_id": [link["id"]],
        "payment_id": [payment],
        "upload_id": [_begun(owner, delivery, originals[0])],
        "secret": ["A" * 43],
        "kind": ["ready"],
        "session_id": ["ses_nothing"],
        "token_id": ["tok_nothing"],
        "static_path": ["app.css", "../data/tillpaid.db", f"..%2f..%2foriginals/{owner.studio_id}"],
    }
    return Scene(wiring, client, owner, other, clock, delivery, originals, values, token)


def _begun(owner: StudioActor, delivery: str, original: Original) -> str:
    """An upload of an original that stopped halfway: nobody can read what came of it."""
    told = {"delivery": delivery, "filename": original.filename}
    line = ",".join(f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in told.items())
    tus, half = {"Tus-Resumable": "1.0.0"}, len(original.content) // 2
    size = str(len(original.content))
    begun = owner.api("POST", "/uploads", headers={**tus, "Upload-Length": size, "Upload-Metadata": line}).json()
    piece = {**tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    sent = owner.api("PATCH", f"/uploads/{begun['id']}", headers=piece, content=original.content[:half])
    assert sent.headers["upload-offset"] == str(half)
    return str(begun["id"])


def _released_once(
    owner: StudioActor, client: TestClient, delivery: str, token: str, assets: list[str]
) -> tuple[str, list[str]]:
    """Paid and released, so that genuine download tokens exist; then the payment is reversed."""
    paid = owner.pay(delivery)
    assert paid.json()["released"], paid.text
    paths = [f"/s/{token}/downloads", *(f"/s/{token}/downloads/{asset}" for asset in assets)]
    clicks = [client.post(path) for path in paths]
    assert [c.status_code for c in clicks] == [303] * len(paths), clicks[0].text
    downloads = [c.headers["location"].removeprefix("/d/") for c in clicks]
    assert client.head(f"/d/{downloads[1]}").status_code == 200
    payment = paid.json()["payment"]["id"]
    assert owner.api("POST", f"/payments/{payment}/reverse", json={"reason": "bounced"}).status_code == 201
    assert owner.state(delivery) == "held"
    return payment, downloads


def _held(_scene: Scene) -> None:
    """As the scene stands."""


def _withdrawn(scene: Scene) -> None:
    answer = scene.owner.page("POST", f"/deliveries/{scene.delivery}/withdraw", {"reason": "a mistake"})
    assert answer.status_code == 303, answer.text


def _revoked(scene: Scene) -> None:
    assert scene.owner.api("DELETE", f"/links/{scene.values['link_id'][0]}").status_code in {200, 204}


def _expired(scene: Scene) -> None:
    expires = scene.clock().replace(year=2026, month=4).isoformat()
    link = scene.owner.link(scene.delivery, "Beidzies", expires_at=expires)
    scene.values["token"].append(share_path(link).removeprefix("/s/"))
    scene.clock.move(days=60)


def _passphrase(scene: Scene) -> None:
    link = scene.owner.link(scene.delivery, "Ar paroli", passphrase=PASSPHRASE)
    scene.values["token"].append(share_path(link).removeprefix("/s/"))


def _short(scene: Scene) -> None:
    assert not scene.owner.pay(scene.delivery, "449.99").json()["released"]


def _other_currency(scene: Scene) -> None:
    assert not scene.owner.pay(scene.delivery, "450.00", currency="USD").json()["released"]


def _part_open(scene: Scene) -> None:
    """An instalment has opened the last original, which is no picture; the others are held, and are what the oracle looks
    for. The second has a new version; both of them are held."""
    assets = scene.values["asset_id"][: len(scene.originals)]
    newer = canary_png("jauns logo.png", seed=21)
    replaced, assets[1] = assets[1], scene.owner.upload(scene.delivery, newer, replaces=assets[1])[0]["id"]
    work(scene.wiring)
    scene.values["asset_id"] = [*assets, replaced, "ast_nothing"]
    parts = [{"amount": "150.00", "opens": "chosen", "assets": assets[-1:]}, {"amount": "300.00"}]
    answer = scene.owner.api("PUT", f"/deliveries/{scene.delivery}/instalments", json={"instalments": parts})
    assert answer.status_code == 200, answer.text
    assert scene.owner.pay(scene.delivery, "150.00").json()["opened"] == [1]
    path = f"/s/{scene.token}/downloads"
    assert [scene.client.post(f"{path}/{held}").status_code for held in assets[:-1]] == [404] * (len(assets) - 1)
    clicks = [scene.client.post(f"{path}/{assets[-1]}"), scene.client.post(path, data={"part": _part_id(scene)})]
    assert [click.status_code for click in clicks] == [303, 303]
    downloads = [click.headers["location"].removeprefix("/d/") for click in clicks]
    assert [scene.client.head(f"/d/{download}").status_code for download in downloads] == [200, 200]
    scene.values["token"] += downloads
    scene.originals[-1] = newer


def _part_id(scene: Scene) -> str:
    """The first instalment's id, as the client's page has it."""
    page = scene.client.get(f"/s/{scene.token}", headers={"Accept": "text/html"}).text
    return page.split('name="part" value="', 1)[1].split('"', 1)[0]


def _deleted(scene: Scene) -> None:
    """One original was taken out, then the whole delivery deleted: both can be brought back, by the studio alone."""
    place = f"/deliveries/{scene.delivery}"
    for path in (f"{place}/assets/{scene.values['asset_id'][0]}/remove", f"{place}/delete"):
        assert scene.owner.page("POST", path).status_code == 303
    assert scene.owner.api("GET", f"/deliveries/{scene.delivery}").status_code == 404


def _re_marked(scene: Scene) -> None:
    """The recipe changed and the worker has not run yet."""
    answer = scene.owner.page("POST", "/settings/mark", {"text": "Jauns teksts", "strength": "light"})
    assert answer.status_code == 303, answer.text


STATES: list[Callable[[Scene], None]] = [
    _held, _withdrawn, _revoked, _expired, _passphrase, _short, _other_currency, _part_open, _re_marked, _deleted,
]  # fmt: skip


@pytest.mark.timeout(900)
@pytest.mark.parametrize("bring_about", STATES, ids=lambda f: f.__name__.strip("_"))
def test_promises_1_to_13_no_answer_holds_anything_of_an_original(
    scene: Scene, bring_about: Callable[[Scene], None]
) -> None:
    bring_about(scene)
    oracle = Oracle(scene.originals)
    found = [
        f"{who} {method} {path}: {leak}"
        for who, headers, method, path in _tries(scene, others=bring_about is _held)
        for leak in _judge(scene, oracle, method, path, headers)
    ]
    assert not found, "\n".join(found[:20])
    assert oracle.judged > 500
    seen = scene.owner.api("GET", f"/deliveries/{scene.delivery}").json()
    assert seen.get("state", "deleted") != "released"


def _tries(scene: Scene, *, others: bool) -> Iterator[tuple[str, dict[str, str], str, str]]:
    people: dict[str, dict[str, str]] = {"client": {}}
    if others:  # what another studio may see does not hang on this delivery's state
        people |= {"other studio by cookie": scene.other.cookie_header, "other studio by token": scene.other.bearer}
    for route in declared(scene.client.app):
        for path in addresses(route, scene.values):
            for who, headers in people.items():
                for method in _methods(route, who):
                    yield who, headers, method, path


def _methods(route: Declared, who: str) -> list[str]:
    """Everything for the client, who is also nobody; what is declared, with HEAD, for the rest."""
    return list(METHODS) if who == "client" else [m for m in METHODS if m in route.methods or m == "HEAD"]


def _judge(scene: Scene, oracle: Oracle, method: str, path: str, headers: dict[str, str]) -> list[str]:
    found = []
    for extra in _variants(method, path, known=bool(headers)):
        answer: Any = scene.client.request(method, path, headers={**headers, **extra})
        assert answer.status_code < 500, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        found += oracle.leaks(answer.content, dict(answer.headers))
    return found


def _variants(method: str, path: str, *, known: bool) -> list[dict[str, str]]:
    """As it is; and for the client reading, as a browser, as a program, by range and by validator."""
    if method != "GET" or path.startswith("/static") or known:
        return [{"Accept": "text/html"}]
    return [
        {"Accept": "text/html"},
        {"Accept": "application/json"},
        {"Range": "bytes=0-", "If-Range": "*"},
        {"If-None-Match": "*", "Range": "bytes=-4096"},
    ]


def test_the_oracle_itself_sees_a_leak() -> None:
    original = all_originals()[0]
    oracle = Oracle([original])
    assert oracle.leaks(original.content, {})
    assert oracle.leaks(b"x" * 999 + original.content[5000:12000], {})
    assert oracle.leaks(b"fine", {"Content-Length": str(len(original.content))})
    assert not oracle.leaks(b"fine", {"Content-Length": "4"})
