"""Promise 19 for uploads in pieces: what was told to be safe is, however often the server is killed (SIGKILL).

Programs upload files of all sizes in pieces, also under checksums, and go on where they were told to. ``TILLPAID_FAULT_ROUNDS``
says how often the server dies: 4 times by default, 1,000 in ``make faults``.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import random
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from service.accounts.api_tokens import create_api_token
from service.accounts.create_studio import create_studio
from service.migrate import migrate
from service.settings import load
from service.wiring import Wiring
from tests.faults.ledger import Ledger, Look
from tests.faults.server import Server
from tests.faults.studio import Died, Studio

ROUNDS = int(os.environ.get("TILLPAID_FAULT_ROUNDS", "4"))
SIZES = (1, 40_000, 900_000, 6_000_000)
PIECES = (1, 10_000, 250_000, 2_000_000)
AT_ONCE = 3
BYTES = "application/offset+octet-stream"


@dataclass
class Begun:
    """An upload, what is sent by it, and the highest offset that was ever answered."""

    place: str
    content: bytes
    told: int = 0


@dataclass
class Sending:
    """All uploads of all programs, across the deaths of the server."""

    token: str
    ledger: Ledger
    begun: dict[str, Begun] = field(default_factory=dict)
    died_at: int = 0
    replayed: int = 0
    busy: int = 0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Wiring, str]]:
    wiring = Wiring(load({}, data_dir=tmp_path / "data"))
    migrate(wiring.db)
    with wiring.db.write() as tx:
        token = create_api_token(tx, wiring, create_studio(tx, wiring, email="pieces@example.com"), "t")
    yield wiring, token
    wiring.close()


@pytest.mark.timeout(120 + 30 * ROUNDS)
def test_promise_19_pieces_that_were_acknowledged_survive_kill_9(place: tuple[Wiring, str]) -> None:
    wiring, token = place
    data, sending, delivery = wiring.settings.data_dir, Sending(token, Ledger()), ""
    look = Look(wiring)
    chance = random.Random(5)
    server = Server(data, worker=False)
    server.start()
    try:
        for turn in range(ROUNDS):
            server.wait()
            delivery = delivery or Studio(server.port, token, sending.ledger).delivery()
            threads = [_program(server.port, sending, delivery, seed) for seed in range(turn * 10, turn * 10 + AT_ONCE)]
            time.sleep(chance.random() * 1.5)
            server.kill()
            for thread in threads:
                thread.join()
            _told_is_there(wiring, sending)
            server.start()
            assert look.faults(sending.ledger) == [], f"after kill {turn + 1}\n{server.tail()}"
        server.wait()
        for begun in list(sending.begun.values()):
            _to_the_end(server.port, sending, begun)
        assert look.faults(sending.ledger, everything=True) == []
        store: Any = wiring.store
        assert len(list(store.partials())) <= AT_ONCE * ROUNDS, "what the dead had no time to clear away is the sweep's"
        kept = sum(stat.size for stat in store.list("originals/"))
    finally:
        server.stop()
    assert len(sending.ledger.assets) > 0
    print(
        f"\n{ROUNDS} kills; {len(sending.ledger.assets)} uploads ended, {kept} bytes; offsets that were told and not there: 0; "
        f"sent again after a death: {sending.replayed} bytes; busy {sending.busy} times"
    )


def _program(port: int, sending: Sending, delivery: str, seed: int) -> threading.Thread:
    """Goes on with what nobody goes on with, and begins more, until the server dies."""
    chance = random.Random(seed)

    def run() -> None:
        try:
            while True:
                waiting = [key for key in list(sending.begun) if chance.random() < 0.5]
                begun = sending.begun.pop(waiting[0], None) if waiting else None
                begun = begun or _begin(port, sending, delivery, chance)
                try:
                    _pieces(port, sending, begun, chance)
                except Died:
                    sending.begun[begun.place] = begun
                    raise
        except Died:
            return

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def _begin(port: int, sending: Sending, delivery: str, chance: random.Random) -> Begun:
    content = secrets.token_bytes(chance.choice(SIZES))
    given = f"delivery {base64.b64encode(delivery.encode()).decode()},filename YQ=="
    status, headers = _call(port, sending, "POST", "", Upload_Length=str(len(content)), Upload_Metadata=given)
    assert status == 201, status
    return Begun(headers["location"], content)


def _pieces(port: int, sending: Sending, begun: Begun, chance: random.Random) -> None:
    """Asks where it stands, and sends pieces until it is whole."""
    status, headers = _call(port, sending, "HEAD", begun.place)
    while status == 423:
        time.sleep(0.2)
        sending.busy += 1
        status, headers = _call(port, sending, "HEAD", begun.place)
    assert status == 200, (status, begun.place)
    offset = int(headers["upload-offset"])
    assert offset >= begun.told, f"{begun.told} bytes were told to be safe, {offset} are said now"
    sending.replayed += max(0, begun.told - offset)
    while offset < len(begun.content):
        piece = begun.content[offset : offset + chance.choice(PIECES)]
        more = {"Upload_Offset": str(offset), "Content_Type": BYTES}
        if chance.random() < 0.3:
            more["Upload_Checksum"] = f"sha1 {base64.b64encode(hashlib.sha1(piece).digest()).decode()}"
        status, headers = _call(port, sending, "PATCH", begun.place, piece, **more)
        if status == 423:  # the lease of a dead server
            sending.busy += 1
            time.sleep(0.3)
            continue
        assert status == 204, (status, headers)
        offset = begun.told = int(headers["upload-offset"])
    sending.ledger.assets[headers["tillpaid-asset"]] = hashlib.sha256(begun.content).hexdigest()


def _to_the_end(port: int, sending: Sending, begun: Begun) -> None:
    _pieces(port, sending, begun, random.Random(1))
    del sending.begun[begun.place]


def _call(
    port: int, sending: Sending, method: str, place: str, body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str]]:
    """Status and headers; raises Died."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {"Authorization": f"Bearer {sending.token}", "Tus-Resumable": "1.0.0", **named}
    try:
        connection.request(method, place or "/api/v1/uploads", body, sent)
        answer = connection.getresponse()
        answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}
    except (OSError, http.client.HTTPException) as error:
        raise Died from error
    finally:
        connection.close()


def _told_is_there(wiring: Wiring, sending: Sending) -> None:
    """Behind the dead server's back: every byte that was told to be safe is in the file, and is the right one."""
    folder = wiring.settings.data_dir / "vault" / "partial"
    for begun in sending.begun.values():
        file = folder / begun.place.rsplit("/", 1)[1]
        if begun.told == 0:
            continue
        if not file.exists():  # it ended, and the answer was lost: the look finds the asset whole
            continue
        with file.open("rb") as content:
            assert content.read(begun.told) == begun.content[: begun.told], f"{begun.told} bytes were told to be safe"
