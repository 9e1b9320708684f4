"""Promise 22: PostgreSQL stopped "immediate" and started under load. While it is away: 503 with Retry-After, and nothing else;
after, everything acknowledged is there, no payment twice, no release twice or missing, the log whole.

``TILLPAID_FAULT_ROUNDS`` / 25 rounds (2 by default, 40 by ``make faults``), with PostgreSQL's own promises of durability on.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from service.accounts.api_tokens import create_api_token
from service.accounts.create_studio import create_studio
from service.audit.verify_chain import verify_chain
from service.settings import load
from service.wiring import Wiring
from tests.nodes import KEYS, Node
from tests.postgres_server import Postgres

ROUNDS = max(1, int(os.environ.get("TILLPAID_FAULT_ROUNDS", "50")) // 25)
CLIENTS = 4
BACK_WITHIN = 120.0


class Payer(threading.Thread):
    """Pays deliveries in halves, until told to stop; what is not answered is asked again with the same reference."""

    def __init__(self, node: Node, token: str) -> None:
        super().__init__()
        self.node, self.bearer = node, {"Authorization": f"Bearer {token}"}
        self.stopping = threading.Event()
        self.paid: dict[str, list[str]] = {}
        self.released: set[str] = set()
        self.answers: Counter[int] = Counter()
        self.wrong: list[str] = []

    def run(self) -> None:
        while not self.stopping.is_set():
            asked = {"title": "T", "client": {"name": "C"}, "amount": "450.00", "currency": "EUR"}
            made = self.post("/deliveries", asked)
            if made is None:
                continue
            delivery = str(made["id"])
            self.paid[delivery] = []
            for part in ("one", "two"):
                self.pay(delivery, f"{delivery} {part}")

    def pay(self, delivery: str, ref: str) -> None:
        """Until it is acknowledged, as a careful program does."""
        body = {"amount": "225.00", "currency": "EUR", "source_ref": ref, "received_on": "2026-01-02"}
        while True:
            answer = self.post(f"/deliveries/{delivery}/payments", body)
            if answer is None:
                time.sleep(0.05)
                continue
            self.paid[delivery].append(ref)
            if answer.get("released"):
                self.released.add(delivery)
            return

    def post(self, path: str, body: dict[str, object]) -> dict[str, object] | None:
        """The answer to what succeeded (or had succeeded before); None to be asked again."""
        status, headers, sent = self.node.ask("POST", f"/api/v1{path}", body, **self.bearer)
        self.answers[status] += 1
        told = json.loads(sent)
        if status == 201:
            return dict(told)
        if status == 409 and told["code"] == "payment_known":
            return {}
        if status != 503 or int(headers.get("retry-after", "0")) < 1:
            self.wrong.append(f"{status} {told}")
        return None


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Postgres, Node, Wiring, str]]:
    with Postgres(durable=True) as server:
        server.make_template()
        environ = {"TILLPAID_DATABASE_URL": server.create("faults"), "TILLPAID_SECRET_KEYS": KEYS}
        wiring = Wiring(load(environ, data_dir=tmp_path / "node"))
        with wiring.db.write() as tx:
            token = create_api_token(tx, wiring, create_studio(tx, wiring, email="f@example.com"), "faults")
        node = Node(tmp_path / "node", "127.0.0.2", environ)
        node.serve()
        try:
            node.wait()
            yield server, node, wiring, token
        finally:
            node.stop()
            wiring.close()


@pytest.mark.timeout(120 + 60 * ROUNDS)
def test_promise_22_postgresql_stopped_immediate_and_started(place: tuple[Postgres, Node, Wiring, str]) -> None:
    server, node, wiring, token = place
    payers = [Payer(node, token) for _ in range(CLIENTS)]
    for payer in payers:
        payer.start()
    try:
        for turn in range(ROUNDS):
            time.sleep(0.5 + random.random())
            server.stop(signal.SIGQUIT)
            assert node.ask("GET", "/healthz")[0] == 200
            status, headers, _ = node.ask("GET", "/s/none", Accept="application/json")
            assert status in {404, 503}
            assert status == 404 or int(headers["retry-after"]) >= 1
            assert node.ask("GET", "/readyz")[0] == 503
            server.start()
            until_ready(node)
            assert all(payer.is_alive() for payer in payers), f"round {turn}"
    finally:
        for payer in payers:
            payer.stopping.set()
        for payer in payers:
            payer.join(120)
    assert [wrong for payer in payers for wrong in payer.wrong] == []
    assert look(wiring, payers) == []
    answers = sum((payer.answers for payer in payers), Counter())
    acknowledged = sum(len(refs) for payer in payers for refs in payer.paid.values())
    print(f"\n{ROUNDS} stops; answers {dict(answers)}; payments acknowledged {acknowledged}, lost 0, double 0; "
          f"releases {sum(len(payer.released) for payer in payers)}, lost 0, double 0")  # fmt: skip


def until_ready(node: Node) -> None:
    deadline = time.monotonic() + BACK_WITHIN
    while node.ask("GET", "/readyz")[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def look(wiring: Wiring, payers: list[Payer]) -> list[str]:
    """Everything that is not as it was acknowledged."""
    faults: list[str] = []
    with wiring.db.read() as tx:
        refs = Counter(tx.scalars(text("select source_ref from payments")))
        released = Counter(tx.scalars(text("select delivery_id from releases")))
        events = Counter(tx.scalars(text("select delivery_id from audit_events where kind = 'release.made'")))
        states: dict[str, str] = {row[0]: row[1] for row in tx.execute(text("select id, state from deliveries"))}
        faults += [verdict.fault for verdict in verify_chain(tx, wiring.signer) if verdict.fault]
    faults += [f"{ref} is recorded {count} times" for ref, count in refs.items() if count > 1]
    for payer in payers:
        for delivery, acknowledged in payer.paid.items():
            faults += [f"{ref} was acknowledged and is not there" for ref in acknowledged if ref not in refs]
            wanted = int(sum(ref.startswith(f"{delivery} ") for ref in refs) == 2)
            found = (released[delivery], events[delivery], int(states.get(delivery) == "released"))
            if found != (wanted, wanted, wanted):
                faults.append(f"{delivery}: release rows, events, state {found}, wanted {wanted}")
        faults += [f"{delivery} was said to be released" for delivery in payer.released if not released[delivery]]
    return faults
