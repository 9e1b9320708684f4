"""Originals that nginx or the S3 store send: the same gate, the same bytes, nothing to be had beside it."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.migrate import migrate
from service.settings import load
from service.wiring import Wiring
from storage.backends.file import FileStore
from tests.actors import StudioActor, new_studio, share_path
from tests.conftest import MovableClock
from tests.faults.server import Server
from tests.originals import Original, canary_png, canary_zip
from tests.s3_server import S3Server, free_ports

ROOT = Path(__file__).parents[3]


class Paid:
    """A released delivery of two originals over some store."""

    def __init__(self, wiring: Wiring, client: TestClient) -> None:
        self.studio: StudioActor = new_studio(wiring, client)
        self.originals: list[Original] = [canary_png("ēna.png"), canary_zip()]
        self.delivery = self.studio.delivery()["id"]
        self.assets = [asset["id"] for asset in self.studio.upload(self.delivery, *self.originals)]
        self.path = share_path(self.studio.link(self.delivery))
        self.payment = self.studio.pay(self.delivery).json()["payment"]["id"]
        self.client = client

    def address(self, asset: str = "") -> str:
        answer = self.client.post(f"{self.path}/downloads" + (f"/{asset}" if asset else ""))
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])


@contextmanager
def served(tmp_path: Path, clock: Any, **settings: str) -> Iterator[tuple[Wiring, TestClient]]:
    wiring = Wiring(load({"TILLPAID_BASE_URL": "http://testserver", **settings}, data_dir=tmp_path / "d"), clock=clock)
    migrate(wiring.db)
    with TestClient(create_app(wiring), raise_server_exceptions=False, follow_redirects=False) as client:
        yield wiring, client
    wiring.close()


def test_the_s3_store_sends_what_may_be_sent(tmp_path: Path, clock: MovableClock, s3_server: S3Server) -> None:
    settings = {"TILLPAID_STORAGE_URL": s3_server.url(), "TILLPAID_DOWNLOADS": "redirect"}
    with served(tmp_path, clock, **settings) as (_wiring, client):
        paid = Paid(_wiring, client)
        answer = client.get(paid.address(paid.assets[0]))
        assert (answer.status_code, answer.headers["cache-control"]) == (303, "private, no-store")
        address = answer.headers["location"]
        assert "X-Amz-Expires=60" in address
        whole = httpx.get(address)
        assert whole.content == paid.originals[0].content
        assert "filename*=UTF-8''%C4%93na.png" in whole.headers["content-disposition"]
        part = httpx.get(address, headers={"Range": "bytes=5-9"})
        assert (part.status_code, part.content) == (206, paid.originals[0].content[5:10])
        zipped = client.get(paid.address())
        assert zipped.status_code == 200, "a ZIP is ours to send"
        gone = paid.address(paid.assets[1])
        reversed_ = paid.studio.api("POST", f"/payments/{paid.payment}/reverse", json={"reason": "bounced"})
        assert reversed_.status_code == 201, reversed_.text
        assert client.get(gone).status_code == 404


def test_through_us_from_s3_by_range_too(tmp_path: Path, clock: MovableClock, s3_server: S3Server) -> None:
    with served(tmp_path, clock, TILLPAID_STORAGE_URL=s3_server.url()) as (wiring, client):
        paid = Paid(wiring, client)
        address, data = paid.address(paid.assets[0]), paid.originals[0].content
        assert client.get(address).content == data
        head = client.head(address)
        assert (head.status_code, head.headers["content-length"]) == (200, str(len(data)))
        part = client.get(address, headers={"Range": "bytes=7-"})
        assert (part.status_code, part.content) == (206, data[7:])


def test_promise_22_a_store_that_is_away_is_503_and_comes_back(tmp_path: Path, clock: MovableClock) -> None:
    with (
        S3Server(tmp_path / "own") as server,
        served(tmp_path, clock, TILLPAID_STORAGE_URL=server.url()) as (wiring, client),
    ):
        paid = Paid(wiring, client)
        address = paid.address(paid.assets[0])
        server.kill()
        other = paid.studio.delivery()["id"]
        files = [("file", ("a.png", b"other bytes", "application/octet-stream"))]
        sent = paid.studio.api("POST", f"/deliveries/{other}/assets", files=files)
        for asked in (client.get(address), sent):
            assert asked.status_code == 503, asked.text
            assert int(asked.headers["retry-after"]) > 0
            assert asked.json()["retryable"] is True
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        server.start()
        until = time.monotonic() + 60
        while (answer := client.get(address)).status_code == 503 and time.monotonic() < until:
            time.sleep(0.5)
        assert answer.content == paid.originals[0].content
        assert client.get("/readyz").status_code == 200
        assert kinds(wiring).count("download.started") == 1, "only the one that was answered"


def kinds(wiring: Wiring) -> list[str]:
    """The kinds of all events."""
    with wiring.db.read() as tx:
        return [row[0] for row in tx.connection().exec_driver_sql("SELECT kind FROM audit_events")]


CONFIG = ROOT / "infra" / "proxy" / "nginx.conf"


@contextmanager
def nginx(folder: Path, upstream: int, vault: Path) -> Iterator[str]:
    """The project's own example, on loopback without TLS."""
    port, config = free_ports(1)[0], folder / "nginx.conf"
    text = CONFIG.read_text()
    for old, new in {
        "listen 443 ssl;": f"listen 127.0.0.1:{port};",
        "listen [::]:443 ssl;": "",
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
        "/var/lib/tillpaid/vault/objects/": f"{vault}/objects/",
    }.items():
        assert old in text, old
        text = text.replace(old, new)
    text = "\n".join(line for line in text.splitlines() if not line.strip().startswith(("ssl_", "http2 ")))
    start, end = text.index("# http to https"), text.index("# end of http to https")
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/t;" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    config.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/log; {user}\nevents {{}}\n"
        f"http {{ access_log off; {temporary}\n{text[:start]}{text[end:]}\n}}\n"
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([program, "-c", str(config)], stderr=subprocess.PIPE)
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            assert process.poll() is None, (folder / "log").read_text()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/healthz")
                connection.getresponse().read()
                break
            except OSError:
                time.sleep(0.1)
            finally:
                connection.close()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate()


def test_nginx_sends_the_file_and_opens_it_for_nobody_else(tmp_path: Path) -> None:
    data = tmp_path / "data"
    wiring = Wiring(load({"TILLPAID_BASE_URL": "http://testserver"}, data_dir=data))
    migrate(wiring.db)
    with TestClient(create_app(wiring), follow_redirects=False) as client:
        paid = Paid(wiring, client)
    assert isinstance(wiring.store, FileStore)
    folder = tmp_path / "nginx"
    folder.mkdir()
    with (
        Server(data, worker=False, environ={"TILLPAID_DOWNLOADS": "x-accel"}) as server,
        nginx(folder, server.port, wiring.store.root) as base,
        httpx.Client(base_url=base, follow_redirects=False) as browser,
    ):
        clicked = browser.post(f"{paid.path}/downloads/{paid.assets[0]}")
        address, content = urlsplit(clicked.headers["location"]).path, paid.originals[0].content
        whole = browser.get(address)
        assert (whole.status_code, whole.content) == (200, content)
        assert "x-accel-redirect" not in whole.headers
        assert "filename*=UTF-8''%C4%93na.png" in whole.headers["content-disposition"]
        assert whole.headers["cache-control"] == "private, no-store"
        assert browser.head(address).headers["content-length"] == str(len(content))
        part = browser.get(address, headers={"Range": "bytes=3-12"})
        assert (part.status_code, part.content) == (206, content[3:13])
        assert kinds(wiring).count("download.started") == 1
        (lying,) = [wiring.store.local_path(s.key) for s in wiring.store.list("originals/") if s.size == len(content)]
        inside = lying.relative_to(wiring.store.root / "objects")
        for path in (f"/_vault/{inside}", f"/_vault/../{inside}", f"/_vault/%2e%2e/{inside}", "/_vault/", "/_vault"):
            assert browser.get(path).status_code == 404, path
        wiring.store.delete(next(s.key for s in wiring.store.list("originals/") if s.size == len(content)))
        assert browser.get(address).status_code >= 400
    wiring.close()


@pytest.mark.parametrize("way", ["one", "zip"])
def test_promise_21_a_flipped_bit_is_never_the_end_of_a_download(tmp_path: Path, way: str) -> None:
    """The real server, a real connection: what comes is shorter than was said, and so known to be no whole file."""
    data = tmp_path / "data"
    wiring = Wiring(load({"TILLPAID_BASE_URL": "http://testserver"}, data_dir=data))
    migrate(wiring.db)
    with TestClient(create_app(wiring), follow_redirects=False) as client:
        paid = Paid(wiring, client)
        address = urlsplit(paid.address(paid.assets[0] if way == "one" else "")).path
    assert isinstance(wiring.store, FileStore)
    (lying,) = [
        wiring.store.local_path(s.key)
        for s in wiring.store.list("originals/")
        if s.size == len(paid.originals[0].content)
    ]
    with Server(data, worker=False) as server, httpx.Client(base_url=server.url) as browser:
        assert browser.get(address).status_code == 200
        flipped = bytearray(lying.read_bytes())
        flipped[len(flipped) // 3] ^= 1
        lying.write_bytes(flipped)
        with pytest.raises(httpx.RemoteProtocolError):
            browser.get(address)
    wiring.close()
