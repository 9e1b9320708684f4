"""The parent of the children that decode: everything preloaded, one thread, one fork a file.

Started by `watermark.sandbox` as `python -m watermark.zygote CONTROL MARKER`. CONTROL is the number of an inherited
SOCK_SEQPACKET socket; each message on it carries three descriptors: the channel (job in, answers out), the source file,
and the leash. The leash says when a child is over (its wait status and peak memory, in JSON) and, closed from the other
side, ends that child. When CONTROL closes, because the service is gone, however it went, all children end and so does this.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import warnings
from typing import NoReturn

import cv2
import numpy.fft
import numpy.linalg
import numpy.ma
import numpy.polynomial
import numpy.random  # noqa: F401 - numpy loads these when first used, and a confined child can load nothing

from watermark.child import serve_one
from watermark.child_process import TAKEN
from watermark.rendering import renderers
from watermark.steps.mark import Marker
from watermark.warm_up import warm_up


class Zygote:
    """The loop: fork on a message, reap on SIGCHLD, kill on a dropped leash."""

    def __init__(self, control: socket.socket, marker: Marker) -> None:
        self._control, self._marker = control, marker
        self._leashes: dict[int, socket.socket] = {}
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the service's to handle; it closes CONTROL

    def run(self) -> None:
        """Serve until CONTROL closes."""
        while True:
            poll = select.poll()
            poll.register(self._control, select.POLLIN)
            poll.register(self._wake_read, select.POLLIN)
            for leash in self._leashes.values():
                poll.register(leash, select.POLLIN)  # its closing counts as readable
            ready = {number for number, _ in poll.poll()}
            self._kill_dropped(ready)
            if self._wake_read in ready:
                self._reap()
            if self._control.fileno() in ready and not self._take_job():
                break
        for pid in self._leashes:
            os.kill(pid, signal.SIGKILL)

    def _take_job(self) -> bool:
        """False when the service has gone."""
        try:
            message, numbers, _, _ = socket.recv_fds(self._control, 16, 3)
        except ConnectionError:  # it went without reading our "ready"
            return False
        if not message:
            return False
        channel, source, leash = numbers
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become_child(channel, source, leash, parent)
        os.close(channel)
        os.close(source)
        self._leashes[pid] = socket.socket(fileno=leash)
        with contextlib.suppress(OSError):
            self._leashes[pid].send(TAKEN)
        return True

    def _become_child(self, channel: int, source: int, leash: int, parent: int) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            # Nothing of the parent's, nor of other children's, may be reached from here.
            for number in (leash, self._wake_read, self._wake_write, self._control.fileno()):
                os.close(number)
            for other in self._leashes.values():
                os.close(other.fileno())
            serve_one(socket.socket(fileno=channel), source, self._marker, parent)
        finally:
            os._exit(1)

    def _kill_dropped(self, ready: set[int]) -> None:
        # Only children not yet reaped are in the table, so no pid in it can have been given to another process.
        for pid, leash in self._leashes.items():
            if leash.fileno() in ready:
                os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 4096)
        while self._leashes:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid == 0:
                return
            leash = self._leashes.pop(pid)
            told = {"exit": os.waitstatus_to_exitcode(status), "peak_kib": usage.ru_maxrss, "cpu": usage.ru_utime}
            with contextlib.suppress(OSError):  # dropped: nobody asks any more
                leash.send(json.dumps(told).encode())
            leash.close()


def main(control: int, marker: str) -> None:
    """Preload, then serve. `marker` is `module:function`."""
    warnings.simplefilter("ignore")  # decoders warn about the files of strangers
    cv2.setNumThreads(1)
    module, name = marker.split(":")
    function: Marker = getattr(importlib.import_module(module), name)
    renderers()
    warm_up(function)
    gc.collect()
    # A child then gets empty pages where it would copy the parent's leftovers.
    ctypes.CDLL(None).malloc_trim(0)
    gc.freeze()
    with socket.socket(fileno=control) as connection:
        with contextlib.suppress(ConnectionError):  # the service was stopped while this warmed up
            connection.send(b"ready")
        Zygote(connection, function).run()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
