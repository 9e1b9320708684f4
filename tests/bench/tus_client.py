"""A tus client that costs little: what is measured is the server. ``python -m tests.bench.tus_client`` sends a file in
pieces, or many made-up ones, three at once."""

from __future__ import annotations

import base64
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MIB = 1024 * 1024
PIECE = 32 * MIB
AT_ONCE = 3
BYTES = "application/offset+octet-stream"


class Sender:
    """A tus client for one delivery; ``path`` is where uploads begin, on another server too."""

    def __init__(self, port: int, token: str, delivery: str, path: str = "/api/v1/uploads") -> None:
        self._port, self._token, self._delivery, self._path = port, token, delivery, path

    def told(self) -> list[object]:
        return [self._port, self._token, self._delivery]

    def by_curl(self, file: Path) -> None:
        """The whole file in one PATCH."""
        place = self._begin(file.stat().st_size)
        headers = [f"Authorization: Bearer {self._token}", "Tus-Resumable: 1.0.0", "Upload-Offset: 0"]
        named = [part for header in [*headers, f"Content-Type: {BYTES}", "Expect:"] for part in ("-H", header)]
        command = ["curl", "-sf", "-X", "PATCH", "-T", str(file), *named, f"http://127.0.0.1:{self._port}{place}"]
        subprocess.run(command, check=True)

    def by_pieces(self, file: Path) -> None:
        """32 MiB at a time, over one connection."""
        place, size = self._begin(file.stat().st_size), file.stat().st_size
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=600, blocksize=256 * 1024)
        with file.open("rb") as content:
            for offset in range(0, size, PIECE):
                self._patch(connection, place, offset, content.read(PIECE))
        connection.close()

    def content(self, data: bytes) -> None:
        """A file from memory, in one PATCH."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=600, blocksize=256 * 1024)
        self._patch(connection, self._begin(len(data)), 0, data)
        connection.close()

    def generated(self, mib: int) -> None:
        """So many MiB that never were a file: zeros, with a number now and then."""

        def pieces() -> Iterator[bytes]:
            empty = bytes(MIB)
            for number in range(mib):
                yield number.to_bytes(8, "big") + empty[8:] if number % 64 == 0 else empty

        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=600)
        self._patch(connection, self._begin(mib * MIB), 0, pieces(), mib * MIB)
        connection.close()

    def _begin(self, size: int) -> str:
        given = f"delivery {base64.b64encode(self._delivery.encode()).decode()},filename YQ=="
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"Upload-Length": str(size), "Upload-Metadata": given, "Tus-Resumable": "1.0.0"}
        connection.request("POST", self._path, headers={"Authorization": f"Bearer {self._token}", **headers})
        answer = connection.getresponse()
        assert answer.status == 201, answer.read()
        answer.read()
        connection.close()
        return str(answer.headers["location"])

    def _patch(
        self,
        connection: http.client.HTTPConnection,
        place: str,
        offset: int,
        body: bytes | Iterator[bytes],
        length: int | None = None,
    ) -> None:
        size = len(body) if isinstance(body, bytes) else length
        headers = {"Upload-Offset": str(offset), "Content-Type": BYTES, "Content-Length": str(size)}
        headers |= {"Authorization": f"Bearer {self._token}", "Tus-Resumable": "1.0.0"}
        connection.request("PATCH", place, body, headers)
        answer = connection.getresponse()
        assert answer.status == 204, answer.read()
        answer.read()


def send_many(sender: Sender, count: int, size: int) -> None:
    """Every file with content of its own, three at a time, as the browser does."""
    content = os.urandom(size)

    def one(number: int) -> None:
        sender.content(number.to_bytes(8, "big") + content[8:])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, range(count)))


if __name__ == "__main__":
    told, *what = sys.argv[1:]
    if len(what) == 1:
        Sender(*json.loads(told)).by_pieces(Path(what[0]))
    else:
        send_many(Sender(*json.loads(told)), int(what[0]), int(what[1]))
