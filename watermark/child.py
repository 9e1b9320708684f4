"""What the forked child does: one job, answers down the channel, then gone."""

from __future__ import annotations

import gc
import os
import socket
import time
from typing import Any

from watermark.child_jobs import JOBS, Circumstances
from watermark.confine import confine, die_quietly
from watermark.errors import WatermarkError
from watermark.ingest import stopped_by_memory
from watermark.limits import Limits
from watermark.pipeline import Deadline
from watermark.protocol import receive_frame, send_frame
from watermark.steps.mark import Marker


def serve_one(channel: socket.socket, source: int, marker: Marker, parent: int) -> None:
    """Read the job from `channel`, do it on the open file `source`, answer, and leave the process. Never returns."""
    code = 1
    try:
        die_quietly()
        gc.disable()  # one short life: collecting would only touch pages shared with the parent
        job, _ = receive_frame(channel, 0)
        limits = Limits(**job["limits"])
        try:
            confine(limits, parent)
        except OSError:  # an unconfined child reads nothing
            send_frame(channel, {"type": "error", "code": "sandbox_unavailable", "public": None})
            return
        try:
            _answer(channel, job, source, marker, limits)
        except Exception as fault:  # noqa: BLE001 - the last place where a failure can still be told by name
            send_frame(channel, _failure(fault))
        send_frame(channel, {"type": "end"})
        code = 0
    finally:
        os._exit(code)


def _answer(channel: socket.socket, job: dict[str, Any], source: int, marker: Marker, limits: Limits) -> None:
    deadline = Deadline.after(limits.wall_seconds)
    with open(source, "rb") as file:
        for header, parts in JOBS[job["do"]](job, file, Circumstances(marker, limits, deadline)):
            sending = time.monotonic()
            send_frame(channel, header, parts)
            # A service that takes its time to store a page does not use up the file's.
            deadline.extend(time.monotonic() - sending)


def _failure(fault: BaseException) -> dict[str, Any]:
    if isinstance(fault, WatermarkError):
        return {"type": "error", "code": fault.code, "public": fault.public}
    stopped = stopped_by_memory(fault)
    return {"type": "error", "code": stopped.code if stopped else "crashed", "public": None}
