"""A line that cannot be trusted: a TCP proxy that cuts, resets and delays connections, and loses answers.

It lives in a thread with a loop of its own, on 127.0.0.1. ``bad`` turns the faults on and off.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections import Counter
from typing import Self

FATES = ("clean", "cut", "cut", "reset", "slow", "deaf")
"""``cut`` closes after some bytes to the server, ``reset`` does so with RST, ``deaf`` loses what the server answers."""
PIECE = 16 * 1024


class BadLine:
    """Forwards to ``target`` on this machine. ``most`` is the most bytes that an unlucky connection carries."""

    def __init__(self, target: int, *, seed: int, most: int = 400_000) -> None:
        self.target, self.most, self.bad = target, most, False
        self.met: Counter[str] = Counter()
        self.carried = 0
        self.port = 0
        self._chance = random.Random(seed)
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._carry, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end or its fate."""
        fate = self._chance.choice(FATES) if self.bad else "clean"
        unlucky = fate in {"cut", "reset", "deaf"}
        room = self._chance.randrange(1, self.most) if unlucky else self.most * 3 if self.bad else None
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:  # the server is dead
            fate = "refused"
            writer.close()
            return
        finally:
            self.met[fate] += 1
        ends = [
            asyncio.create_task(self._pump(reader, back, fate, room)),
            asyncio.create_task(self._pump(there, writer, "swallow" if fate == "deaf" else "clean", None)),
        ]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
            for end in (writer, back):
                _close(end, rudely=fate == "reset")

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, fate: str, room: int | None
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(PIECE):
                if self.bad:  # hotel Wi-Fi
                    await asyncio.sleep(self._chance.random() * (0.1 if fate == "slow" else 0.01))
                if room is not None:
                    data, room = data[:room], room - len(data[:room])
                if fate == "swallow":
                    await asyncio.sleep(0.2)
                    return
                sink.write(data)
                await sink.drain()
                self.carried += len(data)
                if room == 0:
                    return


def _close(end: asyncio.StreamWriter, *, rudely: bool) -> None:
    with contextlib.suppress(OSError):
        if rudely:
            line: socket.socket = end.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.transport.abort() if rudely else end.close()
