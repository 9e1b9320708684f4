"""Telling both sides that money arrived, and what is still open."""

from __future__ import annotations

from service.accounts import repository as accounts
from service.db import Tx
from service.deliveries.models import Delivery
from service.kit.money import Money
from service.notify.outbox import send
from service.payments.invoice import Balance
from service.wiring import Wiring


def announce_payment(tx: Tx, wiring: Wiring, delivery: Delivery, amount: Money, balance: Balance) -> None:
    """Writes to the client, if there is an address, and to the studio, each in their language."""
    studio = accounts.studio(tx, delivery.studio_id)
    parties = [("paid_client", delivery.client_email, delivery.locale), ("paid_studio", studio.email, studio.locale)]
    for kind, recipient, locale in parties:
        if not recipient:
            continue
        send(
            tx,
            wiring,
            studio_id=studio.id,
            kind=kind,
            recipient=recipient,
            locale=locale,
            delivery_id=delivery.id,
            reply_to=studio.email if kind == "paid_client" else "",
            studio=studio.name,
            client=delivery.client_name,
            title=delivery.title,
            amount=amount.shown(locale),
            open=balance.open.shown(locale) if balance.open.minor else "",
        )
