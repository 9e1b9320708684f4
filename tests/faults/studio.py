"""A studio at work against the real server, over HTTP, until the server dies under it."""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import random
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.faults.ledger import Ledger, Sent
from tests.originals import photograph

BOUNDARY = "-----tillpaid-fault"
SIZES = (1, 5_000, 300_000, 3_000_000)


class Died(Exception):
    """The server was gone before its answer was whole."""


@dataclass
class Studio:
    """Calls the API of the server on ``port`` with ``token`` and writes down what it acknowledges."""

    port: int
    token: str
    ledger: Ledger

    def call(self, method: str, path: str, body: bytes, content_type: str = "application/json") -> tuple[int, Any]:
        """Status and answer; raises Died."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": content_type}
            connection.request(method, f"/api/v1{path}", body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise Died from error
        finally:
            connection.close()

    def post(self, path: str, **fields: Any) -> Any:
        return self._wanted(path, *self.call("POST", path, json.dumps(fields).encode()))

    def _wanted(self, path: str, status: int, answer: Any) -> Any:
        """The answer to something that must succeed. What should not be is kept for the look."""
        if status != 201:
            self.ledger.refusals.append(f"POST {path}: {status} {answer}")
            raise Died
        return answer

    def delivery(self) -> str:
        """A held delivery, sent by a link."""
        client = {"name": "Anna", "email": ""}
        made = self.post("/deliveries", title="Fault", client=client, amount="450.00", currency="EUR")["id"]
        self.post(f"/deliveries/{made}/links", name="Anna")
        return str(made)

    def upload(self, delivery_id: str, *files: tuple[str, bytes]) -> None:
        path = f"/deliveries/{delivery_id}/assets"
        answer = self.call("POST", path, multipart(files), f"multipart/form-data; boundary={BOUNDARY}")
        for asset, (_name, content) in zip(self._wanted(path, *answer)["assets"], files, strict=True):
            self.ledger.assets[asset["id"]] = hashlib.sha256(content).hexdigest()

    def pay(self, sent: Sent) -> None:
        """Half of what is owed; a payment that is known already is as good as a new one."""
        body = {"amount": "225.00", "currency": "EUR", "source_ref": sent.ref}
        body["received_on"] = datetime.now(UTC).date().isoformat()
        path = f"/deliveries/{sent.delivery_id}/payments"
        try:
            status, answer = self.call("POST", path, json.dumps(body).encode())
        except Died:
            self.ledger.unanswered.append(sent)
            raise
        if status == 409 and answer["code"] == "payment_known":
            return
        answer = self._wanted(path, status, answer)
        self.ledger.payments[answer["payment"]["id"]] = sent
        if answer["released"]:
            self.ledger.released.add(sent.delivery_id)


def multipart(files: tuple[tuple[str, bytes], ...]) -> bytes:
    """The body of a form with these files."""
    out = io.BytesIO()
    for name, content in files:
        out.write(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode())
        out.write(content + b"\r\n")
    out.write(f"--{BOUNDARY}--\r\n".encode())
    return out.getvalue()


def upload_without_end(studio: Studio, delivery_id: str) -> None:
    """Files of all sizes, most of them no pictures."""
    while True:
        studio.upload(delivery_id, (f"{secrets.token_hex(4)}.bin", secrets.token_bytes(random.choice(SIZES))))


def upload_pictures(studio: Studio, delivery_id: str) -> None:
    """A few small photographs, so that the worker has something to decode; then nothing more."""
    studio.upload(delivery_id, *[(f"{n}.jpg", PICTURE + secrets.token_bytes(16)) for n in range(3)])


def pay_without_end(studio: Studio, delivery_id: str) -> None:
    """One delivery after the other, each paid one and a half times by three payments at once."""
    while True:
        made = studio.delivery()
        sent = [Sent(made, f"bank {secrets.token_hex(8)}") for _ in range(3)]
        threads = [start(lambda each=each: studio.pay(each)) for each in sent]
        for thread in threads:
            thread.join()


def start(work: Callable[[], None]) -> threading.Thread:
    """Runs ``work`` in a thread until it ends or the server dies."""

    def until_death() -> None:
        try:
            work()
        except Died:
            return

    thread = threading.Thread(target=until_death)
    thread.start()
    return thread


def _picture() -> bytes:
    buffer = io.BytesIO()
    photograph(800, 600).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


PICTURE = _picture()
