"""Promise 4: every route and method x {nobody, client with a link, another studio, owner}; what no cell of
access_table.py allows is refused, and a route without a row fails the run."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service.accounts.issue_link import issue_link
from service.accounts.models import ApiToken, Studio, WebSession
from service.accounts.who import secret_hash
from service.kit.ids import new_id
from service.notify.models import OutboxMessage
from service.web.csrf import PURPOSE
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, share_path, work
from tests.leaks.access_table import TABLE, Row
from tests.leaks.routes import declared
from tests.originals import canary_film, canary_jpeg

PICTURE = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAAEElEQVR4nGM8wQABTAwUMQA6AADYhMgK6QAAAABJRU5ErkJggg=="
)
TERMS = "Divus gadus, mājaslapā."
REFUSED = {401, 403, 404, 410}
PEOPLE = ("nobody", "client", "other studio", "owner")  # the owner last, who may end things


@dataclass
class Scene:
    """A released delivery of the owner's, everything that names a part of it, and another studio's link."""

    wiring: Wiring
    client: TestClient
    owner: StudioActor
    other: StudioActor
    values: dict[str, str]
    download: str
    foreign: dict[str, str]
    visitor_seed: str = field(default_factory=lambda: secrets.token_urlsafe(24))


@pytest.fixture
def scene(wiring: Wiring, client: TestClient) -> Scene:
    owner, other = new_studio(wiring, client), new_studio(wiring, client, "Cita studija")
    delivery, asset, link, payment = _released(owner)
    _foreign_delivery, _asset, foreign_link, _payment = _released(other)
    _give_logos(wiring)
    token = share_path(link).removeprefix("/s/")
    foreign = share_path(foreign_link).removeprefix("/s/")
    values = {
        "delivery_id": delivery,
        "asset_id": asset,
        "page": "1",
        "size": "480",
        "token": token,
        "link_id": link["id"],
        "payment_id": payment,
        "static_path": "app.css",
        "kind": "ready",
        **_upload_of(owner, delivery),
        **_of_the_member(wiring, owner),
    }
    return Scene(
        wiring,
        client,
        owner,
        other,
        values,
        download=_download(client, token),
        foreign={"token": foreign, "download": _download(client, foreign)},
    )


def _give_logos(wiring: Wiring) -> None:
    with wiring.db.write() as tx:
        for studio in tx.scalars(select(Studio)):
            studio.logo, studio.logo_sha256 = PICTURE, hashlib.sha256(PICTURE).hexdigest()


def _upload_of(owner: StudioActor, delivery: str) -> dict[str, str]:
    """An upload that has begun, and what it was begun with."""
    told = {"delivery": delivery, "filename": "jauns.txt"}
    line = ",".join(f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in told.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": line}
    begun = owner.api("POST", "/uploads", headers=headers)
    return {"upload_id": begun.json()["id"], "upload_metadata": line}


def _released(studio: StudioActor) -> tuple[str, str, dict[str, Any], str]:
    """(delivery, asset, link, payment): terms accepted, paid, with previews made and downloads open."""
    delivery = studio.delivery(terms=TERMS)["id"]
    first = studio.upload(delivery, canary_jpeg(width=900, height=600))[0]["id"]
    work(studio.wiring)
    asset = studio.upload(delivery, canary_film(), replaces=first)[0]["id"]
    link = studio.link(delivery, announce=True)
    seed = secrets.token_urlsafe(24)
    form = {"csrf": studio.wiring.signer.sign(PURPOSE, seed), "name": "Anna", "agreed": "yes"}
    form["text_sha256"] = hashlib.sha256(TERMS.encode()).hexdigest()
    visitor = {"Cookie": f"tillpaid_csrf={seed}"}
    assert studio.client.post(f"{share_path(link)}/terms", data=form, headers=visitor).status_code == 303
    paid = studio.pay(delivery).json()
    assert paid["released"]
    work(studio.wiring)
    return delivery, asset, link, paid["payment"]["id"]


def _download(client: TestClient, token: str) -> str:
    return str(client.post(f"/s/{token}/downloads").headers["location"]).removeprefix("/d/")


def _of_the_member(wiring: Wiring, owner: StudioActor) -> dict[str, str]:
    """A second session and token, a one-time link, and a message, all the owner's."""
    now, session, token = wiring.clock(), new_id("ses"), new_id("tok")
    common = {"member_id": owner.member_id, "created_at": now}
    with wiring.db.write() as tx:
        tx.add(ApiToken(id=token, secret_sha256=secret_hash("second token"), label="2", **common))
        ends = now + timedelta(days=1)
        seen = {"proved_at": now, "seen_at": now, "expires_at": ends}
        tx.add(WebSession(id=session, secret_sha256=secret_hash("second session"), **seen, **common))
        secret = issue_link(tx, wiring, member_id=owner.member_id).rsplit("/", 1)[1]
        message = tx.scalars(select(OutboxMessage.id).where(OutboxMessage.studio_id == owner.studio_id)).first()
    assert message
    return {"session_id": session, "token_id": token, "secret": secret, "message": message}


def test_promise_4_every_route_has_a_row(client: TestClient) -> None:
    routes = {(method, route.path) for route in declared(client.app) for method in route.methods}
    unsaid = sorted(routes - TABLE.keys())
    assert not unsaid, f"say in tests/leaks/access_table.py who may call {unsaid}"
    gone = sorted(TABLE.keys() - routes)
    assert not gone, f"these rows of tests/leaks/access_table.py name no route: {gone}"


def test_promise_4_whoever_is_not_named_is_refused(scene: Scene) -> None:
    before = _everything_of(scene.owner, scene.values["delivery_id"])
    wrong = [
        f"{person} {method} {path}: {answer.status_code} {answer.text[:80]!r}"
        for person in PEOPLE
        for (method, path), row in TABLE.items()
        if person not in row.who
        for answer in [_call(scene, person, method, path, row)]
        if not _refused(answer)
    ]
    assert not wrong, "\n".join(wrong)
    assert _everything_of(scene.owner, scene.values["delivery_id"]) == before


def test_promise_4_whoever_is_named_is_answered(scene: Scene) -> None:
    wrong = [
        f"{person} {method} {path}: {answer.status_code} {answer.text[:200]!r}"
        for person in PEOPLE
        for (method, path), row in TABLE.items()
        if person in row.who
        for answer in [_call(scene, person, method, path, row)]
        if (_refused(answer) and path != "/sign-out") or answer.status_code >= 422  # there, signing in is what is next
    ]
    assert not wrong, "\n".join(wrong)


def test_promise_4_a_browser_is_not_a_token_nor_a_token_a_browser(scene: Scene) -> None:
    """The owner's own session opens nothing of the API, and the token no page: so no form can call the API."""
    wrong = []
    for (method, path), row in TABLE.items():
        if row.who <= {"other studio", "owner"} and row.who and not path.startswith("/sign-in/{"):
            by_cookie = path.startswith("/api/")
            if row.by_page:
                continue
            headers = scene.owner.cookie_header if by_cookie else scene.owner.bearer
            answer = _send(scene, method, path, row, scene.values, headers, scene.owner.csrf)
            wrong += [] if _refused(answer) else [f"{method} {path}: {answer.status_code}"]
    assert not wrong


def _refused(answer: Any) -> bool:
    """Refused, or led to the sign-in page; never an answer, never a failure."""
    location = answer.headers.get("location", "")
    return answer.status_code in REFUSED or (answer.status_code == 303 and location.split("?")[0] == "/sign-in")


def _call(scene: Scene, person: str, method: str, path: str, row: Row) -> Any:
    if person in {"nobody", "client"}:
        csrf = scene.wiring.signer.sign(PURPOSE, scene.visitor_seed)
        headers = {"Cookie": f"tillpaid_csrf={scene.visitor_seed}; tillpaid_session={scene.values['token']}"}
        headers["Authorization"] = f"Bearer {scene.values['token']}"  # what a client holds opens nothing else
        held = scene.values if person == "client" else {**scene.values, "token": _forged(scene.values["token"])}
        return _send(scene, method, path, row, {**held, "secret": "A" * 43}, headers, csrf)
    studio = scene.owner if person == "owner" else scene.other
    headers = studio.bearer if path.startswith("/api/") else studio.cookie_header
    return _send(scene, method, path, row, _held_by_studio(scene, person, path), headers, studio.csrf)


def _held_by_studio(scene: Scene, person: str, path: str) -> dict[str, str]:
    """The owner knows everything. Another studio knows every identifier, and has a link of its own, which must not
    open what it names of others; where a link alone is named, its own would show its own: so it tries a forged one."""
    if person == "owner":
        return scene.values
    own_link = scene.foreign["token"] if "{asset_id}" in path else _forged(scene.values["token"])
    return {**scene.values, "token": own_link, "secret": "A" * 43}


def _forged(token: str) -> str:
    """The genuine token with one character of its signature changed."""
    return token[:-8] + ("A" if token[-8] != "A" else "B") + token[-7:]


def _send(
    scene: Scene, method: str, path: str, row: Row, values: dict[str, str], headers: dict[str, str], csrf: str
) -> Any:
    if path == "/d/{token}":
        genuine = values["token"] == scene.values["token"]
        values = {**values, "token": scene.download if genuine else _forged(scene.download)}
    address = re.sub(r"\{(\w+)\}", lambda name: values[name[1]], path)
    form = {name: text.format(**scene.values) for name, text in row.form.items()}
    kwargs: dict[str, Any] = {"json": row.json} if row.json is not None else {"data": {"csrf": csrf, **form}}
    if row.files:
        kwargs = {"files": [("file", ("jauns.png", PICTURE, "image/png"))], "params": {"csrf": csrf}}
    if method in {"GET", "HEAD"}:
        kwargs = {}
    if row.content is not None:
        kwargs = {"content": row.content}
    if row.query:
        kwargs["params"] = {name: text.format(**values) for name, text in row.query.items()}
    named = {name: text.format(**scene.values) for name, text in row.headers.items()}
    scene.client.cookies.clear()  # nobody inherits what the one before was given
    return scene.client.request(method, address, headers={"Accept": "text/html", **named, **headers}, **kwargs)


def _everything_of(owner: StudioActor, delivery: str) -> list[Any]:
    """What the owner sees of the delivery: a refusal must have changed none of it."""
    paths = ["", "/assets", "/links", "/events"]
    return [owner.api("GET", f"/deliveries/{delivery}{path}").json() for path in paths] + [
        owner.api("GET", "/deliveries").json(),
        owner.page("GET", "/settings/tokens").status_code,
    ]
