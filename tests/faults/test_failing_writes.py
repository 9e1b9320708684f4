"""Promise 20: each write fails once, with ENOSPC and with EIO, the file store's and SQLite's: a clear error or none, nothing
half, and the next try succeeds.

Of a form's upload, a resumable upload, two payments with the release, and the making of previews, every write in turn in
``make faults``, every ``STEP``\\ th in CI.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from service.app import create_app
from service.migrate import migrate
from service.settings import load
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, work
from tests.conftest import MovableClock
from tests.faults.failing_writes import failing_writes
from tests.faults.ledger import Ledger, Look, Sent
from tests.faults.studio import PICTURE
from tests.faults.writes import Writes

STEP = 1 if "TILLPAID_FAULT_ROUNDS" in os.environ else 6
MOST = 400
MEND_AFTER = 3
"""Tries."""
BYTES = "application/offset+octet-stream"
CLEAR = {(503, "unavailable"), (507, "no_space")}


class Trial:
    """One studio in a place where writes can fail. ``patience``: seconds for which a server may be away after it; without
    any, the next try must succeed."""

    def __init__(self, wiring: Wiring, client: TestClient, clock: MovableClock, patience: float = 0.0) -> None:
        self.wiring, self.clock, self._patience = wiring, clock, patience
        self.studio: StudioActor = new_studio(wiring, client)
        self.ledger = Ledger()
        self.mended: Callable[[], None] = lambda: None
        """What whoever runs it does about a server that says no again and again."""
        self.until_back: Callable[[], None] = lambda: None
        """Returns when everything behind the service is there."""
        self.told: Counter[int] = Counter()

    def until_done(self, method: str, path: str, **asked: Any) -> Any:
        """The answer to a request that is sent again after each clear error."""
        for _ in self.tries():
            answer = self.studio.api(method, path, **asked)
            if answer.status_code < 400:
                return answer
            self.clear(answer)
        raise AssertionError(answer.text)

    def tries(self) -> Iterator[int]:
        """Two are enough, for one write fails; or as many as there are while a server comes back."""
        until = time.monotonic() + self._patience
        for number in count():
            if number == MEND_AFTER:
                self.mended()
            if number > 1:
                time.sleep(0.1)
            if number < 2 or time.monotonic() < until:
                yield number
            else:
                return

    def clear(self, answer: Any) -> None:
        self.told[answer.status_code] += 1
        if answer.request.method == "HEAD":
            assert answer.status_code in dict(CLEAR)
        else:
            assert (answer.status_code, answer.json()["code"]) in CLEAR, answer.text
        assert answer.status_code == 507 or int(answer.headers["retry-after"]) > 0

    def kept(self, asset: dict[str, Any], content: bytes) -> None:
        self.ledger.assets[asset["id"]] = hashlib.sha256(content).hexdigest()


def form(trial: Trial, delivery: str) -> None:
    content = random.randbytes(300_000)
    files = [("file", ("a.bin", content, "application/octet-stream"))]
    answer = trial.until_done("POST", f"/deliveries/{delivery}/assets", files=files)
    trial.kept(answer.json()["assets"][0], content)


def pieces(trial: Trial, delivery: str) -> None:
    """As a tus client does: after an error it asks how far it came."""
    content = random.randbytes(300_000)
    given = f"delivery {base64.b64encode(delivery.encode()).decode()},filename YQ=="
    tus = {"Tus-Resumable": "1.0.0"}
    begun = trial.until_done(
        "POST", "/uploads", headers={**tus, "Upload-Length": str(len(content)), "Upload-Metadata": given}
    )
    place, offset = begun.headers["location"].removeprefix("/api/v1"), 0
    tries = trial.tries()
    while offset < len(content):
        piece = content[offset : offset + 200_000]
        headers = {**tus, "Upload-Offset": str(offset), "Content-Type": BYTES}
        answer = trial.studio.api("PATCH", place, headers=headers, content=piece)
        if answer.status_code != 204:
            trial.clear(answer)
            next(tries)
            trial.clock.move(seconds=60)  # a lease that could not be given back ends
            answer = trial.until_done("HEAD", place, headers=tus)
        offset = int(answer.headers["upload-offset"])
    listed = trial.studio.api("GET", f"/deliveries/{delivery}/assets").json()["items"]
    assert len(listed) == 1
    trial.kept(listed[0], content)


def payments(trial: Trial, delivery: str) -> None:
    """Two halves; a payment that is known already is as good as a new one."""
    for part in ("one", "two"):
        ref = f"{delivery} {part}"
        for _ in trial.tries():
            answer = trial.studio.pay(delivery, "225.00", ref)
            if answer.status_code == 201 or answer.json()["code"] == "payment_known":
                break
            trial.clear(answer)
        if answer.status_code == 201:
            trial.ledger.payments[answer.json()["payment"]["id"]] = Sent(delivery, ref)
    trial.ledger.released.add(delivery)


def previews(trial: Trial, delivery: str) -> None:
    """The job fails, and comes again by itself; or it cannot be taken, and the worker tries again."""
    states: list[str] = []
    for number in trial.tries():
        if number > 1 and states == ["ready"]:
            break
        if number and states != ["ready"]:
            trial.mended()
        with suppress(OperationalError, ConnectorException):
            work(trial.wiring)
        trial.clock.move(minutes=10)
        listed = trial.until_done("GET", f"/deliveries/{delivery}/assets").json()["items"]
        states = [asset["state"] for asset in listed]
    assert states == ["ready"]


@contextmanager
def trying(folder: Path) -> Iterator[tuple[Trial, Writes]]:
    clock = MovableClock()
    with failing_writes() as writes:
        wiring = Wiring(load({"TILLPAID_BASE_URL": "http://testserver"}, data_dir=folder / "data"), clock=clock)
        migrate(wiring.db)
        with TestClient(create_app(wiring), raise_server_exceptions=False, follow_redirects=False) as client:
            yield Trial(wiring, client, clock), writes
        wiring.close()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("what", [form, pieces, payments, previews])
def test_promise_20_each_write_fails_once(tmp_path: Path, what: Callable[[Trial, str], None]) -> None:
    failed: Counter[str] = Counter()
    with trying(tmp_path) as (trial, writes):
        look = Look(trial.wiring)
        for error in (errno.ENOSPC, errno.EIO):
            failed += each_fails(trial, writes, what, error, look)
        assert look.faults(trial.ledger, everything=True) == []
    assert failed["sqlite write"] > 0
    print(
        f"\n{what.__name__}: {failed.total()} writes failed ({dict(failed)}); told {dict(trial.told)}; lost 0, half 0"
    )


def each_fails(
    trial: Trial,
    writes: Writes,
    what: Callable[[Trial, str], None],
    error: int,
    look: Look,
    by: int = STEP,
) -> Counter[str]:
    """Does it again and again, each time with a later write failing, until there are no more; which ones failed."""
    failed: Counter[str] = Counter()
    for step in range(random.randrange(by), MOST, by):
        delivery = prepared(trial, pictured=what is previews)
        writes.begin(step, error)
        what(trial, delivery)
        name = writes.failed
        writes.begin(-1, error)
        trial.until_back()
        assert look.faults(trial.ledger, whole=True) == [], (step, name)
        if not name:
            return failed
        failed[name] += 1
    raise AssertionError("there were more writes than were tried")


def prepared(trial: Trial, *, pictured: bool) -> str:
    """A delivery, with a picture whose previews are to be made."""
    delivery = str(trial.studio.delivery(amount="450.00")["id"])
    if pictured:
        content = PICTURE + random.randbytes(16)
        files = [("file", ("a.jpg", content, "image/jpeg"))]
        answer = trial.until_done("POST", f"/deliveries/{delivery}/assets", files=files)
        trial.kept(answer.json()["assets"][0], content)
    return delivery
