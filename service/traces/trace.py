"""Tracing a found picture: which links it was served to. Reading the mark and naming the link are two steps.

The reading is of a stranger's file: it is done in the sandbox, within a deadline, outside any transaction. What was read is
a number; only a row says which link that is, and only the studio's own rows are looked at. So a picture that another
studio's client was shown is answered like one with no mark at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service.accounts.models import Studio
from service.audit.record import record
from service.db import Tx
from service.deliveries.models import Delivery
from service.errors import BadInput, TillpaidError, Unavailable
from service.kit.translate import N_
from service.previews.trace_key import reading_keys
from service.shares import repository as shares
from service.shares.models import ShareLink
from service.wiring import Wiring
from watermark import BadSource, Readings, RenderStopped

SECONDS = 60.0


@dataclass(frozen=True)
class Named:
    """A link that the picture was served to. ``confidence`` (0 to 1) says how far the reading stands above chance, and
    ``page`` (from 1) on which page of the file."""

    link: ShareLink
    delivery: Delivery
    studio: Studio
    confidence: float
    page: int


@dataclass(frozen=True)
class Traced:
    """The answer. ``complete`` is False when time ran out, or pages were left, before everything had been tried."""

    sha256: str
    complete: bool
    named: Sequence[Named]


def read_marks(wiring: Wiring, source: int | Path, filename: str) -> Readings:
    """Whatever is in the file, in a worker thread. Raises BadInput for what cannot be read as a picture, Unavailable."""
    try:
        return wiring.sandbox.trace(source, filename=filename, keys=reading_keys(wiring), seconds=SECONDS)
    except BadSource as error:
        raise _not_a_picture() from error
    except RenderStopped as error:
        raise _stopped(error.code) from error


def name_links(tx: Tx, wiring: Wiring, readings: Readings, *, sha256: str, studio_id: str | None, actor: str) -> Traced:
    """Looks up what was read and keeps in the history that it was asked. ``studio_id`` None: on behalf of the one who runs
    the server, for all studios; then only those whose links are named hear of it."""
    by_payload = {reading.payload: reading for reading in readings.found}
    found = shares.links_by_trace(tx, list(by_payload), studio_id=studio_id)
    named = [
        Named(link, delivery, studio, by_payload[link.trace_id].confidence, by_payload[link.trace_id].page)
        for link, delivery, studio in found
    ]
    named.sort(key=lambda one: (-one.confidence, one.link.id))
    for one in named:
        told = {"link": one.link.id, "name": one.link.name, "sha256": sha256, "confidence": round(one.confidence, 4)}
        record(tx, wiring, one.studio.id, "picture.traced", actor=actor, delivery_id=one.delivery.id, data=told)
    if not named and studio_id is not None:
        record(tx, wiring, studio_id, "picture.not_traced", actor=actor, data={"sha256": sha256})
    return Traced(sha256, readings.complete, named)


def _not_a_picture() -> BadInput:
    return BadInput(
        N_("This file cannot be read as a picture, so nothing can be said about it."),
        code="not_a_picture",
        field="file",
    )


def _stopped(code: str) -> TillpaidError:
    if code == "sandbox_unavailable":
        return Unavailable(retry_after=10)
    return BadInput(
        N_("Reading this file took too long or failed, so nothing can be said about it."),
        code="not_readable",
        field="file",
    )
