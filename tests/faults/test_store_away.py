"""Promise 22: the S3 server stopped under load, for ``AWAY`` seconds (3; 60 in ``make faults``), and started again; or it stands
still for that long, taking requests and answering none.

People upload by form and in pieces, look at previews, and download, without end. While the store is away they get 503 with
Retry-After, or a preview's placeholder; a download that was under way ends short of its length; pages, which need no store, go
on. After, all of it works again, and nothing that was acknowledged is lost.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import secrets
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from service.previews.placeholder import placeholder
from service.wiring import Wiring
from tests.faults.deaths import count_states, placed, until_ingested
from tests.faults.ledger import Ledger, Look
from tests.faults.server import Server
from tests.faults.studio import BOUNDARY, PICTURE, Studio, multipart
from tests.s3_server import S3Server

LONG = "TILLPAID_FAULT_ROUNDS" in os.environ
AWAY = 60.0 if LONG else 3.0
BACK_WITHIN = 180.0
FORM = f"multipart/form-data; boundary={BOUNDARY}"
PIECE = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


class CutOff(Exception):
    """The answer began and was not whole; the receiver knows it."""


class Person(threading.Thread):
    """Does the same thing again and again until told to stop, and counts what it was told."""

    def __init__(self, scene: Scene, turn: Callable[[Person], bool]) -> None:
        super().__init__()
        self.scene, self._turn = scene, turn
        self.stopping = threading.Event()
        self.done = 0
        self.longest = 0.0
        self.answers: Counter[str] = Counter()
        self.wrong: list[str] = []

    def run(self) -> None:
        while not self.stopping.is_set():
            well, began = False, time.monotonic()
            try:
                well = self._turn(self)
            except CutOff:
                self.answers["cut off"] += 1
            self.done += well
            self.longest = max(self.longest, time.monotonic() - began)
            time.sleep(0.3)

    def ask(
        self, method: str, path: str, body: bytes = b"", *, wanted: tuple[int, ...], **headers: str
    ) -> tuple[int, dict[str, str], bytes] | None:
        """The answer, or None when it is to be asked again. Everything but what was wanted and a 503 with Retry-After is
        wrong."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.scene.port, timeout=120)) as connection:
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            status, told = answer.status, {name.lower(): value for name, value in answer.getheaders()}
            try:
                content = answer.read()
            except http.client.IncompleteRead as error:
                raise CutOff from error
        self.answers[str(status)] += 1
        if status in wanted:
            return status, told, content
        if status != 503 or int(told.get("retry-after", "0")) < 1:
            self.wrong.append(f"{method} {path[:20]}: {status} {content[:200]!r}")
        return None


class Scene:
    """A server over an S3 store of its own, with a delivery to upload to and one that is paid."""

    def __init__(self, server: Server, token: str) -> None:
        self.port, self.ledger = server.port, Ledger()
        self.bearer = {"Authorization": f"Bearer {token}"}
        studio = Studio(server.port, token, self.ledger)
        self.open, paid = studio.delivery(), studio.delivery()
        self.content = secrets.token_bytes(6_000_000)
        studio.upload(paid, ("large.bin", self.content))
        (self.large,) = self.ledger.assets
        studio.upload(paid, ("a.jpg", PICTURE + secrets.token_bytes(8)))
        self.picture = next(asset for asset in self.ledger.assets if asset != self.large)
        for part in ("one", "two"):
            body = {"amount": "225.00", "currency": "EUR", "received_on": "2026-01-02", "source_ref": part}
            assert studio.call("POST", f"/deliveries/{paid}/payments", json.dumps(body).encode())[0] == 201
        self.link = "/s/" + studio.post(f"/deliveries/{paid}/links", name="B")["url"].rpartition("/s/")[2]


def by_form(person: Person) -> bool:
    scene, content = person.scene, secrets.token_bytes(400_000)
    path = f"/api/v1/deliveries/{scene.open}/assets"
    sent = multipart((("a.bin", content), ("b.jpg", PICTURE + content[:16])))
    answer = person.ask("POST", path, sent, wanted=(201,), Content_Type=FORM, **scene.bearer)
    if answer:
        for asset, data in zip(json.loads(answer[2])["assets"], (content, PICTURE + content[:16]), strict=True):
            scene.ledger.assets[asset["id"]] = hashlib.sha256(data).hexdigest()
    return answer is not None


def in_pieces(person: Person) -> bool:
    """As a tus client does: after each trouble it asks how far it came, until the file is there."""
    scene, content = person.scene, secrets.token_bytes(7_000_000)
    given = f"delivery {base64.b64encode(scene.open.encode()).decode()},filename YQ=="
    begun = {**PIECE, "Upload-Length": str(len(content)), "Upload-Metadata": given, **scene.bearer}
    answer = person.ask("POST", "/api/v1/uploads", wanted=(201,), **begun)
    if not answer:
        return False
    place, offset = answer[1]["location"], 0
    while offset < len(content):
        sent = content[offset : offset + 3_000_000]
        headers = {**PIECE, "Upload-Offset": str(offset), **scene.bearer}
        answer = person.ask("PATCH", place, sent, wanted=(204, 423), **headers)
        while answer is None or answer[0] == 423:
            time.sleep(0.3)
            answer = person.ask("HEAD", place, wanted=(200,), **PIECE, **scene.bearer)
        offset = int(answer[1]["upload-offset"])
        if asset := answer[1].get("tillpaid-asset"):
            scene.ledger.assets[asset] = hashlib.sha256(content).hexdigest()
    return True


def looking(person: Person) -> bool:
    path = f"{person.scene.link}/previews/{person.scene.picture}/1/480"
    answer = person.ask("GET", path, wanted=(200,))
    if not answer or answer[2] == placeholder():
        person.answers["placeholder"] += answer is not None
        return False
    assert answer[2].startswith(b"\xff\xd8")
    return True


def downloading(person: Person) -> bool:
    clicked = person.ask("POST", f"{person.scene.link}/downloads/{person.scene.large}", wanted=(303,))
    answer = person.ask("GET", clicked[1]["location"], wanted=(200,)) if clicked else None
    if answer and answer[2] != person.scene.content:
        person.wrong.append(f"a download of {len(answer[2])} bytes that are not the original's")
    return answer is not None


def opening(person: Person) -> bool:
    answer = person.ask("GET", person.scene.link, wanted=(200,), Accept="text/html")
    return answer is not None


def killed(store: S3Server) -> None:
    store.kill()
    time.sleep(AWAY)
    store.start()


def standing_still(store: S3Server) -> None:
    os.kill(store.pid, signal.SIGSTOP)
    time.sleep(AWAY)
    os.kill(store.pid, signal.SIGCONT)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("away", [killed, standing_still])
def test_promise_22_the_s3_server_stopped_and_started_under_load(
    tmp_path: Path, away: Callable[[S3Server], None]
) -> None:
    with S3Server(tmp_path / "s3") as store, placed(tmp_path / "data", {"TILLPAID_STORAGE_URL": store.url()}) as made:
        wiring, token = made
        with wiring.db.write() as tx:
            tx.execute(text("UPDATE studios SET download_count = 1000000"))
        environ = {"TILLPAID_STORAGE_URL": wiring.settings.storage_url}
        with Server(tmp_path / "data", environ=environ) as server:
            scene = Scene(server, token)
            people = [Person(scene, turn) for turn in (by_form, in_pieces, looking, downloading, opening)]
            stopped_under(people, lambda: away(store))
            if away is killed or LONG:  # three seconds of silence only delay
                assert all(person.answers["503"] for person in (people[0], people[3])), people[0].answers
            assert people[4].answers.keys() == {"200"}
            until_ingested(wiring)
            assert Look(wiring).faults(scene.ledger, everything=True) == []
        assert set(count_states(wiring)) == {"ready", "card"}
        assert downloads_counted(wiring) >= people[3].done
    told: Counter[str] = sum((person.answers for person in people), Counter())
    print(
        f"\n{away.__name__} for {AWAY:.0f} s: {len(scene.ledger.assets)} assets acknowledged, {people[2].done} previews, "
        f"{people[3].done} downloads; answers {dict(told)}; lost 0; the longest wait "
        f"{max(person.longest for person in people):.0f} s, for a page {people[4].longest:.1f} s"
    )


def stopped_under(people: list[Person], away: Callable[[], None]) -> None:
    """The store goes and comes back while they are at it. Each has success before and after."""
    for person in people:
        person.start()
    try:
        until_more(people)
        away()
        until_more(people)
    finally:
        for person in people:
            person.stopping.set()
        for person in people:
            person.join(180)
    assert [wrong for person in people for wrong in person.wrong] == []


def until_more(people: list[Person]) -> None:
    """Until each has done something once more, from its beginning."""
    done, deadline = [person.done for person in people], time.monotonic() + BACK_WITHIN
    while any(person.done < before + 2 for person, before in zip(people, done, strict=True)):
        assert time.monotonic() < deadline, [(person.done, person.answers, person.wrong[:3]) for person in people]
        assert all(person.is_alive() for person in people)
        time.sleep(0.1)


def downloads_counted(wiring: Wiring) -> Any:
    with wiring.db.read() as tx:
        return tx.scalar(text("SELECT count(*) FROM audit_events WHERE kind = 'download.started'"))
