"""Two web nodes and two workers, each with an address and a folder of its own, over one PostgreSQL and one S3 store.

What one node did holds on the other at the next request; a worker's death loses no job. In the long mode (``make faults``)
the dead worker's leases run out in their own time; else the database's clock is moved past them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from service.accounts.issue_link import issue_link
from service.accounts.models import Member
from service.jobs.queue import LEASE
from service.settings import load
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio
from tests.faults.studio import BOUNDARY, PICTURE, multipart
from tests.nodes import KEYS, Node
from tests.postgres_server import Postgres, set_moment
from tests.s3_server import S3Server
from tests.until import until

LONG = int(os.environ.get("TILLPAID_FAULT_ROUNDS", "0")) >= 1000
PICTURES = 12
ENDS_WITHIN = 300.0


@dataclass
class Firm:
    """The machines, a look behind them, and the studio they serve."""

    one: Node
    two: Node
    workers: list[Node]
    wiring: Wiring
    studio: StudioActor
    database: str

    def api(
        self, node: Node, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        return node.ask(method, f"/api/v1{path}", body, **self.studio.bearer, **headers)

    def delivery(self, node: Node, **headers: str) -> str:
        asked = {"title": "Kāzas", "client": {"name": "Anna"}, "amount": "450.00", "currency": "EUR"}
        status, _, body = self.api(node, "POST", "/deliveries", asked, **headers)
        assert status == 201, body
        return str(json.loads(body)["id"])


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Firm]:
    folder = tmp_path_factory.mktemp("nodes")
    with Postgres() as server:
        server.make_template()
        database = server.create("firm")
        environ = {
            "TILLPAID_BASE_URL": "http://files.test",
            "TILLPAID_DATABASE_URL": database,
            "TILLPAID_STORAGE_URL": s3_server.url(prefix="nodes"),
            "TILLPAID_WORKERS": "2",
            "TILLPAID_SECRET_KEYS": KEYS,
        }
        wiring = Wiring(load(environ, data_dir=folder / "look"))
        web = [Node(folder / f"web{n}", f"127.0.0.{n}", environ) for n in (2, 3)]
        workers = [Node(folder / f"worker{n}", f"127.0.0.{n}", environ) for n in (4, 5)]
        try:
            for node in web:
                node.serve()
            for node in web:
                node.wait()
            yield Firm(*web, workers, wiring, new_studio(wiring, None), database)  # type: ignore[arg-type]
        finally:
            for node in [*web, *workers]:
                node.stop()
            wiring.close()


def test_promise_3_a_link_revoked_on_one_node_is_dead_on_the_other(firm: Firm) -> None:
    delivery = firm.delivery(firm.one)
    status, _, body = firm.api(firm.one, "POST", f"/deliveries/{delivery}/links", {"name": "Anna"})
    assert status == 201
    path = "/s/" + json.loads(body)["url"].rsplit("/s/", 1)[1]
    for _ in range(5):
        assert {node.ask("GET", path)[0] for node in (firm.one, firm.two)} == {200}
    assert firm.api(firm.one, "DELETE", f"/links/{json.loads(body)['id']}")[0] in {200, 204}
    assert firm.two.ask("GET", path)[0] == 404


def test_who_signs_in_on_one_node_is_signed_in_on_the_other(firm: Firm) -> None:
    """The form comes from one node, its answer goes to the other, the session holds on both and ends on both."""
    with firm.wiring.db.write() as tx:
        member = tx.get_one(Member, firm.studio.member_id)
        path = issue_link(tx, firm.wiring, member_id=member.id, purpose="sign_in").removeprefix("http://files.test")
    status, headers, page = firm.one.ask("GET", path, Accept="text/html")
    assert status == 200
    found = re.search(r'name="csrf" value="([^"]+)"', page.decode())
    assert found is not None
    sent = {"Cookie": headers["set-cookie"].split(";")[0], "Content-Type": "application/x-www-form-urlencoded"}
    status, headers, _ = firm.two.ask("POST", path, f"csrf={found[1]}".encode(), **sent)
    assert status == 303
    cookie = re.search(r"tillpaid_session=[^;]+", headers["set-cookie"])
    assert cookie is not None
    for node in (firm.one, firm.two):
        assert node.ask("GET", "/deliveries", Cookie=cookie[0], Accept="text/html")[0] == 200
    assert firm.one.ask("POST", path, f"csrf={found[1]}".encode(), **sent)[0] == 410, "used on the other node"


def test_promise_28_nodes_count_together(firm: Firm) -> None:
    """Twenty requests for a sign-in link from one address, whichever node they came to; not one more."""
    status, headers, page = firm.one.ask("GET", "/sign-in", Accept="text/html")
    found = re.search(r'name="csrf" value="([^"]+)"', page.decode())
    assert (status, found is None) == (200, False)
    assert found is not None
    sent = {"Cookie": headers["set-cookie"].split(";")[0], "Content-Type": "application/x-www-form-urlencoded"}
    answers = []
    for number in range(26):
        form = f"csrf={found[1]}&email=nobody{number}%40example.com".encode()
        answers.append((firm.one, firm.two)[number % 2].ask("POST", "/sign-in", form, **sent)[0])
    assert answers[20:] == [429] * 6
    assert 429 not in answers[:20]


def test_an_idempotency_key_holds_on_all_nodes(firm: Firm) -> None:
    made = {firm.delivery(node, Idempotency_Key="the same") for node in (firm.one, firm.two, firm.one)}
    assert len(made) == 1


def test_an_upload_goes_on_at_the_other_node(firm: Firm) -> None:
    delivery = firm.delivery(firm.one)
    content = os.urandom(11 * 1024 * 1024)
    tus = {"Tus-Resumable": "1.0.0"}

    told = {"delivery": delivery, "filename": "a.bin"}
    meta = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items())
    begun = {**tus, "Upload-Length": str(len(content)), "Upload-Metadata": meta}
    status, headers, body = firm.api(firm.one, "POST", "/uploads", **begun)
    assert status == 201, body
    path = "/uploads/" + headers["location"].rstrip("/").rsplit("/", 1)[1]
    half = 6 * 1024 * 1024
    for node, start, end in ((firm.one, 0, half), (firm.two, half, len(content))):
        assert firm.api(node, "HEAD", path, **tus)[1]["upload-offset"] == str(start)
        more = {**tus, "Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream"}
        status, _, body = firm.api(node, "PATCH", path, content[start:end], **more)
        assert status == 204, body
    _, _, body = firm.api(firm.one, "GET", f"/deliveries/{delivery}/assets")
    [asset] = json.loads(body)["items"]
    assert asset["sha256"] == hashlib.sha256(content).hexdigest()


@pytest.mark.timeout(900)
def test_promise_19_a_dead_workers_jobs_are_done_by_another(firm: Firm) -> None:
    first, second = firm.workers
    delivery = firm.delivery(firm.one)
    files = tuple((f"{n}.jpg", PICTURE + os.urandom(16)) for n in range(PICTURES))
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    status, _, body = firm.api(firm.two, "POST", f"/deliveries/{delivery}/assets", multipart(files), Content_Type=kind)
    assert status == 201, body
    first.work()
    until(lambda: running(firm) >= 1, ENDS_WITHIN)
    first.kill()
    killed = time.monotonic()
    left = running(firm)
    second.work()
    if not LONG:
        set_moment(firm.database, datetime.now(UTC) + LEASE + timedelta(seconds=1))
    until(lambda: set(states(firm, delivery)) <= {"ready", "card"} and running(firm) == 0, ENDS_WITHIN)
    took = time.monotonic() - killed
    set_moment(firm.database, None)
    assert left >= 1, "the worker died with nothing in hand"
    assert states(firm, delivery) == {"ready": PICTURES}
    assert firm.wiring.queue.counts()["dead"] == 0
    if LONG:
        assert took < 2 * LEASE.total_seconds()
    print(
        f"\n{left} jobs in a killed worker's hands: all {PICTURES} done {took:.0f} s after, leases of {LEASE.seconds} s"
    )


def running(firm: Firm) -> int:
    return int(firm.wiring.queue.counts()["running"])


def states(firm: Firm, delivery: str) -> dict[str, int]:
    with firm.wiring.db.read() as tx:
        query = text("select state, count(*) from assets where delivery_id = :delivery group by 1")
        return {row[0]: row[1] for row in tx.execute(query, {"delivery": delivery})}
