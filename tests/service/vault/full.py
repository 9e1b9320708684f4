"""A studio with three originals, one of them twice, with pictures as ingest leaves them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from service.accounts.create_studio import create_studio
from service.accounts.who import Who
from service.db import Tx
from service.deliveries.add_asset import StoredBytes, add_asset, original_key
from service.deliveries.create import NewDelivery, create_delivery
from service.deliveries.models import Delivery
from service.kit.money import Money
from service.previews.keep import keep_proof, keep_renditions
from service.wiring import Wiring
from storage.blobstore import AlreadyExists
from watermark import Page


@dataclass
class Full:
    """What there is: the delivery, its member, the assets' ids and the keys of their originals."""

    who: Who
    delivery: Delivery
    assets: list[str]
    originals: list[str]


def content(number: int) -> bytes:
    return bytes([number]) * (100_000 + number)


def put_original(wiring: Wiring, studio_id: str, data: bytes) -> StoredBytes:
    with wiring.store.begin() as writer:
        writer.write(data)
        stored = writer.so_far
        key = original_key(studio_id, stored.sha256)
        with suppress(AlreadyExists):
            writer.commit(key)
    return StoredBytes(stored.sha256, stored.size, 0, key)


def add(tx: Tx, wiring: Wiring, who: Who, delivery: Delivery, stored: StoredBytes, name: str) -> str:
    return add_asset(
        tx, wiring, studio_id=who.studio.id, delivery_id=delivery.id, stored=stored, filename=name, actor=who.actor
    ).id


def fill(wiring: Wiring) -> Full:
    new = NewDelivery(title="Wedding", client_name="C", client_email="", amount=Money(100, "EUR"), locale="en")
    with wiring.db.write() as tx:
        who = create_studio(tx, wiring, email="studio@example.com")
        delivery = create_delivery(tx, wiring, who, new)
    stored = [put_original(wiring, who.studio.id, content(number)) for number in (1, 2, 3)]
    with wiring.db.write() as tx:
        assets = [add(tx, wiring, who, delivery, each, f"{at}.bin") for at, each in enumerate([*stored, stored[0]])]
        for asset_id in assets[:2]:
            page = Page(1, 9, 9, b"proof of " + asset_id.encode(), "image/jpeg", {480: b"s", 2048: b"large"}, "d" * 64)
            tx.add(keep_proof(wiring.store, wiring.clock, asset_id, page))
            tx.add_all(keep_renditions(wiring.renditions, wiring.clock, asset_id, 1, page.renditions, page.digest))
    return Full(who, delivery, assets, [each.key for each in stored])
