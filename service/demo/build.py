"""Building the sample studio through the same doors that people use, so that it cannot show what the product lacks."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from io import BytesIO

from service.accounts import repository as accounts
from service.accounts.create_studio import create_studio
from service.accounts.who import Who
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.add_asset import StoredBytes, add_asset, original_key
from service.deliveries.create import NewDelivery, create_delivery
from service.deliveries.models import Delivery
from service.deliveries.replace_asset import replace_asset
from service.deliveries.withdraw import withdraw
from service.demo.address import EMAIL
from service.demo.draw import brighter, brochure, photographs, sources
from service.kit.money import Money
from service.payments.agree_instalments import NewPart, agree_instalments
from service.payments.receive import Evidence, receive
from service.releases.release import release
from service.shares.issue_link import issue_link
from service.wiring import Wiring
from storage.blobstore import AlreadyExists

Files = Sequence[tuple[str, bytes]]


def build_demo(wiring: Wiring) -> bool:
    """Makes the sample studio, if it is not there yet; False when it is. Previews are made by the worker."""
    with wiring.db.read() as tx:
        if accounts.member_by_email(tx, EMAIL):
            return False
    pictures, proof, archive = photographs(), brochure(), sources()
    with wiring.db.write() as tx:
        who = create_studio(tx, wiring, email=EMAIL, name="Studija Kāpa", locale="en")
        who.member.name = "Ilze Kalniņa"
        studio = who.studio
        studio.account_holder, studio.iban, studio.bic = "SIA Studija Kāpa", "LV80BANK0000435195001", "BANKLV22"
        studio.mark_text = "Studija Kāpa"
        _draft(tx, wiring, who, [proof, archive])
        _held(tx, wiring, who, [*pictures, proof])
        _part_paid(tx, wiring, who, pictures[3:])
        _paid(tx, wiring, who, [*pictures[:4], archive])
        _waived(tx, wiring, who, pictures[4:])
        _withdrawn(tx, wiring, who)
    return True


def _new(tx: Tx, wiring: Wiring, who: Who, title: str, client: str, amount: int, files: Files, locale: str) -> Delivery:
    due = wiring.clock().date() + timedelta(days=14)
    email = f"{client.split(maxsplit=1)[0].lower()}@client.example".encode("ascii", "ignore").decode()
    new = NewDelivery(title, client, email, Money(amount, "EUR"), due_on=due, locale=locale)
    delivery = create_delivery(tx, wiring, who, new)
    for name, content in files:
        stored = _store(wiring, who.studio.id, content)
        add_asset(
            tx,
            wiring,
            studio_id=who.studio.id,
            delivery_id=delivery.id,
            stored=stored,
            filename=name,
            tier="source" if name.endswith(".zip") else "final",
            actor=who.actor,
        )
    return delivery


def _store(wiring: Wiring, studio_id: str, content: bytes) -> StoredBytes:
    digest = hashlib.sha256(content).hexdigest()
    key = original_key(studio_id, digest)
    with suppress(AlreadyExists):
        wiring.store.put(key, BytesIO(content))
    return StoredBytes(digest, len(content), zlib.crc32(content), key)


def _send(tx: Tx, wiring: Wiring, who: Who, delivery: Delivery, name: str, *, announce: bool = True) -> None:
    issue_link(
        tx, wiring, delivery=delivery, name=name, email=delivery.client_email, actor=who.actor, announce=announce
    )


def _draft(tx: Tx, wiring: Wiring, who: Who, files: Files) -> None:
    _new(tx, wiring, who, "Brochure for Ozolkalns", "Ozolkalns Guesthouse", 68000, files, "en")


def _held(tx: Tx, wiring: Wiring, who: Who, files: Files) -> None:
    delivery = _new(tx, wiring, who, "Coast in spring, photographs", "Anna Bērziņa", 45000, files, "en")
    meadow, bright = deliveries.assets_of(tx, delivery.id, limit=3)[2], brighter(files[2][1])
    replace_asset(
        tx,
        wiring,
        studio_id=who.studio.id,
        delivery_id=delivery.id,
        asset_id=meadow.id,
        stored=_store(wiring, who.studio.id, bright),
        filename="Vakara pļava, gaišāka.jpg",
        actor=who.actor,
    )
    delivery.note = "Hello Anna, here are the pictures from Saturday. Tell me if one should be brighter."
    _send(tx, wiring, who, delivery, "Anna", announce=False)


def _part_paid(tx: Tx, wiring: Wiring, who: Who, files: Files) -> None:
    delivery = _new(tx, wiring, who, "Kalendārs 2027", "Grāmatnīca Lapa", 120000, files, "lv")
    today, chosen = wiring.clock().date(), [asset.id for asset in deliveries.assets_of(tx, delivery.id, limit=2)]
    parts = [
        NewPart(Money(40000, "EUR"), today, "chosen", frozenset(chosen)),
        NewPart(Money(40000, "EUR"), today + timedelta(days=14)),
        NewPart(Money(40000, "EUR"), today + timedelta(days=44), "all"),
    ]
    agree_instalments(tx, wiring, studio_id=who.studio.id, delivery_id=delivery.id, parts=parts, actor=who.actor)
    _send(tx, wiring, who, delivery, "Grāmatnīca Lapa")
    _receive(tx, wiring, who, delivery, 60000, "statement 2026-11 line 14")


def _paid(tx: Tx, wiring: Wiring, who: Who, files: Files) -> None:
    delivery = _new(tx, wiring, who, "Forest hotel, website pictures", "Marta Liepa", 90000, files, "en")
    _send(tx, wiring, who, delivery, "Marta")
    _receive(tx, wiring, who, delivery, 90000, "statement 2026-11 line 9")


def _waived(tx: Tx, wiring: Wiring, who: Who, files: Files) -> None:
    delivery = _new(tx, wiring, who, "Pictures for the village school", "Ziedu skola", 10000, files, "lv")
    _send(tx, wiring, who, delivery, "Ziedu skola")
    locked = deliveries.delivery_of(tx, who.studio.id, delivery.id, lock=True)
    release(tx, wiring, locked, reason="waived", note="A gift to the school.", actor=who.actor)


def _withdrawn(tx: Tx, wiring: Wiring, who: Who) -> None:
    delivery = _new(tx, wiring, who, "Test shoot", "Kārlis", 5000, [], "lv")
    withdraw(tx, wiring, studio_id=who.studio.id, delivery_id=delivery.id, actor=who.actor)


def _receive(tx: Tx, wiring: Wiring, who: Who, delivery: Delivery, minor: int, ref: str) -> None:
    evidence = Evidence(Money(minor, "EUR"), wiring.clock().date(), ref)
    receive(
        tx,
        wiring,
        studio_id=who.studio.id,
        delivery_id=delivery.id,
        evidence=evidence,
        actor=who.actor,
        then="release",
    )
