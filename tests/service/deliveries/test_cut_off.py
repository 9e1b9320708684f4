"""A sender that goes away in the middle of a file leaves nothing behind."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.actors import StudioActor


def test_a_sender_that_disconnects_leaves_nothing(studio: StudioActor, client: TestClient, wiring: Wiring) -> None:
    delivery = studio.delivery()["id"]
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    whole = head + b"complete" + b"\r\n" + head + b"x" * 3_000_000
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": whole, "more_body": True},
        {"type": "http.disconnect"},
    ]
    answers: list[Any] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if len(messages) > 1 else messages[0]

    async def send(message: Any) -> None:
        answers.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": f"/api/v1/deliveries/{delivery}/assets",
        "raw_path": b"",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [
            (b"host", b"testserver"),
            (b"authorization", f"Bearer {studio.token}".encode()),
            (b"content-type", b"multipart/form-data; boundary=b"),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    assert client.portal is not None
    client.portal.call(client.app, scope, receive, send)
    assert answers[0]["status"] == 422
    assert not [path for path in (wiring.settings.data_dir / "vault").rglob("*") if path.is_file()]
    assert studio.api("GET", f"/deliveries/{delivery}/assets").json()["items"] == []
