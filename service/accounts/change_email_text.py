"""The studio's own words for an e-mail to its clients, and going back to ours."""

from __future__ import annotations

from service.accounts.plain_text import long_text, plain_text
from service.accounts.who import Who
from service.audit.record import record
from service.db import Tx
from service.notify import repository
from service.notify.models import EmailText
from service.notify.own_text import MAX_BODY, check_text, ours
from service.notify.render import LONGEST_SUBJECT
from service.wiring import Wiring


def tidy(subject: str, body: str) -> tuple[str, str]:
    """Both without control and direction characters; raises BadInput for what is empty or too long."""
    return plain_text(subject, "subject", at_most=LONGEST_SUBJECT), long_text(
        body, "body", at_most=MAX_BODY, required=True
    )


def change_email_text(tx: Tx, wiring: Wiring, who: Who, *, kind: str, locale: str, subject: str, body: str) -> bool:
    """Keeps the words for this kind and language; the same as ours are none of their own. Returns whether anything changed.
    Raises BadInput with the field."""
    subject, body = tidy(subject, body)
    check_text(kind, subject, body)
    our_subject, our_body = ours(kind, locale)
    present = repository.text_of(tx, who.studio.id, kind, locale)
    if (subject, body) == (our_subject, our_body.strip()):
        return reset_email_text(tx, wiring, who, kind=kind, locale=locale)
    if present is not None and (present.subject, present.body) == (subject, body):
        return False
    row = EmailText(studio_id=who.studio.id, kind=kind, locale=locale, subject=subject, body=body)
    repository.put_text(tx, row)
    told = {"kind": kind, "locale": locale}
    record(tx, wiring, who.studio.id, "email_text.changed", actor=who.actor, data=told)
    return True


def reset_email_text(tx: Tx, wiring: Wiring, who: Who, *, kind: str, locale: str) -> bool:
    """Goes back to our words; returns whether there were others."""
    if not repository.drop_text(tx, who.studio.id, kind, locale):
        return False
    told = {"kind": kind, "locale": locale}
    record(tx, wiring, who.studio.id, "email_text.reset", actor=who.actor, data=told)
    return True
