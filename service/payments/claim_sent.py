"""A client says that the payment is on its way. It tells the studio, and unlocks nothing."""

from __future__ import annotations

from service.audit.record import record
from service.db import Tx
from service.kit.ids import new_id
from service.notify.outbox import send
from service.payments import repository
from service.payments.instalments import owed_now, plan_of
from service.payments.models import PaymentNotice
from service.shares.open_link import OpenedLink
from service.wiring import Wiring


def claim_sent(tx: Tx, wiring: Wiring, opened: OpenedLink) -> bool:
    """Keeps it and writes to the studio; False when there was nothing new to say: the studio's own visit, nothing
    open, or said already since the last payment was recorded. So there is at most one notice for each payment."""
    link, delivery, studio = opened.link, opened.delivery, opened.studio
    parts = plan_of(tx, delivery.id)
    if opened.own or not parts.balance.open.minor or not owed_now(tx, delivery, parts):
        return False
    amount = parts.open_now
    if repository.notice_waiting(tx, delivery.id) is not None:
        return False
    row = PaymentNotice(id=new_id("ntc"), delivery_id=delivery.id, link_id=link.id, name=link.name, at=wiring.clock())
    repository.add_notice(tx, row)
    told = {"link": link.id, "name": link.name, "open": amount.plain(), "currency": amount.currency}
    record(tx, wiring, studio.id, "payment.announced", actor=f"link:{link.id}", delivery_id=delivery.id, data=told)
    send(
        tx,
        wiring,
        studio_id=studio.id,
        kind="payment_announced",
        recipient=studio.email,
        locale=studio.locale,
        delivery_id=delivery.id,
        title=delivery.title,
        name=link.name,
        amount=amount.shown(studio.locale),
    )
    return True
