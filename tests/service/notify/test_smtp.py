"""The SMTP channel against a real server: encryption, passwords, and servers that misbehave."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from service.notify.channel import TryLater, Undeliverable
from service.notify.channels.smtp import Smtp, open_channel
from service.settings import load
from tests.service.notify.conftest import NAME, PASSWORD, server_tls

ServeMail = Callable[..., Any]


def message(to: str = "anna@example.com") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Tillpaid <tillpaid@example.com>", to, "Hello"
    made.set_content("Sveika, Anna!\n.\nA lone dot stays.\n")
    return made


def channel(url: str, tmp_path: Path) -> Smtp:
    return open_channel(load({"TILLPAID_SMTP_URL": url}, data_dir=tmp_path))


def test_starttls_is_used_where_it_is_offered(serve_mail: ServeMail, tmp_path: Path) -> None:
    post = serve_mail(tls_context=server_tls())
    channel(f"smtp://127.0.0.1:{post.port}", tmp_path).deliver(message(), "msg_1")
    assert post.secure == [True]
    assert "\n.\nA lone dot stays." in post.received[0].get_content().replace("\r\n", "\n")


def test_smtps_is_encrypted_from_the_start(serve_mail: ServeMail, tmp_path: Path) -> None:
    post = serve_mail(ssl_context=server_tls())
    channel(f"smtps://127.0.0.1:{post.port}", tmp_path).deliver(message(), "msg_1")
    assert post.secure == [True]


def test_it_signs_in_with_the_name_and_password_of_the_url(serve_mail: ServeMail, tmp_path: Path) -> None:
    post = serve_mail(tls_context=server_tls(), auth_required=True)
    url = f"smtp://{quote(NAME, safe='')}:{quote(PASSWORD, safe='')}@127.0.0.1:{post.port}"
    channel(url, tmp_path).deliver(message(), "msg_1")
    assert post.logins == ["good"]
    assert len(post.received) == 1


def test_a_wrong_password_waits_for_the_owner(serve_mail: ServeMail, tmp_path: Path) -> None:
    post = serve_mail(tls_context=server_tls(), auth_required=True)
    with pytest.raises(TryLater, match="name and password"):
        channel(f"smtp://ilze:wrong@127.0.0.1:{post.port}", tmp_path).deliver(message(), "msg_1")
    assert post.received == []


def test_a_password_never_leaves_this_machine_in_the_clear(post: Any) -> None:
    """The server offers no encryption; to this one it may talk as a stranger, but not with the password."""

    class Far(Smtp):
        def _is_here(self) -> bool:
            return False

    with pytest.raises(TryLater, match="no encryption"):
        Far("127.0.0.1", post.port, name=NAME, password=PASSWORD).deliver(message(), "msg_1")
    assert post.logins == []


def test_a_home_made_certificate_of_another_machine_is_not_trusted(serve_mail: ServeMail) -> None:
    post = serve_mail(tls_context=server_tls())

    class Far(Smtp):
        def _is_here(self) -> bool:
            return False

    with pytest.raises(TryLater, match="SSLCertVerificationError"):
        Far("127.0.0.1", post.port).deliver(message(), "msg_1")
    assert post.received == []


def test_an_address_the_server_cannot_take_is_final(post: Any, tmp_path: Path) -> None:
    post.answers["RCPT"] = ["553 5.1.3 bad address"]
    with pytest.raises(Undeliverable, match="553"):
        channel(f"smtp://127.0.0.1:{post.port}", tmp_path).deliver(message(), "msg_1")


@pytest.mark.parametrize("greeting", [b"", b"garbage\r\n", b"421 too busy\r\n", b"554 go away\r\n"])
def test_servers_that_hang_up_or_babble_are_tried_later(greeting: bytes, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_once() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(greeting)

        thread = threading.Thread(target=answer_once)
        thread.start()
        with pytest.raises(TryLater):
            channel(f"smtp://127.0.0.1:{server.getsockname()[1]}", tmp_path).deliver(message(), "msg_1")
        thread.join()


def test_a_silent_server_does_not_hold_the_worker(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(TryLater, match="could not be reached"):
        Smtp("127.0.0.1", server.getsockname()[1], timeout=0.2).deliver(message(), "msg_1")


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("smtp://mail.example.com", 25),
        ("smtp://u:p@mail.example.com", 587),
        ("smtps://u:p@mail.example.com", 465),
        ("smtp://u:p@mail.example.com:2525", 2525),
    ],
)
def test_ports(url: str, port: int, tmp_path: Path) -> None:
    assert channel(url, tmp_path).port == port
