"""One child seen from the client: its channel, its leash, its time."""

from __future__ import annotations

import json
import signal
import socket
import time
from types import TracebackType
from typing import Any, Final

from watermark.answers import read_error
from watermark.errors import RenderStopped
from watermark.limits import Limits
from watermark.protocol import Closed, receive_frame, send_frame

TAKEN: Final = b"+"
"""What the parent says on the leash once it has forked: a job put in the socket of a dying parent is nobody's."""
TAKE_SECONDS: Final = 30.0
GRACE_SECONDS: Final = 0.5
"""The child looks at the clock itself, between steps, and can say so in order; the client ends it this much later."""
OBITUARY_SECONDS: Final = 5.0
_BY_MEMORY: Final = frozenset({signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGTRAP, signal.SIGILL})


class ChildProcess:
    """Made by handing a job to the parent over `control`. Raises OSError if the parent is gone.

    The caller holds the sandbox's lock while this is made, and no longer.
    """

    def __init__(self, control: socket.socket, source: int, told: dict[str, Any], limits: Limits) -> None:
        self.limits = limits
        self._waited = 0.0
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._leash, their_leash = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs, their_leash:
            try:
                socket.send_fds(control, [b"job"], [theirs.fileno(), source, their_leash.fileno()])
                their_leash.close()  # so that a parent dying now is seen as the end of the leash
                self._leash.settimeout(TAKE_SECONDS)
                if self._leash.recv(1) != TAKEN:
                    raise ConnectionResetError
            except OSError:
                self.close()
                raise
        self._told: dict[str, Any] | None = told

    def receive(self) -> tuple[dict[str, Any], list[bytes]]:
        """The next answer. Only time spent waiting here counts. Raises RenderStopped."""
        started = time.monotonic()
        left = self.limits.wall_seconds + GRACE_SECONDS - self._waited
        try:
            self._channel.settimeout(max(0.01, left))
            if self._told is not None:
                send_frame(self._channel, self._told)
                self._told = None
            answer = receive_frame(self._channel, self.limits.output_bytes, started + left)
        except TimeoutError as fault:
            self.close()
            raise RenderStopped(code="timed_out") from fault
        except (Closed, OSError) as fault:
            code = self._cause_of_death()
            self.close()
            raise RenderStopped(code=code) from fault
        self._waited += time.monotonic() - started
        return answer

    def close(self) -> None:
        """Drop the leash: the parent kills the child if it still runs. May be called twice."""
        self._channel.close()
        self._leash.close()

    def __enter__(self) -> ChildProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _cause_of_death(self) -> str:
        """An error code from what the parent tells of a child that has closed its channel without an end."""
        try:
            self._leash.settimeout(OBITUARY_SECONDS)
            told = json.loads(self._leash.recv(1024))
            number, peak, cpu = -int(told["exit"]), int(told["peak_kib"]) * 1024, float(told["cpu"])
        except (OSError, ValueError, KeyError):
            return "crashed"  # the parent died too
        if number == signal.SIGSYS:
            return "forbidden"
        if number == signal.SIGXCPU or cpu >= self.limits.cpu_seconds:
            return "timed_out"
        # Not our kill, so the kernel's: it ends whoever holds most when memory runs out.
        if number == signal.SIGKILL or (number in _BY_MEMORY and peak >= self.limits.memory * 9 // 10):
            return "out_of_memory"
        return "crashed"


def next_answer(child: ChildProcess, *kinds: str) -> tuple[dict[str, Any], list[bytes]]:
    """The next answer, which must be of one of these kinds. Raises what the child says it met, RenderStopped."""
    told, blobs = child.receive()
    if told.get("type") == "error":
        raise read_error(told)
    if told.get("type") not in kinds:
        raise RenderStopped(code="bad_answer")
    return told, blobs
