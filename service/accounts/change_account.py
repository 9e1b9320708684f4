"""What a member says about themselves: name and language."""

from __future__ import annotations

from service.accounts.plain_text import plain_text
from service.accounts.who import Who
from service.audit.record import record
from service.db import Tx
from service.errors import BadInput
from service.kit.translate import LOCALES, N_
from service.wiring import Wiring


def change_account(tx: Tx, wiring: Wiring, who: Who, *, name: str, locale: str) -> None:
    """Keeps the member's name and language; raises BadInput."""
    clean = plain_text(name, "name", at_most=100, required=False)
    if locale not in LOCALES:
        raise BadInput(N_("Please choose one of the languages."), field="locale")
    if (clean, locale) != (who.member.name, who.member.locale):
        who.member.name, who.member.locale = clean, locale
        record(tx, wiring, who.studio.id, "member.changed", actor=who.actor)
