"""Where clients pay: the account whose holder gets the money. It is changed only shortly after a proof of who asks."""

from __future__ import annotations

from dataclasses import dataclass

from stdnum import bic as bic_numbers
from stdnum import iban as iban_numbers
from stdnum.exceptions import ValidationError

from service.accounts.plain_text import long_text, plain_text
from service.accounts.prove import recently_proved
from service.accounts.who import Who
from service.audit.record import record
from service.db import Tx
from service.errors import BadInput
from service.kit.translate import N_
from service.notify.outbox import send
from service.wiring import Wiring


@dataclass(frozen=True)
class BankDetails:
    """As typed. ``iban`` (ISO 13616) and ``bic`` (ISO 9362) may have spaces; all may be empty."""

    account_holder: str
    iban: str
    bic: str
    payment_note: str


def change_bank_details(tx: Tx, wiring: Wiring, who: Who, typed: BankDetails) -> None:
    """Checks and keeps the details, and tells the studio's mailbox when the account is another one. Raises Forbidden
    (prove again) and BadInput with the field."""
    recently_proved(who, wiring.clock())
    studio = who.studio
    clean = checked(typed)
    changed = [field for field in vars(clean) if getattr(studio, field) != getattr(clean, field)]
    if not changed:
        return
    for field in changed:
        setattr(studio, field, getattr(clean, field))
    ending = clean.iban[-4:]
    record(
        tx, wiring, studio.id, "bank_details.changed", actor=who.actor, data={"fields": changed, "iban_ends": ending}
    )
    if {"iban", "account_holder"} & set(changed):
        send(
            tx,
            wiring,
            studio_id=studio.id,
            kind="bank_changed",
            recipient=who.member.email,
            locale=who.member.locale,
            studio=studio.name,
            ending=ending,
        )


def checked(typed: BankDetails) -> BankDetails:
    """The details in their compact spelling; raises BadInput with the field and what would be right."""
    try:
        iban = iban_numbers.validate(typed.iban) if typed.iban.strip() else ""
    except ValidationError as error:
        raise BadInput(
            N_("This is not a valid IBAN. Please compare it with your bank's page, digit by digit."), field="iban"
        ) from error
    try:
        bic = bic_numbers.validate(typed.bic) if typed.bic.strip() else ""
    except ValidationError as error:
        raise BadInput(
            N_("This is not a valid BIC. It has 8 or 11 characters, or leave it empty."), field="bic"
        ) from error
    holder = plain_text(typed.account_holder, "account_holder", at_most=70, required=False)
    if iban and not holder:
        raise BadInput(N_("Please write in whose name the account is."), field="account_holder")
    return BankDetails(holder, iban, bic, long_text(typed.payment_note, "payment_note", at_most=1000))


def iban_shown(iban: str) -> str:
    """The IBAN in groups of four, as on paper."""
    return str(iban_numbers.format(iban)) if iban else ""
