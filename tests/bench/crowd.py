"""People for the load bench, in a process of their own: ``python -m tests.bench.crowd browse|upload JSON``.

Who browses opens a page and the pictures on it over a connection that is kept, as a browser does, then looks at them for
a while. Who uploads sends files at the pace of a line, and comes again when told to. Both leave what they saw as JSON.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.bench.tus_client import Sender

LONGEST = 120.0


@dataclass
class Seen:
    """What all of them saw, and how long it took until the last had their answer. Times in seconds, of answers that were
    200. ``refused``: 503s without Retry-After, or with a body that is not ours; ``wrong``: a 200 whose body is not what it
    should be, and every other status."""

    pages: list[float] = field(default_factory=list)
    pictures: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Visit:
    """A page to open, what must be in it, and its pictures."""

    page: str
    word: str
    pictures: list[str]


class Browser:
    """One person with one connection."""

    def __init__(self, host: str, port: int, seen: Seen, statuses: Counter[str]) -> None:
        self._place = host, port
        self._seen, self._statuses = seen, statuses
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def look(self, visit: Visit) -> float:
        """Opens the page and its pictures; the seconds after which to come again, when told to."""
        again = await self._get(visit.page, visit.word.encode(), self._seen.pages)
        for picture in visit.pictures if not again else ():
            again = again or await self._get(picture, b"", self._seen.pictures)
        return again

    async def _get(self, path: str, word: bytes, times: list[float]) -> float:
        began = time.perf_counter()
        try:
            status, headers, body = await asyncio.wait_for(self._exchange(path), LONGEST)
        except (OSError, EOFError, TimeoutError) as error:
            self._streams = None
            self._statuses[type(error).__name__] += 1
            self._seen.wrong.append(f"{path[:12]}: {type(error).__name__}")
            return 1.0
        self._statuses[str(status)] += 1
        if status == 200 and body and word in body:
            times.append(time.perf_counter() - began)
            return 0.0
        if status == 503 and int(headers.get("retry-after", "0")) > 0:
            return float(headers["retry-after"])
        if status == 503:
            self._seen.refused += 1
        else:
            self._seen.wrong.append(f"{path[:12]}: {status}")
        return 1.0

    async def _exchange(self, path: str) -> tuple[int, dict[str, str], bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._place, limit=1 << 20)
        reader, writer = self._streams
        writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: text/html,image/*\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            writer.close()
            self._streams = None
        return int(head[0].split()[1]), headers, body


async def browse(host: str, port: int, visits: list[Visit], people: int, pause: float, seconds: float) -> Seen:
    """So many people for so long, each with pauses of ``pause`` seconds at the mean between visits."""
    seen, statuses = Seen(), Counter[str]()
    began = time.monotonic()
    until = began + seconds
    chance = random.Random(people)

    async def person(number: int) -> None:
        browser = Browser(host, port, seen, statuses)
        await asyncio.sleep(chance.random() * min(pause, seconds / 2))
        while time.monotonic() < until:
            again = await browser.look(visits[number % len(visits)])
            rest = again or (chance.expovariate(1 / pause) if pause else 0.0)
            await asyncio.sleep(min(rest, max(0.0, until - time.monotonic())))

    await asyncio.gather(*(person(number) for number in range(people)))
    seen.statuses, seen.seconds = dict(statuses), time.monotonic() - began
    return seen


def upload(studios: list[list[Any]], size: int, every: float, seconds: float) -> dict[str, Any]:
    """Each studio sends a file of ``size`` bytes every so many seconds; what is refused with 503 is sent again."""
    sent, again, times, wrong = [0] * len(studios), [0], [], []  # type: ignore[var-annotated]
    until = time.monotonic() + seconds

    def studio(number: int) -> None:
        sender, content = Sender(*studios[number]), os.urandom(size)
        time.sleep(random.random() * every)
        while time.monotonic() < until:
            began = time.perf_counter()
            try:
                sender.content((number << 32 | sent[number]).to_bytes(8, "big") + content[8:])
            except AssertionError as error:
                again[0] += 1
                if b"unavailable" not in (error.args[0] if error.args else b""):
                    wrong.append(repr(error.args)[:200])
                time.sleep(1)
                continue
            except (OSError, http.client.HTTPException) as error:
                wrong.append(type(error).__name__)
                continue
            times.append(time.perf_counter() - began)
            sent[number] += 1
            time.sleep(max(0.0, every - (time.perf_counter() - began)))

    threads = [threading.Thread(target=studio, args=(number,)) for number in range(len(studios))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"sent": sent, "again": again[0], "times": times, "wrong": wrong}


if __name__ == "__main__":
    what, told = sys.argv[1], json.loads(sys.argv[2])
    if what == "upload":
        print(json.dumps(upload(**told)))
    else:
        told["visits"] = [Visit(**visit) for visit in told["visits"]]
        print(json.dumps(asdict(asyncio.run(browse(**told)))))
