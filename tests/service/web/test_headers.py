"""The envelope: headers on every answer, and whose word is taken for the caller's address."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from service.settings import load
from service.web.headers import caller_address
from service.wiring import Wiring
from tests.actors import new_studio, work
from tests.service.web.conftest import HTML, with_probes

ANSWERS = [
    ("GET", "/sign-in"),
    ("GET", "/healthz"),
    ("GET", "/nowhere"),
    ("GET", "/static/app.css"),
    ("GET", "/static/nowhere"),
    ("GET", "/api/v1/deliveries"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/s/not-a-token"),
    ("GET", "/d/not-a-token"),
    ("POST", "/sign-in"),
    ("POST", "/api/v1/probe/crash"),
    ("DELETE", "/healthz"),
]


@pytest.mark.parametrize(("method", "path"), ANSWERS)
def test_promise_29_every_answer_has_the_headers(probe: TestClient, method: str, path: str) -> None:
    headers = probe.request(method, path, headers=HTML).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy.pop("default-src") == "'none'"
    assert set(policy.values()) <= {"'self'", "'none'"}
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Cache-Control"]
    assert "server" not in headers


@pytest.mark.parametrize(("method", "path"), [a for a in ANSWERS if not a[1].startswith("/static")])
def test_promise_11_nothing_but_static_files_may_be_stored(probe: TestClient, method: str, path: str) -> None:
    assert probe.request(method, path, headers=HTML).headers["Cache-Control"] == "private, no-store"


def test_only_what_is_the_same_for_everybody_is_packed(probe: TestClient) -> None:
    """The length of a packed page tells of the secrets in it (BREACH, 2013); a stylesheet has none."""
    packed = probe.get("/static/app.css", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed.headers["Vary"]
    assert packed.content == probe.get("/static/app.css", headers={"Accept-Encoding": "identity"}).content
    for method, path in ANSWERS:
        if not path.startswith("/static/app"):
            answer = probe.request(method, path, headers={**HTML, "Accept-Encoding": "gzip"})
            assert "Content-Encoding" not in answer.headers


def test_https_is_asked_for_only_where_it_is_served(probe: TestClient, secure: TestClient) -> None:
    assert "Strict-Transport-Security" not in probe.get("/healthz").headers
    assert "max-age" in secure.get("/healthz").headers["Strict-Transport-Security"]


PROXIES = load({"TILLPAID_TRUSTED_PROXIES": "10.0.0.0/8, fd00::/8, 192.0.2.1"}).web.proxies()


@pytest.mark.parametrize(
    ("connected", "forwarded", "address"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "1.2.3.4, 198.51.100.1, 10.0.0.3", "198.51.100.1"),
        ("10.0.0.2", "10.0.0.3", "10.0.0.3"),
        ("fd00::1", "2001:db8::5", "2001:db8::5"),
        ("192.0.2.1", "198.51.100.1", "198.51.100.1"),
        ("192.0.2.2", "198.51.100.1", "192.0.2.2"),
        ("10.0.0.2", "nonsense", "nonsense"),
        ("10.0.0.2", "," * 40, "10.0.0.2"),
        ("10.0.0.2", "x" * 500, "x" * 64),
        ("unix:", "198.51.100.1", "unix:"),
    ],
)
def test_promise_28_forwarded_addresses_are_believed_of_configured_proxies_only(
    connected: str, forwarded: str, address: str
) -> None:
    """A caller can write anything into the header; only what a proxy of ours appended counts, from the right."""
    headers = {b"x-forwarded-for": forwarded.encode()} if forwarded else {}
    scope = {"type": "http", "client": (connected, 1234)}
    assert caller_address(scope, headers, PROXIES) == address


def test_promise_28_without_configured_proxies_nobody_is_believed(wiring: Wiring) -> None:
    """Through the application: a new forwarded address a try does not get around a limit."""
    with TestClient(with_probes(wiring), client=("203.0.113.9", 1)) as client:
        seen = [_limited(client, f"198.51.100.{n}") for n in range(60)]
    assert any(seen)


def _limited(client: TestClient, forwarded: str) -> bool:
    token = client.get("/probe/token", headers=HTML).headers["X-Token"]
    data = {"csrf": token, "email": f"nobody{forwarded}@example.com"}
    return client.post("/sign-in", data=data, headers={"X-Forwarded-For": forwarded}).status_code == 429


def test_promise_12_logs_name_no_token(wiring: Wiring, client: TestClient, capsys: Any) -> None:
    studio = new_studio(wiring, client)
    delivery = studio.delivery()["id"]
    url = studio.link(delivery)["url"]
    token = url.rsplit("/s/", 1)[1]
    client.get(f"/s/{token}")
    client.get(f"/s/{token}/previews/ast_x/1/480")
    client.get(f"/d/{token}")
    client.get(f"/sign-in/{token}")
    work(wiring)
    logged = capsys.readouterr().out + capsys.readouterr().err
    assert "/s/…" in logged, "the requests were logged"
    assert token not in logged
    assert token[:20] not in logged
