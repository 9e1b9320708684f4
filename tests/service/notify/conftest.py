"""A real mail server on this machine, and a studio in whose name messages are written."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from service.db import Tx
from service.notify.models import OutboxMessage
from service.notify.outbox import send
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, work
from tests.conftest import resettled

TLS = Path(__file__).parent / "tls"
NAME, PASSWORD = "studio@example.com", "p@ss/word:1"


@dataclass
class Post:
    """What the server received, and what it answers next: ``answers`` by command, in order."""

    port: int = 0
    received: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    secure: list[bool] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    def _next(self, command: str) -> str | None:
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        answer = self._next("RCPT")
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        answer = self._next("DATA")
        if answer is None:
            self.envelopes.append(envelope)
            self.secure.append(server.transport.get_extra_info("sslcontext") is not None)
            self.received.append(message_from_bytes(envelope.content or b"", policy=policy.default))  # type: ignore[arg-type]
        return answer or "250 OK"

    def check(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (NAME.encode(), PASSWORD.encode())
        self.logins.append("good" if good else "bad")
        return AuthResult(success=good, handled=False)


def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "for_tests_only.crt", TLS / "for_tests_only.key")
    return context


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def serve_mail() -> Iterator[Callable[..., Post]]:
    """``serve_mail(**what aiosmtpd takes)`` starts a server on a free port."""
    running: list[Controller] = []

    def start(**more: Any) -> Post:
        post = Post()
        post.port = free_port()
        controller = Controller(post, hostname="127.0.0.1", port=post.port, authenticator=post.check, **more)
        controller.start()
        running.append(controller)
        return post

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture
def post(serve_mail: Callable[..., Post]) -> Post:
    """A mail server without encryption or passwords."""
    return serve_mail()


@pytest.fixture
def posting(wiring: Wiring, post: Post) -> Wiring:
    """The service, sending through ``post``."""
    return with_mail(wiring, f"smtp://127.0.0.1:{post.port}")


def with_mail(wiring: Wiring, url: str) -> Wiring:
    wiring.settings = resettled(wiring, TILLPAID_BASE_URL="http://testserver", TILLPAID_SMTP_URL=url)
    return wiring


@pytest.fixture
def studio(wiring: Wiring, client: Any) -> StudioActor:
    return new_studio(wiring, client)


@pytest.fixture
def write(wiring: Wiring, studio: StudioActor) -> Callable[..., OutboxMessage]:
    """``write(kind, recipient, **values)`` puts a message into the outbox and commits."""

    def written(kind: str = "released_studio", recipient: str = "anna@example.com", **values: Any) -> OutboxMessage:
        values = values or {"title": "Kāzas", "client": "Anna"}
        with wiring.db.write() as tx:
            return send(tx, wiring, studio_id=studio.studio_id, kind=kind, recipient=recipient, locale="en", **values)

    return written


@pytest.fixture
def row_of(wiring: Wiring) -> Callable[[OutboxMessage], OutboxMessage]:
    """The row as it is now."""

    def fresh(message: OutboxMessage) -> OutboxMessage:
        def read(tx: Tx) -> OutboxMessage:
            return tx.get_one(OutboxMessage, message.id)

        with wiring.db.read() as tx:
            return read(tx)

    return fresh


@pytest.fixture
def do_work(wiring: Wiring) -> Callable[[], None]:
    return lambda: work(wiring)
