"""What the forked child does: one job, answers down the channel, then gone."""

from __future__ import annotations

import gc
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from watermark import ingest as work
from watermark.confine import confine, die_quietly
from watermark.errors import WatermarkError
from watermark.imprint import imprint_all
from watermark.limits import Limits
from watermark.pipeline import Deadline
from watermark.protocol import receive_frame, send_frame
from watermark.recipe import Recipe
from watermark.results import Header, Page, Wanted
from watermark.sample import landscape
from watermark.steps.encode import decode_proof, encode_rendition
from watermark.steps.mark import Marker
from watermark.steps.resize import fitted, scale_to
from watermark.trace import trace


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
    for header, parts in _answers(job, source, marker, limits, deadline):
        sending = time.monotonic()
        send_frame(channel, header, parts)
        # A service that takes its time to store a page does not use up the file's.
        deadline.extend(time.monotonic() - sending)


def _failure(fault: BaseException) -> dict[str, Any]:
    if isinstance(fault, WatermarkError):
        return {"type": "error", "code": fault.code, "public": fault.public}
    stopped = work.stopped_by_memory(fault)
    return {"type": "error", "code": stopped.code if stopped else "crashed", "public": None}


def _answers(
    job: dict[str, Any], source: int, marker: Marker, limits: Limits, deadline: Deadline
) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
    with open(source, "rb") as file:
        if job["do"] == "imprint":
            marked = [file.read(length) for length in job["lengths"]]
            for made in imprint_all(marked, job["payload"], bytes.fromhex(job["key"]), deadline):
                yield {"type": "imprint", "trace": made.trace}, [made.picture] if made.trace == "carried" else []
            return
        if job["do"] == "trace":
            keys = [bytes.fromhex(key) for key in job["keys"]]
            yield {"type": "readings", **asdict(trace(file, keys, limits, deadline))}, []
            return
        recipe, key = Recipe.from_json(job["recipe"]), bytes.fromhex(job["key"])
        if job["do"] == "ingest":
            wanted = Wanted(**job["wanted"])
            for part in work.ingest(file, job["filename"], recipe, key, marker, limits, deadline, wanted):
                yield _header(part) if isinstance(part, Header) else _page(part)
        elif job["do"] == "remark":
            renditions = work.remark(file.read(), recipe, key, job["page"], marker, deadline)
            yield {"type": "renditions", "sizes": list(renditions)}, list(renditions.values())
        else:
            side = job["size"]
            whole = work.make_renditions(landscape(2048, 1365), 1, recipe, key, marker, deadline)
            pixels = decode_proof(whole[2048])
            small = scale_to(pixels, *fitted(pixels.shape[1], pixels.shape[0], side))
            yield {"type": "preview"}, [encode_rendition(small)]


def _header(header: Header) -> tuple[dict[str, Any], list[bytes]]:
    return {"type": "header", **asdict(header)}, []


def _page(page: Page) -> tuple[dict[str, Any], list[bytes]]:
    told = {name: getattr(page, name) for name in ("number", "width", "height", "proof_type", "digest", "reason")}
    return {"type": "page", **told, "sizes": list(page.renditions)}, [page.proof, *page.renditions.values()]
