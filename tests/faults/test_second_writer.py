"""Two connections for one upload: the second is refused at once, and the server answers everybody else meanwhile."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import time
from pathlib import Path

import pytest

from service.accounts.api_tokens import create_api_token
from service.accounts.create_studio import create_studio
from service.migrate import migrate
from service.settings import load
from service.wiring import Wiring
from tests.faults.ledger import Ledger
from tests.faults.server import Server
from tests.faults.studio import Studio
from tests.s3_server import S3Server

BYTES = "application/offset+octet-stream"
CONTENT = os.urandom(300_000)


def call(
    server: Server, token: str, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0", **named})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders())


def begin_patch(server: Server, token: str, place: str, length: int) -> socket.socket:
    """The head of a PATCH, and nothing of its body."""
    line = socket.create_connection(("127.0.0.1", server.port), 60)
    head = f"PATCH {place} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nTus-Resumable: 1.0.0\r\n"
    line.sendall(f"{head}Upload-Offset: 0\r\nContent-Type: {BYTES}\r\nContent-Length: {length}\r\n\r\n".encode())
    return line


@pytest.mark.parametrize("where", ["files", "s3"])
def test_a_second_writer_gets_423_while_the_server_goes_on_answering(
    tmp_path: Path, where: str, request: pytest.FixtureRequest
) -> None:
    environ = {}
    if where == "s3":
        store: S3Server = request.getfixturevalue("s3_server")
        environ = {"TILLPAID_STORAGE_URL": store.url()}
    wiring = Wiring(load(environ, data_dir=tmp_path / "data"))
    migrate(wiring.db)
    with wiring.db.write() as tx:
        token = create_api_token(tx, wiring, create_studio(tx, wiring, email="two@example.com"), "t")
    wiring.close()
    with Server(tmp_path / "data", worker=False, environ=environ) as server:
        delivery = Studio(server.port, token, Ledger()).delivery()
        given = f"delivery {base64.b64encode(delivery.encode()).decode()},filename YQ=="
        size = str(len(CONTENT))
        _, headers = call(server, token, "POST", "/api/v1/uploads", Upload_Length=size, Upload_Metadata=given)
        place = headers["location"]
        first = begin_patch(server, token, place, len(CONTENT))
        first.sendall(CONTENT[:1000])
        refused = answered = 0
        piece = {"Upload_Offset": "7", "Content_Type": BYTES}  # a wrong place: it can never be the one that writes
        while call(server, token, "PATCH", place, b"\0" * 500, **piece)[0] == 409:
            time.sleep(0.05)  # the first one is still on its way to the lease
        for turn in range(20):
            first.sendall(CONTENT[1000 + turn * 10 : 1010 + turn * 10])
            status, headers = call(server, token, "PATCH", place, b"\0" * 500, **piece)
            assert (status, headers["retry-after"]) == (423, "1")
            refused += 1
            assert call(server, token, "GET", "/healthz")[0] == 200
            assert call(server, token, "HEAD", place)[0] == 200
            assert call(server, token, "GET", f"/api/v1/deliveries/{delivery}")[0] == 200
            answered += 3
            time.sleep(0.02)
        first.sendall(CONTENT[1200:])
        assert b" 204 " in first.recv(4096)
        first.close()
        listed = _listed(server, token, delivery)
    assert [asset["size"] for asset in listed] == [len(CONTENT)]
    assert refused >= 19
    print(f"\n{where}: {refused} second writers refused, {answered} others answered meanwhile")


def _listed(server: Server, token: str, delivery: str) -> list[dict[str, int]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", f"/api/v1/deliveries/{delivery}/assets", headers={"Authorization": f"Bearer {token}"})
    items: list[dict[str, int]] = json.loads(connection.getresponse().read())["items"]
    connection.close()
    return items
