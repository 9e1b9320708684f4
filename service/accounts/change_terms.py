"""Whether clients are asked for terms, and which."""

from __future__ import annotations

from service.accounts.plain_text import long_text
from service.accounts.terms import built_in_terms
from service.accounts.who import Who
from service.audit.record import record
from service.db import Tx
from service.kit.translate import LOCALES
from service.wiring import Wiring


def change_terms(tx: Tx, wiring: Wiring, who: Who, *, ask: bool, text: str) -> None:
    """Keeps the choice for new deliveries; those that exist keep theirs. An empty text, or one that is the built-in
    one, means the built-in one in each client's language. Raises BadInput."""
    clean = long_text(text, "terms_text", at_most=20_000)
    if clean in {built_in_terms(locale) for locale in LOCALES}:
        clean = ""
    if (ask, clean) != (who.studio.ask_terms, who.studio.terms_text):
        who.studio.ask_terms, who.studio.terms_text = ask, clean
        record(tx, wiring, who.studio.id, "terms.changed", actor=who.actor, data={"asked": ask, "own": bool(clean)})
