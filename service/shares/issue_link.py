"""Making a share link: a named way in for one client, by which the delivery is sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.accounts import repository as accounts
from service.accounts.models import Studio
from service.audit.record import record
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.create import plausible_email
from service.deliveries.models import Delivery
from service.deliveries.send import send_delivery
from service.errors import BadInput
from service.kit.ids import new_id
from service.kit.money import Money
from service.kit.translate import N_, shown_date, using
from service.notify.outbox import send
from service.shares import repository
from service.shares.address import link_url
from service.shares.link_end import shown_end
from service.shares.make_ahead import queue_for_link
from service.shares.models import ShareLink
from service.shares.passphrase import LONGEST, kept
from service.shares.trace_id import new_trace_id
from service.wiring import Wiring

MAX_NAME = 200
MIN_PASSPHRASE = 4
LONGEST_LIFE = timedelta(days=3653)


def issue_link(
    tx: Tx,
    wiring: Wiring,
    *,
    delivery: Delivery,
    name: str,
    email: str = "",
    expires_at: datetime | None = None,
    passphrase: str = "",
    actor: str,
    announce: bool = False,
) -> ShareLink:
    """A link to ``delivery``, whose row the caller has locked; the first one sends it (draft becomes held).

    ``expires_at`` None is no end, ``passphrase`` "" asks for none. With ``announce`` the link is e-mailed to ``email``,
    or else to the client. Raises BadInput that names the field, Conflict when the delivery was withdrawn.
    """
    recipient = email.strip() or delivery.client_email
    _check(wiring, name, email, expires_at, passphrase)
    _check_recipient(recipient, announce)
    send_delivery(tx, wiring, delivery, actor)
    link = ShareLink(
        id=new_id("lnk"),
        studio_id=delivery.studio_id,
        delivery_id=delivery.id,
        name=name.strip(),
        email=email.strip(),
        passphrase=kept(passphrase) if passphrase else "",
        created_at=wiring.clock(),
        expires_at=expires_at,
        trace_id=new_trace_id(tx),
    )
    repository.add(tx, link)
    queue_for_link(tx, wiring, link)
    told = {
        "link": link.id,
        "name": link.name,
        "expires_at": expires_at.isoformat() if expires_at else None,
        "passphrase": bool(passphrase),
        "sent_to": recipient if announce and wiring.mail_leaves else None,
    }
    record(tx, wiring, link.studio_id, "link.issued", actor=actor, delivery_id=delivery.id, data=told)
    if announce:
        _announce(tx, wiring, delivery, accounts.studio(tx, delivery.studio_id), link, recipient)
    return link


def _check(wiring: Wiring, name: str, email: str, expires_at: datetime | None, passphrase: str) -> None:
    """Raises BadInput for the first thing that cannot be used."""
    if not 1 <= len(name.strip()) <= MAX_NAME or not name.strip().isprintable():
        raise BadInput(N_("Say whom the link is for, in at most 200 characters."), field="name")
    if email.strip() and not plausible_email(email.strip()):
        raise BadInput(N_("This does not look like an e-mail address."), field="email")
    if expires_at is not None and expires_at.tzinfo is None:
        raise BadInput(N_("Give the end of the link with its time zone."), field="expires_at")
    if expires_at is not None and expires_at <= wiring.clock():
        raise BadInput(N_("The end of the link lies in the past."), field="expires_at")
    if expires_at is not None and expires_at > wiring.clock() + LONGEST_LIFE:
        raise BadInput(N_("A link lives for ten years at most."), field="expires_at")
    if passphrase and not MIN_PASSPHRASE <= len(passphrase.strip()) <= len(passphrase) <= LONGEST:
        raise BadInput(N_("A passphrase has between 4 and 200 characters."), field="passphrase")


def _check_recipient(recipient: str, announce: bool) -> None:
    if announce and not recipient:
        raise BadInput(N_("Give an e-mail address to send the link to."), field="email")


def _announce(tx: Tx, wiring: Wiring, delivery: Delivery, studio: Studio, link: ShareLink, recipient: str) -> None:
    """Writes to the client, in the delivery's language, that the work is ready to be looked at."""
    invoice = deliveries.invoice_of(tx, delivery.id)
    with using(delivery.locale):
        due = shown_date(invoice.due_on) if invoice.due_on else ""
        expires = shown_end(link.expires_at, studio.timezone)
    send(
        tx,
        wiring,
        studio_id=studio.id,
        kind="ready",
        recipient=recipient,
        locale=delivery.locale,
        delivery_id=delivery.id,
        reply_to=studio.email,
        studio=studio.name,
        title=delivery.title,
        client=delivery.client_name,
        amount=Money(invoice.amount_minor, invoice.currency).shown(delivery.locale),
        due=due,
        expires=expires,
        link=link_url(wiring, link),
    )
