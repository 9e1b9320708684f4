"""Lighthouse 12.8.2 over the client's page and the studio's page of a delivery with 300 pictures (`make lighthouse`): mobile,
the median of three.

A link's previews are made on first request and kept; the page is asked for once before it is measured, as it is when the
studio has looked at it first. Prints the figures and fails when one falls short.
"""

from __future__ import annotations

import io
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.journeys.sample_studio import ask, fetch, share_path
from tests.journeys.server import Server

HERE = Path(__file__).parent
EMAIL = "lighthouse@studio.example"
PICTURES, AT_ONCE, RUNS = 300, 25, 3
WANTED = {"performance": 95, "accessibility": 100, "best-practices": 100}
FIGURES = ("largest-contentful-paint", "cumulative-layout-shift", "total-blocking-time")
FLAGS = "--headless=new --no-sandbox --disable-gpu"


def picture(number: int) -> bytes:
    """A small photograph-like JPEG, another one for each number; every fourth is upright."""
    chance = np.random.default_rng(number)
    size = (900, 600) if number % 4 else (600, 900)
    coarse = Image.fromarray(chance.integers(0, 255, (6, 9, 3), np.uint8))
    kept = io.BytesIO()
    coarse.resize(size, Image.Resampling.BICUBIC).save(kept, "JPEG", quality=85)
    return kept.getvalue()


def upload(server: Server, token: str, delivery: str, numbers: range) -> None:
    """One multipart request (RFC 7578)."""
    edge = "lighthouse-edge"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{n}.jpg"\r\n\r\n'.encode()
        + picture(n)
        + b"\r\n"
        for n in numbers
    ]
    body = b"".join(parts) + f"--{edge}--\r\n".encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": f"multipart/form-data; boundary={edge}"}
    address = f"{server.url}/api/v1/deliveries/{delivery}/assets"
    with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=120) as answer:
        assert answer.status == 201


def prepared(server: Server) -> tuple[str, str]:
    """The addresses of the client's page and the studio's page of a delivery whose previews are made."""
    token = server.command("token", "create", EMAIL)
    client = {"name": "Anna Bērziņa", "email": "anna@client.example"}
    new = {"title": "Three hundred pictures", "client": client, "amount": "450.00", "currency": "EUR"}
    delivery = str(ask(server, token, "/deliveries", new)["id"])
    for first in range(0, PICTURES, AT_ONCE):
        upload(server, token, delivery, range(first, first + AT_ONCE))
    path = share_path(ask(server, token, f"/deliveries/{delivery}/links", {"name": "Anna"}))
    until = time.monotonic() + 900
    while time.monotonic() < until:
        _headers, body = fetch(server.url + path, Accept="application/json")
        assets = json.loads(body)["assets"]
        if len(assets) == PICTURES and all(asset["kind"] == "picture" for asset in assets):
            break
        time.sleep(2)
    else:
        raise SystemExit("the previews were not made in time")
    for asset in assets[:60]:
        for size in ("480", "960"):
            fetch(server.url + asset["pages"][0]["renditions"][size])
    return server.url + path, f"{server.url}/deliveries/{delivery}"


def signed_in(server: Server) -> str:
    """The cookies of a browser in which the studio is signed in, as one header."""
    link, jar = server.sign_in_link(EMAIL), CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    found = re.search(r'name="csrf" value="([^"]+)"', browser.open(link, timeout=60).read().decode())
    assert found
    browser.open(link, urllib.parse.urlencode({"csrf": found.group(1)}).encode(), timeout=60).close()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def measure(address: str, cookies: str) -> dict[str, Any]:
    """One run of Lighthouse; its report."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            str(HERE / "node_modules" / ".bin" / "lighthouse"), address, "--quiet", "--output=json",
            f"--output-path={report}", f"--only-categories={','.join(WANTED)}", f"--chrome-flags={FLAGS}",
            *([f"--extra-headers={json.dumps({'Cookie': cookies})}"] if cookies else []),
        ]  # fmt: skip
        chromium = os.environ.get("TILLPAID_CHROMIUM", "/usr/bin/chromium")
        subprocess.run(command, check=True, timeout=300, env={**os.environ, "CHROME_PATH": chromium})
        return dict(json.loads(report.read_text()))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data").start()
        try:
            client, studio = prepared(server)
            pages = {"client": (client, ""), "studio": (studio, signed_in(server))}
            reports = {name: [measure(*page) for _run in range(RUNS)] for name, page in pages.items()}
        finally:
            server.stop()
    short = [name for name, runs in reports.items() if falls_short(f"{name}'s page", runs)]
    sys.exit(1 if short else 0)


def falls_short(page: str, reports: list[dict[str, Any]]) -> bool:
    """Prints the figures; whether one is below what is wanted."""
    print(page)
    short = False
    for name, wanted in WANTED.items():
        got = statistics.median(100 * report["categories"][name]["score"] for report in reports)
        short = short or got < wanted
        print(f"  {name}: {got:.0f} (wanted {wanted})")
    for name in FIGURES:
        print(f"  {name}: {statistics.median(report['audits'][name]['numericValue'] for report in reports):.3f}")
    for name, audit in reports[0]["audits"].items():
        if audit.get("score") == 0 and audit.get("scoreDisplayMode") == "binary":
            print(f"    failed: {name}: {audit['title']}")
    return short


if __name__ == "__main__":
    main()
