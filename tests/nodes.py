"""Several machines, as far as one can have them: processes with loopback addresses of their own, one database, one store."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
STARTS_WITHIN = 120.0
KEYS = "the-nodes-of-one-installation-share-0123456789"


class Node:
    """A ``tillpaid serve --no-worker`` or ``tillpaid worker`` with its own data directory and address."""

    def __init__(self, folder: Path, address: str, environ: dict[str, str]) -> None:
        self.folder, self.address = folder, address
        folder.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TILLPAID_")}
        self.environ = {**kept, "TILLPAID_SECRET_KEYS": KEYS, "TILLPAID_DATA_DIR": str(folder), **environ}
        self.log = folder / "log"
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def serve(self) -> None:
        """Starts the web part; :meth:`wait` waits for it."""
        with socket.socket() as probe:
            probe.bind((self.address, 0))
            self.port = int(probe.getsockname()[1])
        self._run("serve", "--no-worker", "--host", self.address, "--port", str(self.port))

    def work(self) -> None:
        self._run("worker")

    def _run(self, *arguments: str) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "service", *arguments], cwd=ROOT, env=self.environ, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def wait(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN
        while True:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            try:
                socket.create_connection((self.address, self.port), 1).close()
            except OSError:
                assert time.monotonic() < deadline, self.log.read_text()[-3000:]
                time.sleep(0.05)
            else:
                return

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (names in lower case) and body of one request. A dict is sent as JSON."""
        sent = json.dumps(body).encode() if isinstance(body, dict) else body
        if isinstance(body, dict):
            headers = {"Content-Type": "application/json", **headers}
        connection = http.client.HTTPConnection(self.address, self.port, timeout=120)
        try:
            connection.request(method, path, sent, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def kill(self) -> None:
        """SIGKILL."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(60)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.kill()
