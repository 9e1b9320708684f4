"""A link's previews: the first view of a picture, a kept one, and three hundred asked for at once.

The real server, without a worker, so that nothing is made ahead. Processor time is of the server and of the sandbox's
children together; a picture is asked for by several clients at once, each in connections of its own.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
from starlette.testclient import TestClient

from service.app import create_app
from service.migrate import migrate
from service.settings import load
from service.wiring import Wiring
from tests.actors import new_studio, share_path, work
from tests.bench.report import Report, Row, arguments, spread
from tests.bench.samples import photo
from tests.faults.server import Server
from tests.originals import Original

CLIENTS = 3
CPU_GOAL = 150.0
MIB = 1024 * 1024


def main() -> None:
    quick = arguments(__doc__).quick
    count = 10 if quick else 100
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        links, assets = prepared(data, count)
        with Server(data, worker=False) as server:
            urls = [[f"{server.url}{link}/previews/{asset}/1/" for asset in assets] for link in links]
            fetch(f"{urls[0][0]}480")
            some = urls[0][: max(3, count // 5)]
            first = [timed(server.pid, f"{url}2048") for url in some]
            kept = [timed(server.pid, f"{url}2048") for _ in range(3) for url in some]
            idle = peak_memory(server.pid)
            burst = at_once(server.pid, [f"{url}960" for link in urls[:CLIENTS] for url in link], f"{urls[-1][-1]}960")
            peak = peak_memory(server.pid)
    report(first, kept, burst, (idle, peak), count * CLIENTS, quick=quick)


def prepared(data: Path, count: int) -> tuple[list[str], list[str]]:
    """The paths of links, one more than clients, and the ids of ``count`` photographs."""
    wiring = Wiring(load({"TILLPAID_BASE_URL": "http://testserver"}, data_dir=data))
    migrate(wiring.db)
    with TestClient(create_app(wiring)) as client:
        studio = new_studio(wiring, client)
        delivery = studio.delivery()["id"]
        picture = photo(2300, 1533)
        originals = []
        for number in range(count):
            picture[0, number] = 255 - picture[0, number]
            content = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
            originals.append(Original(f"{number}.jpg", content, ()))
        assets = [asset["id"] for asset in studio.upload(delivery, *originals)]
        work(wiring)
        links = [share_path(studio.link(delivery, f"Client {n}")) for n in range(CLIENTS + 1)]
    wiring.close()
    return links, assets


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=600) as answer:
        assert answer.headers["Content-Type"] == "image/jpeg", answer.headers
        return bytes(answer.read())


def timed(pid: int, url: str) -> tuple[float, float]:
    """(milliseconds, processor milliseconds) of one request."""
    before, began = processor_ms(pid), time.perf_counter()
    fetch(url)
    wall = (time.perf_counter() - began) * 1000
    time.sleep(0.02)  # until the child is reaped and counted
    return wall, processor_ms(pid) - before


def at_once(pid: int, urls: list[str], late: str) -> tuple[float, float, float, float]:
    """Seconds for all; seconds that one picture of another client took meanwhile; peak of the children together in MiB;
    processor milliseconds a picture."""
    stop, most, waited = threading.Event(), [0.0], [0.0]

    def watch() -> None:
        while not stop.wait(0.05):
            most[0] = max(most[0], sum(map(private_memory, descendants(pid))))

    def newcomer() -> None:
        time.sleep(0.5)
        began = time.perf_counter()
        fetch(late)
        waited[0] = time.perf_counter() - began

    others = [threading.Thread(target=watch), threading.Thread(target=newcomer)]
    for thread in others:
        thread.start()
    before, began = processor_ms(pid), time.perf_counter()
    with ThreadPoolExecutor(len(urls)) as pool:
        list(pool.map(fetch, urls))
    seconds = time.perf_counter() - began
    others[1].join()
    stop.set()
    others[0].join()
    return seconds, waited[0], most[0], (processor_ms(pid) - before) / (len(urls) + 1)


def descendants(pid: int) -> list[int]:
    found, queue = [], [pid]
    while queue:
        try:
            children = [
                int(p)
                for t in Path(f"/proc/{queue.pop()}/task").iterdir()
                for p in (t / "children").read_text().split()
            ]
        except OSError:
            continue
        found += children
        queue += children
    return found


def processor_ms(pid: int) -> float:
    """User and system time of the process, of what it started, and of the children that have ended there."""
    total = 0
    for each in [pid, *descendants(pid)]:
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:13])) + (sum(map(int, fields[13:15])) if each != pid else 0)
    return total * 1000 / os.sysconf("SC_CLK_TCK")


def private_memory(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private")) / 1024


def peak_memory(pid: int) -> float:
    """MiB, of the server's own process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def report(
    first: list[tuple[float, float]],
    kept: list[tuple[float, float]],
    burst: tuple[float, float, float, float],
    peaks: tuple[float, float],
    asked: int,
    *,
    quick: bool,
) -> None:
    seconds, late, children, each = burst
    made = Report(
        "preview",
        f"A link's previews: first view, kept, and {asked} at once",
        f"`tillpaid serve` without a worker, over loopback; {len(first)} pictures of 2048 px first seen, then three "
        f"times more; {asked} pictures of 960 px by {CLIENTS} clients in as many connections; medians (range)",
        quick,
        raw={"first_cpu_ms": [cpu for _wall, cpu in first], "kept_cpu_ms": [cpu for _wall, cpu in kept]},
    )
    for what, found, goal in (("first view", first, CPU_GOAL), ("kept", kept, None)):
        walls, cpus = zip(*found, strict=True)
        middle = statistics.median(cpus)
        told = spread(cpus, " ms", 0)
        made.rows.append(
            Row(f"2048 px, {what}: CPU, ms", told, f"wall {spread(walls, digits=0)}", middle, goal, "less")
        )
    made.rows.append(
        Row(f"{asked} at once: seconds", f"{seconds:.1f}", f"CPU {each:.0f} ms each", seconds, None, "less")
    )
    made.rows.append(Row("another client's one picture meanwhile: s", f"{late:.2f}", "", late, None, "less"))
    made.rows.append(
        Row("server's peak memory, MiB", f"{peaks[1]:.0f}", f"before {peaks[0]:.0f}", peaks[1], None, "less")
    )
    made.rows.append(Row("children's peak private memory, MiB", f"{children:.0f}", "", children, None, "less"))
    made.save()


if __name__ == "__main__":
    main()
