"""Downloading a large original through the real server, against nginx with sendfile on the same file.

One client (curl to /dev/null) over loopback, the two in turn, so that whatever else the machine does hits both.
The file is in the page cache for both; the server does all it does for a real client: token, grant, count, audit.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from service.accounts.create_studio import create_studio
from service.accounts.who import Who
from service.db import Tx
from service.deliveries.add_asset import StoredBytes, add_asset, original_key
from service.deliveries.create import NewDelivery, create_delivery
from service.kit.money import Money
from service.migrate import migrate
from service.releases.issue_grant import issue_grant
from service.releases.release import release
from service.settings import load
from service.shares.issue_link import issue_link
from service.wiring import Wiring
from storage.backends.file import FileStore
from tests.bench.report import OUT, Report, Row, arguments, spread
from tests.faults.server import Server, free_port

MIB = 1024 * 1024
GOAL = 0.7


def main() -> None:
    quick = arguments(__doc__).quick
    size, pairs = (256, 3) if quick else (1024, 9)
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=OUT) as folder:
        data = Path(folder, "data")
        path, [key] = released(data, size)
        original = FileStore(data / "vault").local_path(key)
        with Server(data, worker=False) as server, nginx(Path(folder), original.parent) as theirs:
            addresses = {"ours": f"{server.url}{path}", "theirs": f"{theirs}/{original.name}"}
            for address in addresses.values():
                fetch(address, size)
            speeds: dict[str, list[float]] = {"ours": [], "theirs": []}
            for turn in range(pairs):
                for who in ("ours", "theirs") if turn % 2 else ("theirs", "ours"):
                    speeds[who].append(fetch(addresses[who], size))
            peak = server.peak_memory() / MIB
    ratio = statistics.median(speeds["ours"]) / statistics.median(speeds["theirs"])
    report = Report(
        "download",
        f"Download of a {size} MiB original, against nginx with sendfile",
        f"curl over loopback, {pairs} interleaved pairs after one warm-up each, same file in the page cache; "
        "medians in MiB/s (range)",
        quick,
        raw=speeds,
    )
    ours, theirs_text = spread(speeds["ours"], digits=0), spread(speeds["theirs"], digits=0)
    report.rows.append(Row("download, MiB/s, ours / nginx", ours, theirs_text, ratio, GOAL))
    report.remarks.append(f"peak resident memory of the server: {peak:.0f} MiB")
    report.save()


def released(
    data: Path, mib: int, *, count: int = 1, environ: Mapping[str, str] | None = None
) -> tuple[str, list[str]]:
    """A released delivery with ``count`` originals of ``mib`` random MiB each; the download address of the one, or of the
    ZIP of them all, and their keys."""
    wiring = Wiring(load(environ or {}, data_dir=data))
    try:
        migrate(wiring.db)
        with wiring.db.write() as tx:
            who = create_studio(tx, wiring, email="bench@example.com")
            who.studio.download_count = 100_000
        stored = [_stored(wiring, who, mib) for _ in range(count)]
        with wiring.db.write() as tx:
            token = _token(tx, wiring, who, stored)
        return f"/d/{token}", [each.key for each in stored]
    finally:
        wiring.close()


def _stored(wiring: Wiring, who: Who, mib: int) -> StoredBytes:
    crc32 = 0
    with wiring.store.begin() as writer:
        for _ in range(mib):
            piece = os.urandom(MIB)
            crc32 = zlib.crc32(piece, crc32)
            writer.write(piece)
        digest = writer.so_far.sha256
        writer.commit(original_key(who.studio.id, digest))
    return StoredBytes(digest, mib * MIB, crc32, original_key(who.studio.id, digest))


def _token(tx: Tx, wiring: Wiring, who: Who, stored: list[StoredBytes]) -> str:
    new = NewDelivery(title="Bench", client_name="C", client_email="", amount=Money(100, "EUR"), locale="en")
    delivery = create_delivery(tx, wiring, who, new)
    assets = [
        add_asset(
            tx, wiring, studio_id=who.studio.id, delivery_id=delivery.id, stored=one, filename="a.bin", actor=who.actor
        )
        for one in stored
    ]
    link = issue_link(tx, wiring, delivery=delivery, name="C", actor=who.actor)
    release(tx, wiring, delivery, reason="waived", note="bench", actor=who.actor)
    asset_id = assets[0].id if len(assets) == 1 else ""
    return issue_grant(tx, wiring, delivery=delivery, studio=who.studio, link=link, asset_id=asset_id)


NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1; user root;
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; tcp_nopush on; default_type application/octet-stream;
  client_body_temp_path {folder}/t; proxy_temp_path {folder}/t; fastcgi_temp_path {folder}/t;
  uwsgi_temp_path {folder}/t; scgi_temp_path {folder}/t;
  {server}
}}
"""
FILES = "server {{ listen 127.0.0.1:{port}; root {root}; }}"
PASSED_ON = """
  upstream store {{ server {store}; keepalive 4; }}
  server {{ listen 127.0.0.1:{port}; location / {{
    proxy_pass http://store; proxy_set_header Host {store}; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_buffer_size 64k; proxy_buffers 32 256k; proxy_busy_buffers_size 4m; proxy_max_temp_file_size 0;
  }} }}"""


@contextmanager
def nginx(folder: Path, root: Path) -> Iterator[str]:
    """nginx over ``root`` with its own documentation's settings for sending files; installed when it is missing."""
    with _running(folder, FILES, root=root) as address:
        yield address


@contextmanager
def nginx_before(folder: Path, store: str) -> Iterator[str]:
    """nginx passing on what the server at ``store`` (host and port) sends, with room enough that it never waits for its client."""
    with _running(folder, PASSED_ON, store=store) as address:
        yield address


@contextmanager
def _running(folder: Path, server: str, **values: object) -> Iterator[str]:
    if not shutil.which("nginx"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "nginx-light"], check=True, stdout=subprocess.DEVNULL)
    port, config = free_port(), folder / "nginx.conf"
    text = NGINX.format(folder=folder, server=server.format(port=port, **values))
    config.write_text(text if os.geteuid() == 0 else text.replace("user root;", ""))
    folder.chmod(0o711)
    process = subprocess.Popen(["nginx", "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        assert process.poll() is None, (folder / "nginx.log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def fetch(address: str, mib: int | None) -> float:
    """Downloads once; MiB a second. Checks that all of it came, where ``mib`` says how much that is; curl itself sees when
    less came than was announced."""
    wanted = "%{http_code} %{size_download} %{time_total}"
    done = subprocess.run(
        ["curl", "-s", "-o", "/dev/null", "-w", wanted, address], check=True, capture_output=True, text=True
    )
    code, got, seconds = done.stdout.split()
    assert code == "200", done.stdout
    assert mib is None or int(got) == mib * MIB, done.stdout
    return int(got) / MIB / float(seconds)


if __name__ == "__main__":
    main()
