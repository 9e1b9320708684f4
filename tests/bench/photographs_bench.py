"""A wedding's previews: 300 photographs of 24 megapixels made into marked previews by `tillpaid serve`, and what it takes.

All are uploaded first, to a server without workers; then one with workers starts, and the clock runs until the last is
ready. Memory is the whole tree's, each shared page counted once (PSS), looked at ten times a second. The bare job is
libjpeg-turbo's scaled decode and one encode at 2048 pixels, by as many processes as there are workers.
"""

from __future__ import annotations

import http.client
import json
import os
import struct
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path

import cv2
import simplejpeg

from tests.bench.report import OUT, Report, Row, arguments, spread
from tests.bench.samples import photo_jpeg
from tests.bench.tus_client import Sender
from tests.bench.upload_bench import studio
from tests.faults.server import Server
from watermark.steps.resize import scale_to

GIB = 1024**3
EVERY = 0.1


def main() -> None:
    quick = arguments(__doc__).quick
    count, workers = 12 if quick else 300, os.cpu_count() or 1
    OUT.mkdir(parents=True, exist_ok=True)
    photograph = photo_jpeg(OUT).read_bytes()
    with tempfile.TemporaryDirectory(dir=OUT) as folder:
        delivery, token = studio(Path(folder, "data"))
        with Server(Path(folder, "data"), worker=False) as server:
            sender = Sender(server.port, token, delivery)
            for number in range(count):
                sender.content(numbered(photograph, number))
        os.sync()
        with Server(Path(folder, "data")) as server, Memory(server) as memory:
            ours = until_ready(server, token, delivery, count)
    bare = bare_seconds(photograph, count, workers)
    report(count, workers, ours, bare, memory, quick=quick)


def numbered(jpeg: bytes, number: int) -> bytes:
    """The same picture as another file: with a comment, which no preview carries."""
    words = f"photograph {number}".encode()
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(words) + 2) + words + jpeg[2:]


def until_ready(server: Server, token: str, delivery: str, count: int) -> float:
    """Seconds until every asset is ready."""
    began = time.perf_counter()
    while (ready := states(server, token, delivery).count("ready")) < count:
        time.sleep(0.25)
        assert time.perf_counter() - began < 60 * count, f"{ready} of {count} are ready:\n{server.tail()}"
    return time.perf_counter() - began


def states(server: Server, token: str, delivery: str) -> list[str]:
    found: list[str] = []
    after: str | None = ""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    while after is not None:
        path = f"/api/v1/deliveries/{delivery}/assets?limit=100" + (f"&after={after}" if after else "")
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = json.loads(connection.getresponse().read())
        found += [asset["state"] for asset in answer["items"]]
        after = answer["next"]
    connection.close()
    return found


class Memory:
    """Looks at the memory of a server and all that it started, until the block ends."""

    def __init__(self, server: Server) -> None:
        self._server, self._end = server, threading.Event()
        self.bytes: list[float] = []

    def _look(self) -> None:
        while not self._end.wait(EVERY):
            processes = [self._server.pid, *self._server.descendants()]
            self.bytes.append(float(sum(proportional(pid) for pid in processes)))

    def __enter__(self) -> Memory:
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


def proportional(pid: int) -> int:
    """A process's resident bytes, each page shared out among those that hold it; 0 when it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def bare(jpeg: bytes, count: int) -> None:
    cv2.setNumThreads(1)
    for _ in range(count):
        pixels = simplejpeg.decode_jpeg(jpeg, "RGB", min_width=2048, min_height=1365)
        simplejpeg.encode_jpeg(scale_to(pixels, 2048, 1365), 80, "RGB", "420")


def bare_seconds(jpeg: bytes, count: int, workers: int) -> float:
    """Seconds for the bare job of all of them, shared out among so many processes."""
    job: Callable[..., None] = bare
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(job, [jpeg] * workers, [1] * workers))  # imports are no part of it
        began = time.perf_counter()
        list(pool.map(job, [jpeg] * workers, [count // workers] * workers))
        return (time.perf_counter() - began) * count / (count // workers * workers)


def report(count: int, workers: int, ours: float, bare: float, memory: Memory, *, quick: bool) -> None:
    made = Report(
        "photographs",
        f"{count} photographs of 24 megapixels made into previews",
        f"`tillpaid serve` with {workers} workers, from its start to the last one ready; against the bare scaled decode "
        f"and one encode of each, without a mark, by {workers} processes; memory is the whole tree's",
        quick,
        raw={"memory": memory.bytes[:: max(1, len(memory.bytes) // 200)]},
    )
    made.rows.append(Row("seconds, ours / bare", f"{ours:.1f}", f"{bare:.1f}", ours / bare))
    made.rows.append(Row("photographs a second", f"{count / ours:.1f}", f"{count / bare:.1f}", count / ours))
    peak = max(memory.bytes) / GIB
    made.rows.append(Row("memory of the whole tree at its peak, GiB", f"{peak:.2f}", "", peak, 1.0, "less"))
    made.remarks.append(f"memory over time, MiB: {spread([each / 2**20 for each in memory.bytes], digits=0)}")
    made.save()


if __name__ == "__main__":
    main()
