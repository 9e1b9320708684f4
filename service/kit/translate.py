"""Languages: gettext catalogues read from .po files at the start, and the locale of the work at hand.

Catalogues lie in ``service/locale/<locale>/LC_MESSAGES/messages.po``; English is the message ids themselves.
Plural forms follow each catalogue's Plural-Forms header (CLDR rules). The current locale is a context
variable, so that a request, a job and a test each have their own. It holds a one-item list: a worker thread
works in a copy of its request's context, and what a dependency says there must still hold for the endpoint.
"""

from __future__ import annotations

import gettext as gettext_module
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_datetime_format
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LOCALES = ("en", "lv", "ru")
"""The one list of languages, in the order they are offered in. CONTRIBUTING says how to add one."""
DEFAULT = "en"
_FOLDER = Path(__file__).parent.parent / "locale"
_current: ContextVar[list[str] | None] = ContextVar("locale", default=None)


@cache
def catalogue(locale: str) -> gettext_module.NullTranslations:
    """The translations for ``locale``; English, or an unknown locale, gives the message ids back."""
    path = _FOLDER / locale / "LC_MESSAGES" / "messages.po"
    if locale not in LOCALES or not path.is_file():
        return gettext_module.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=locale))
    compiled.seek(0)
    return gettext_module.GNUTranslations(compiled)


def current() -> str:
    """The locale of the work at hand."""
    holder = _current.get()
    return holder[0] if holder else DEFAULT


def spoken() -> Locale:
    """The locale of the work at hand, for Babel."""
    return _parsed(current())


@cache
def _parsed(locale: str) -> Locale:
    return Locale.parse(locale)


def begin(locale: str) -> None:
    """Gives this context (a request's) a locale of its own."""
    _current.set([known(locale)])


def use(locale: str) -> None:
    """Makes ``locale`` current for the rest of this request, in all its threads."""
    holder = _current.get()
    if holder is None:
        begin(locale)
    else:
        holder[0] = known(locale)


@contextmanager
def using(locale: str) -> Iterator[None]:
    """Makes ``locale`` current inside the block."""
    token = _current.set([known(locale)])
    try:
        yield
    finally:
        _current.reset(token)


def known(locale: str | None) -> str:
    """``locale`` if we speak it, else English."""
    return locale if locale in LOCALES else DEFAULT


def best_of(accept_language: str) -> str | None:
    """The first language of an Accept-Language header that we speak, by its weights; None if there is none."""
    weighted = []
    for part in accept_language.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((float(weight or 1), tag.split("-")[0].lower()))
        except ValueError:
            continue
    ordered = sorted(weighted, key=lambda pair: -pair[0])
    return next((tag for weight, tag in ordered if weight > 0 and tag in LOCALES), None)


def _(message: str) -> str:
    """``message`` in the current locale."""
    return catalogue(current()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The plural form that the current locale wants for ``count``."""
    return catalogue(current()).ngettext(singular, plural, count)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, translate later"
    """Marks a message for extraction where it is translated later."""
    return message


def shown_date(value: date) -> str:
    """A date as people in the current locale write it."""
    return str(format_date(value, format="long", locale=spoken()))


def shown_time(value: datetime, zone: str = "UTC") -> str:
    """A moment in ``zone`` as people in the current locale write it: to the minute, for nobody reads seconds."""
    there, locale = value.astimezone(ZoneInfo(zone)), spoken()
    parts = format_time(there, "short", locale=locale), format_date(there, "medium", locale=locale)
    return str(get_datetime_format("medium", locale=locale)).replace("'", "").format(*parts)


def shown_number(value: int | float) -> str:
    return str(format_decimal(value, locale=spoken()))


def shown_size(count: int) -> str:
    """Bytes in the unit people say: 20.4 MB. Powers of 1000, as file managers show them."""
    value, units, step = float(count), _("B kB MB GB TB").split(), 0
    while value >= 1000 and step < len(units) - 1:
        value, step = value / 1000, step + 1
    pattern = "#,##0" if step == 0 or value >= 100 else "#,##0.0"
    return f"{format_decimal(value, format=pattern, locale=spoken())}\u00a0{units[step]}"


def language_name(locale: str) -> str:
    """The language's own name for itself: English, Latviešu, Русский."""
    return str(Locale.parse(locale).get_display_name(locale)).capitalize()


def language_options() -> list[tuple[str, str]]:
    """The languages we speak as (locale, its own name for itself), for a form."""
    return [(locale, language_name(locale)) for locale in LOCALES]
