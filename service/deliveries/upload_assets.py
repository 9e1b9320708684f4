"""Uploading originals: admitted before a byte is read, streamed to the vault, and added in one short transaction.

Bytes and rows are two systems. The bytes become durable first; then one transaction checks that they are there and
adds the rows. If anything fails, what this request brought and no row refers to is deleted. Both steps hold the
studio's row, so one request cannot delete the bytes that another is about to refer to.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import structlog
from fastapi import Request
from starlette.concurrency import run_in_threadpool

from service.accounts import repository as accounts
from service.accounts.who import Who
from service.db import Tx
from service.deliveries import repository
from service.deliveries.add_asset import StoredBytes, add_asset
from service.deliveries.intake import Intake, no_room
from service.deliveries.models import Asset
from service.deliveries.multipart import boundary_of
from service.deliveries.replace_asset import replace_asset
from service.deliveries.rules import check_open
from service.deliveries.sink import too_large
from service.errors import Unavailable
from service.settings import MIB
from service.web.boundary import wiring_of, write_transaction
from service.wiring import Wiring
from storage.blobstore import StorageError

FORM_AROUND = MIB
"""Bytes that the form around the files may take."""

Answer = TypeVar("Answer")
log = structlog.get_logger("upload")


@dataclass(frozen=True)
class Admitted:
    """Who may add to which delivery, and how much. Sizes in bytes; quota 0 and room None are no limit."""

    studio_id: str
    delivery_id: str
    actor: str
    max_file: int
    quota: int
    room: int | None


def admit(tx: Tx, wiring: Wiring, who: Who, delivery_id: str) -> Admitted:
    """Raises NotFound or Conflict when nothing may be added; asks nothing of the body."""
    delivery = repository.delivery_of(tx, who.studio.id, delivery_id)
    check_open(delivery.state)
    limits = wiring.settings.uploads
    quota = (who.studio.quota_mib or limits.studio_quota_mib) * MIB
    room = max(0, quota - repository.bytes_kept(tx, who.studio.id)) if quota else None
    return Admitted(who.studio.id, delivery.id, who.actor, limits.max_file_mib * MIB, quota, room)


async def upload_assets(request: Request, admitted: Admitted, answer: Callable[[Tx, Intake], Answer]) -> Answer:
    """Reads the body into the vault, then runs ``answer(tx, intake)`` in a write transaction, in a worker thread.

    ``answer`` calls :func:`add_all`. Whatever is raised, nothing of the upload is kept.
    """
    boundary = boundary_of(request.headers.get("content-type", ""))
    _check_length(request, admitted)
    intake = Intake(wiring_of(request).store, admitted.studio_id, max_file=admitted.max_file, room=admitted.room)
    try:
        await intake.receive(request.stream(), boundary)
        async with write_transaction(request) as tx:
            return await run_in_threadpool(answer, tx, intake)
    except BaseException:
        if intake.files:
            await asyncio.shield(_give_back(request, intake, admitted))
        raise


def add_all(tx: Tx, wiring: Wiring, admitted: Admitted, intake: Intake) -> list[Asset]:
    """The assets for the files that came in, in their order. Raises as ``add_asset`` does."""
    accounts.studio_for_update(tx, admitted.studio_id)
    if not all(wiring.store.exists(file.stored.key) for file in intake.files):
        raise Unavailable(retry_after=1)
    if intake.replaces:
        return [_replaced(tx, wiring, admitted, intake)]
    return [
        add_asset(
            tx,
            wiring,
            studio_id=admitted.studio_id,
            delivery_id=admitted.delivery_id,
            stored=file.stored,
            filename=file.filename,
            tier=intake.tier,
            actor=admitted.actor,
            quota_bytes=admitted.quota,
        )
        for file in intake.files
    ]


def _replaced(tx: Tx, wiring: Wiring, admitted: Admitted, intake: Intake) -> Asset:
    return replace_asset(
        tx,
        wiring,
        studio_id=admitted.studio_id,
        delivery_id=admitted.delivery_id,
        asset_id=intake.replaces,
        stored=intake.files[0].stored,
        filename=intake.files[0].filename,
        actor=admitted.actor,
        quota_bytes=admitted.quota,
    )


def fingerprint(request: Request, intake: Intake) -> str:
    """SHA-256 over what was asked, for telling a repeated request from a different one."""
    lines = [request.method, request.url.path, intake.tier, intake.replaces]
    lines += [f"{file.stored.sha256} {file.filename}" for file in intake.files]
    return hashlib.sha256("\0".join(lines).encode("utf-8", "replace")).hexdigest()


def _check_length(request: Request, admitted: Admitted) -> None:
    """Refuses, before a byte is read, a body that says itself that it is too large."""
    said = request.headers.get("content-length", "")
    declared = int(said) if said.isdecimal() else 0
    if declared > admitted.max_file + FORM_AROUND:
        raise too_large(admitted.max_file)
    if admitted.room is not None and declared > admitted.room + FORM_AROUND:
        raise no_room()


async def _give_back(request: Request, intake: Intake, admitted: Admitted) -> None:
    """Deletes what came in and is nobody's. A fault here leaves unreferenced bytes, which harm nobody."""
    try:
        async with write_transaction(request) as tx:
            stored = [file.stored for file in intake.files]
            await run_in_threadpool(delete_unreferenced, tx, wiring_of(request), admitted.studio_id, stored)
    except Exception as error:  # noqa: BLE001 - the error that matters is on its way to the client already
        log.warning("unreferenced bytes stay", error=type(error).__name__, files=len(intake.files))


def delete_unreferenced(tx: Tx, wiring: Wiring, studio_id: str, brought: Iterable[StoredBytes]) -> None:
    """Deletes those bytes that no row of the studio refers to. Holds the studio's row from here on."""
    accounts.studio_for_update(tx, studio_id)
    for stored in set(brought):
        known = repository.blob_by_content(tx, studio_id, stored.sha256)
        if known is None or known.freed_at is not None:
            try:
                wiring.store.delete(stored.key)
            except StorageError as error:
                log.warning("unreferenced bytes stay", error=type(error).__name__, files=1)
