"""A studio with a sent delivery and a link to it, written through the use cases."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.accounts.models import Member, Studio
from service.accounts.who import Who
from service.audit.models import AuditEvent
from service.db import Tx
from service.deliveries.create import NewDelivery, create_delivery
from service.deliveries.models import Asset, Blob, Delivery
from service.kit.ids import new_id
from service.kit.money import Money
from service.previews.models import Proof
from service.shares.address import path_of, token_of
from service.shares.issue_link import issue_link
from service.shares.models import ShareLink
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio

PAGE = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}


@dataclass
class Shares:
    """What tests do with links, straight in the database."""

    wiring: Wiring
    studio: StudioActor

    def who(self, tx: Tx) -> Who:
        return Who(tx.get_one(Member, self.studio.member_id), tx.get_one(Studio, self.studio.studio_id))

    def delivery(self, title: str = "Kāzas Cēsīs", **more: Any) -> Delivery:
        """A draft of 450 euros for Anna."""
        new = NewDelivery(
            title=title,
            client_name="Anna Bērziņa",
            client_email=more.pop("client_email", "anna@example.com"),
            amount=Money(45000, "EUR"),
            due_on=date(2026, 4, 1),
            **{"locale": "en", **more},
        )
        with self.wiring.db.write() as tx:
            return create_delivery(tx, self.wiring, self.who(tx), new)

    def link(self, delivery: Delivery, name: str = "Anna", **more: Any) -> ShareLink:
        with self.wiring.db.write() as tx:
            locked = tx.get_one(Delivery, delivery.id)
            return issue_link(tx, self.wiring, delivery=locked, name=name, actor="member:m", **more)

    def path(self, link: ShareLink) -> str:
        return path_of(token_of(self.wiring, link))

    def asset(self, delivery: Delivery, position: int, state: str = "ready", pages: int = 1, **more: Any) -> Asset:
        """An asset as ingest would leave it, without any bytes."""
        with self.wiring.db.write() as tx:
            return add_asset_row(tx, delivery, position, state, pages, self.wiring.clock(), **more)

    def set(self, kind: type[Any], row_id: str, **values: Any) -> None:
        with self.wiring.db.write() as tx:
            row = tx.get_one(kind, row_id)
            for name, value in values.items():
                setattr(row, name, value)

    def get(self, kind: type[Any], row_id: str) -> Any:
        with self.wiring.db.read() as tx:
            return tx.get_one(kind, row_id)

    def all(self, kind: type[Any]) -> list[Any]:
        with self.wiring.db.read() as tx:
            return list(tx.query(kind).all())

    def events(self) -> list[str]:
        return [event.kind for event in sorted(self.all(AuditEvent), key=lambda event: event.seq)]


def add_asset_row(
    tx: Tx, delivery: Delivery, position: int, state: str, pages: int, now: datetime, filename: str = "", size: int = 0
) -> Asset:
    sha = hashlib.sha256(secrets.token_bytes(32)).hexdigest()
    size = size or 5_000_000 + position
    blob = Blob(id=new_id("blb"), studio_id=delivery.studio_id, sha256=sha, size=size, crc32=7, created_at=now)
    blob.storage_key = f"originals/{sha}"
    tx.add(blob)
    tx.flush()
    asset = Asset(
        id=new_id("ast"),
        studio_id=delivery.studio_id,
        delivery_id=delivery.id,
        blob_id=blob.id,
        sha256=sha,
        size=size,
        filename=filename or f"IMG_{position:04}.jpg",
        media_type="image/jpeg",
        state=state,
        page_count=pages,
        mark_key_id="k",
        position=position,
        created_at=now,
    )
    tx.add(asset)
    tx.flush()
    for page in range(1, pages + 1) if state == "ready" else ():
        proof = Proof(id=new_id("prf"), asset_id=asset.id, page=page, width=1600, height=1067, created_at=now)
        proof.media_type, proof.storage_key, proof.recipe_digest = "image/webp", f"proofs/{asset.id}/{page}", "r"
        tx.add(proof)
    tx.flush()
    return asset


@pytest.fixture
def shares(wiring: Wiring, client: TestClient) -> Iterator[Shares]:
    yield Shares(wiring, new_studio(wiring, client))


def csrf_in(page: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, "the page has no form"
    return found[1]
