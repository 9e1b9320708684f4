"""A film of 2 GB beside photographs: what its upload and its previews take from the jobs of others.

`tillpaid serve` with its workers, over loopback. Photographs of 24 megapixels are sent one after the other, first alone, then while the film is
sent in pieces of 32 MiB by a process of its own, then while its pictures and its clip are made. A photograph's time is from its upload to its
previews being ready. The film is noise, encoded once and repeated until it is long enough; its disk space is three times its size.
"""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.photographs_bench import GIB, Memory, numbered
from tests.bench.report import OUT, Report, Row, arguments, spread
from tests.bench.samples import photo_jpeg
from tests.bench.tus_client import Sender
from tests.bench.upload_bench import studio
from tests.faults.server import Server

SLOWER, MOST_GIB = 2.0, 1.0
PHOTOGRAPHS, LARGE = 20, 50_000_000
NOISE = "-f lavfi -i testsrc2=size=1920x1080:rate=25,noise=alls=90:allf=t -f lavfi -i sine=440 -t 5"
CODECS = "-c:v libx264 -preset ultrafast -b:v 100M -maxrate 120M -bufsize 120M -pix_fmt yuv420p -c:a aac"


def main() -> None:
    quick = arguments(__doc__).quick
    OUT.mkdir(parents=True, exist_ok=True)
    photograph = photo_jpeg(OUT).read_bytes()
    with tempfile.TemporaryDirectory(dir=OUT) as folder:
        film = large_film(Path(folder), 100 if quick else 2000)
        delivery, token = studio(Path(folder, "data"))
        with Server(Path(folder, "data")) as server, Memory(server) as memory:
            beside = Beside(server, token, delivery, photograph)
            beside.photographs(3)  # warms up
            alone = beside.photographs(5 if quick else PHOTOGRAPHS)
            sending, upload_seconds = beside.while_it_is_sent(film)
            making, film_seconds = beside.while_it_is_made()
        size = film.stat().st_size
    report(size, {"alone": alone, "sent": sending, "made": making}, (upload_seconds, film_seconds), memory, quick=quick)


def large_film(folder: Path, mib: int) -> Path:
    """Five seconds of noise, repeated without being encoded again."""
    short, whole = folder / "short.mp4", folder / "film.mp4"
    _ffmpeg(*NOISE.split(), *CODECS.split(), str(short))
    times = mib * 1024 * 1024 // short.stat().st_size
    _ffmpeg("-stream_loop", str(times), "-i", str(short), "-c", "copy", str(whole))
    return whole


def _ffmpeg(*options: str) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *options], check=True, timeout=600)


class Beside:
    """Photographs sent one by one to a server that may have more to do."""

    def __init__(self, server: Server, token: str, delivery: str, photograph: bytes, large: int = LARGE) -> None:
        self._server, self._token, self._delivery = server, token, delivery
        self._sender = Sender(server.port, token, delivery)
        self._photograph, self._sent, self._large = photograph, 0, large

    def photographs(self, count: int) -> list[float]:
        return [self.one() for _ in range(count)]

    def one(self) -> float:
        """Seconds from the first byte of a photograph to its previews."""
        self._sent += 1
        began = time.perf_counter()
        self._sender.content(numbered(self._photograph, self._sent))
        while self._states("picture").count("ready") < self._sent:
            time.sleep(0.02)
            assert time.perf_counter() - began < 300, self._server.tail()
        return time.perf_counter() - began

    def while_it_is_sent(self, film: Path) -> tuple[list[float], float]:
        told = [*self._sender.told()]
        began = time.perf_counter()
        sender = subprocess.Popen([sys.executable, "-m", "tests.bench.tus_client", json.dumps(told), str(film)])
        found: list[float] = []
        while sender.poll() is None:
            found.append(self.one())
        assert sender.returncode == 0
        return found, time.perf_counter() - began

    def while_it_is_made(self) -> tuple[list[float], float]:
        began = time.perf_counter()
        found = [self.one()]
        while not (states := self._states("film")) or states[0] != "ready":
            assert "failed" not in states and "card" not in states, states
            found.append(self.one())
        return found, time.perf_counter() - began

    def _states(self, kind: str) -> list[str]:
        """Of the photographs, or of the film, which is what is larger than `large` bytes."""
        found: list[str] = []
        after: str | None = ""
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=60)
        while after is not None:
            path = f"/api/v1/deliveries/{self._delivery}/assets?limit=100" + (f"&after={after}" if after else "")
            connection.request("GET", path, headers={"Authorization": f"Bearer {self._token}"})
            answer = json.loads(connection.getresponse().read())
            found += [one["state"] for one in answer["items"] if (one["size"] > self._large) == (kind == "film")]
            after = answer["next"]
        connection.close()
        return found


def report(size: int, times: dict[str, list[float]], took: tuple[float, float], memory: Memory, *, quick: bool) -> None:
    made = Report(
        "film",
        f"A film of {size / 1e9:.1f} GB beside photographs of 24 megapixels",
        "`tillpaid serve` with its workers; a photograph's time from its upload to its previews, one after the other, alone and "
        "while the film is sent and its previews are made; memory is the whole tree's",
        quick,
        raw={**times, "memory": memory.bytes[:: max(1, len(memory.bytes) // 200)]},
    )
    alone = statistics.median(times["alone"])
    for what, name in (("while the film is sent", "sent"), ("while its previews are made", "made")):
        middle = statistics.median(times[name])
        cells = spread(times[name], " s"), spread(times["alone"], " s")
        made.rows.append(Row(f"a photograph {what} / alone", *cells, middle / alone, SLOWER, "less"))
    peak = max(memory.bytes) / GIB
    made.rows.append(Row("memory of the whole tree at its peak, GiB", f"{peak:.2f}", "", peak, MOST_GIB, "less"))
    made.remarks.append(f"the film was sent in {took[0]:.0f} s; its pictures and clip were there {took[1]:.0f} s later")
    made.save()


if __name__ == "__main__":
    main()
