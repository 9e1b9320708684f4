"""The real server, as `tillpaid serve` starts it, on a free port over a data directory of its own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

START_SECONDS = 120
STOP_SECONDS = 60


class Server:
    """A server process. ``first_link`` is the sign-in link that it printed."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._said = data.with_name(f"{data.name}.out")
        self._log = data.with_name(f"{data.name}.log")
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{_free_port()}"
        self.first_link = ""

    def start(self) -> Server:
        """Starts it and waits until it answers; reads the link from its output as a person would."""
        port = self.url.rsplit(":", 1)[1]
        command = [sys.executable, "-m", "service", "serve", "--port", port, "--data-dir", str(self._data)]
        with self._said.open("wb") as said, self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=said, stderr=log, env=_environment())
        self._wait_until_it_answers()
        found = re.search(r"http://\S+/sign-in/\S+", self._said.read_text())
        assert found, self._said.read_text() + self._log.read_text()
        self.first_link = found.group()
        return self

    def stop(self) -> None:
        """Ends it, and fails if it had trouble that no page showed."""
        assert self._process
        self._process.terminate()
        self._process.wait(STOP_SECONDS)
        log = self._log.read_text()
        assert "Traceback" not in log, log[-4000:]
        assert not re.search(r"status=5\d\d", log), log[-4000:]

    def command(self, *words: str) -> str:
        """What ``tillpaid`` prints for these words over the same data directory."""
        command = [sys.executable, "-m", "service", "--data-dir", str(self._data), *words]
        done = subprocess.run(command, capture_output=True, text=True, env=_environment(), timeout=240, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def sign_in_link(self, email: str) -> str:
        """A fresh one-time link for this member, on this server's address."""
        return f"{self.url}/sign-in/" + self.command("sign-in-link", email).rsplit("/sign-in/", 1)[1]

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert self._process and self._process.poll() is None, self._log.read_text()
            try:
                with urllib.request.urlopen(f"{self.url}/sign-in", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"not up after {START_SECONDS} s: {self._log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment() -> dict[str, str]:
    """Ours, without any setting of the machine that runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TILLPAID_")}
    return {**kept, "PYTHONUNBUFFERED": "1"}
