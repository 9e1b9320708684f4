"""Agreeing a delivery: what it is called, for whom, and what is owed for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from service.accounts.who import Who
from service.audit.record import record
from service.db import Tx
from service.deliveries import repository
from service.deliveries.models import Delivery, Invoice
from service.deliveries.reference import creditor_reference, random_number
from service.deliveries.terms import built_in_terms
from service.errors import BadInput
from service.kit.ids import new_id
from service.kit.money import Money
from service.kit.translate import LOCALES, N_
from service.wiring import Wiring

MAX_TITLE = 200
MAX_NAME = 200
MAX_EMAIL = 254
MAX_NOTE = 5000
MAX_TERMS = 20000


@dataclass(frozen=True)
class NewDelivery:
    """What is asked for. ``ask_terms`` None is the studio's setting; ``terms_text`` empty is the studio's text, or
    the built-in one in the client's language."""

    title: str
    client_name: str
    client_email: str
    amount: Money
    due_on: date | None = None
    locale: str = ""
    note: str = ""
    ask_terms: bool | None = None
    terms_text: str = ""


def create_delivery(tx: Tx, wiring: Wiring, who: Who, new: NewDelivery) -> Delivery:
    """A draft with its invoice and creditor reference; raises BadInput that names the field."""
    delivery = Delivery(id=new_id("dlv"), studio_id=who.studio.id, created_at=wiring.clock())
    fill(delivery, who, new)
    repository.add(tx, delivery)
    record_agreed(tx, wiring, who, delivery, add_invoice(tx, wiring, delivery, new.amount, new.due_on))
    return delivery


def fill(delivery: Delivery, who: Who, new: NewDelivery) -> None:
    """Writes what was agreed into the delivery; raises BadInput before anything is written."""
    check_words(new.title, new.client_name, new.client_email, new.note)
    locale = new.locale or who.studio.locale
    if locale not in LOCALES:
        raise BadInput(N_("Choose one of the languages on offer."), field="locale")
    if len(new.terms_text) > MAX_TERMS:
        raise BadInput(N_("These terms are longer than 20,000 characters."), field="terms")
    asks = who.studio.ask_terms if new.ask_terms is None else new.ask_terms
    delivery.title, delivery.note, delivery.locale = new.title.strip(), new.note.strip(), locale
    delivery.client_name, delivery.client_email = new.client_name.strip(), new.client_email.strip()
    delivery.ask_terms = asks
    delivery.terms_text = (new.terms_text.strip() or who.studio.terms_text or built_in_terms(locale)) if asks else ""


def record_agreed(tx: Tx, wiring: Wiring, who: Who, delivery: Delivery, invoice: Invoice) -> None:
    """Writes the agreement into the log."""
    amount = Money(invoice.amount_minor, invoice.currency)
    told = {
        "title": delivery.title,
        "client": delivery.client_name,
        "amount": amount.plain(),
        "currency": amount.currency,
        "reference": invoice.reference,
    }
    record(tx, wiring, who.studio.id, "delivery.created", actor=who.actor, delivery_id=delivery.id, data=told)


def add_invoice(tx: Tx, wiring: Wiring, delivery: Delivery, amount: Money, due_on: date | None) -> Invoice:
    """What is owed for the delivery, with a reference that the studio has not used."""
    invoice = Invoice(
        id=new_id("inv"),
        studio_id=delivery.studio_id,
        delivery_id=delivery.id,
        amount_minor=amount.minor,
        currency=amount.currency,
        reference=new_reference(tx, delivery.studio_id),
        due_on=due_on,
        created_at=wiring.clock(),
    )
    repository.add(tx, invoice)
    return invoice


def new_reference(tx: Tx, studio_id: str) -> str:
    """A creditor reference that the studio has not given before."""
    reference = creditor_reference(random_number())
    while repository.reference_taken(tx, studio_id, reference):
        reference = creditor_reference(random_number())
    return reference


def check_words(title: str, client_name: str, client_email: str, note: str) -> None:
    """Raises BadInput for the first text that cannot be used."""
    if not 1 <= len(title.strip()) <= MAX_TITLE:
        raise BadInput(N_("Give the delivery a title of at most 200 characters."), field="title")
    if not 1 <= len(client_name.strip()) <= MAX_NAME:
        raise BadInput(N_("Say who the client is, in at most 200 characters."), field="client_name")
    if client_email.strip() and not plausible_email(client_email.strip()):
        raise BadInput(N_("This does not look like an e-mail address."), field="client_email")
    if len(note) > MAX_NOTE:
        raise BadInput(N_("This message is longer than 5,000 characters."), field="note")
    if any(bad in text for text in (title, client_name, client_email, note) for bad in ("\0", "\x1b")):
        raise BadInput(N_("This text holds characters that cannot be shown."), field="title")


def plausible_email(text: str) -> bool:
    """One @ between something and a host, nothing that could end a header line, at most 254 characters (RFC 5321)."""
    name, at, host = text.partition("@")
    printable = text.isprintable() and not any(c in text for c in ' ,;<>"()')
    return bool(name and at and host) and "@" not in host and printable and len(text) <= MAX_EMAIL
