"""Beginning an upload: everything that can be refused is refused here, before a byte is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from service.accounts import repository as accounts
from service.accounts.who import Who
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.add_asset import check_tier
from service.deliveries.intake import no_room
from service.deliveries.sink import too_large
from service.deliveries.upload_assets import admit
from service.errors import BadInput
from service.kit.ids import new_id
from service.kit.names import base_name, safe_name, safe_path
from service.kit.translate import N_
from service.uploads import repository
from service.uploads.models import Upload
from service.wiring import Wiring


def create_upload(tx: Tx, wiring: Wiring, who: Who, *, size: int, given: Mapping[str, str], line: str) -> Upload:
    """A new, empty upload. ``given`` is the metadata, ``line`` the header it came in.

    Raises NotFound, Conflict (withdrawn), BadInput, and TooLarge: the quota counts what is kept and what was promised by
    uploads that have begun, each once, however often a piece of it is sent.
    """
    accounts.studio_for_update(tx, who.studio.id)
    admitted = admit(tx, wiring, who, _needed(given, "delivery"))
    tier = given.get("tier") or "final"
    check_tier(tier)
    if size == 0:
        raise BadInput(N_("This file is empty."), code="empty_file", field="Upload-Length")
    if size > admitted.max_file:
        raise too_large(admitted.max_file)
    if admitted.room is not None and repository.bytes_promised(tx, who.studio.id) + size > admitted.room:
        raise no_room()
    path = given.get("path", "")
    now = wiring.clock()
    row = Upload(
        id=new_id("upl"),
        studio_id=who.studio.id,
        delivery_id=admitted.delivery_id,
        actor=who.actor,
        filename=safe_name(base_name(_needed(given, "filename"))),
        path=safe_path(path) if path.strip("/\\ .") else "",
        tier=tier,
        position=1 + max(_last(tx, admitted.delivery_id), repository.last_position(tx, admitted.delivery_id)),
        given=line,
        size=size,
        created_at=now,
        expires_at=now + timedelta(hours=wiring.settings.uploads.resume_hours),
    )
    repository.add(tx, row)
    return row


def _last(tx: Tx, delivery_id: str) -> int:
    return deliveries.last_position(tx, delivery_id)


def _needed(given: Mapping[str, str], key: str) -> str:
    value = given.get(key, "").strip()
    if not value:
        raise BadInput(N_("Upload-Metadata must name %(key)s."), field="Upload-Metadata", key=key)
    return value
