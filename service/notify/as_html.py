"""A message's text as HTML, for mail programs that prefer it: the same words, the first address as a button.

Made from the stored text when the message leaves, so that the two can never say different things. MJML writes the
tables that old mail programs need; nothing is loaded from anywhere, and colours follow the reader's light or dark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from mjml import mjml2html

from service.kit import translate
from service.kit.translate import N_
from service.notify.models import OutboxMessage

FOLDER = Path(__file__).parent / "templates"
_ADDRESS = re.compile(r"https?://\S+")
_BUTTONS = {
    "ready": N_("Look at the previews"),
    "reminder_polite": N_("See the previews and pay"),
    "reminder_firm": N_("See the previews and pay"),
    "reminder_formal": N_("See the previews and pay"),
    "released": N_("Download the original files"),
    "released_part": N_("Download the original files"),
    "sign_in": N_("Sign in"),
    "email_change": N_("Confirm the address"),
}
_OTHER_BUTTON = N_("Open the page")


@dataclass(frozen=True)
class Part:
    """A paragraph: its lines, or the address that it consists of."""

    lines: tuple[str, ...] = ()
    address: str = ""
    leads: bool = False
    """The first address of the message: it gets the button."""


def as_html(row: OutboxMessage) -> str:
    """The whole HTML document for a row of the outbox."""
    with translate.using(row.locale):
        button = translate._(_BUTTONS.get(row.kind, _OTHER_BUTTON))
        source = _environment().get_template("layout.mjml")
        made: str = mjml2html(source.render(subject=row.subject, parts=parts_of(row.body), button=button))
    # MJML does not know the language; screen readers choose their voice by it.
    return made.replace('lang="und"', f'lang="{row.locale}"')


def parts_of(body: str) -> list[Part]:
    """The text's paragraphs, which blank lines part."""
    found: list[Part] = []
    for paragraph in re.split(r"\n\s*\n", body.strip()):
        if _ADDRESS.fullmatch(paragraph.strip()):
            found.append(Part(address=paragraph.strip(), leads=not any(part.address for part in found)))
        else:
            found.append(Part(lines=tuple(line.strip() for line in paragraph.splitlines() if line.strip())))
    return found


@cache
def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,  # MJML is XML: its escapes are HTML's
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(translate._, translate.ngettext, newstyle=True)  # type: ignore[attr-defined]
    return env
