"""The studio's profile: name, e-mail, language, time zone, currency."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from service.accounts.email_address import email_address
from service.accounts.plain_text import plain_text
from service.accounts.prove import recently_proved
from service.accounts.remark import remark
from service.accounts.who import Who
from service.audit.record import record
from service.db import Tx
from service.errors import BadInput
from service.kit.money import known_currency
from service.kit.translate import LOCALES, N_
from service.wiring import Wiring


@dataclass(frozen=True)
class Profile:
    """As typed. ``timezone`` is an IANA name, ``currency`` an ISO 4217 code, for new deliveries."""

    name: str
    email: str
    locale: str
    timezone: str
    currency: str


@cache
def time_zones() -> list[str]:
    """The IANA names that are places (and UTC), in order."""
    places = (zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    return ["UTC", *sorted(places)]


def change_profile(tx: Tx, wiring: Wiring, who: Who, typed: Profile) -> None:
    """Checks and keeps the profile. Raises BadInput with the field, and Forbidden (prove again) when the studio's
    e-mail changes: clients' answers go there. A new name that serves as the mark's text re-marks the previews."""
    studio = who.studio
    clean = _checked(typed)
    if clean.email != studio.email:
        recently_proved(who, wiring.clock())
    changed = [field for field in vars(clean) if getattr(studio, field) != getattr(clean, field)]
    if not changed:
        return
    for field in changed:
        setattr(studio, field, getattr(clean, field))
    record(tx, wiring, studio.id, "studio.changed", actor=who.actor, data={"fields": changed})
    if "name" in changed and not studio.mark_text:
        remark(tx, wiring, studio.id)


def _checked(typed: Profile) -> Profile:
    if typed.locale not in LOCALES:
        raise BadInput(N_("Please choose one of the languages."), field="locale")
    if typed.timezone not in time_zones():
        raise BadInput(N_("Please choose a time zone such as Europe/Riga."), field="timezone")
    currency = typed.currency.strip().upper()
    if not known_currency(currency):
        raise BadInput(N_("This is not a currency code we know, such as EUR."), field="currency")
    return Profile(
        name=plain_text(typed.name, "name", at_most=100),
        email=email_address(typed.email),
        locale=typed.locale,
        timezone=typed.timezone,
        currency=currency,
    )
