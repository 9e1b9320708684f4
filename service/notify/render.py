"""Messages as plain text: ``templates/<kind>.txt``, whose first line is the subject, in the reader's language."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.kit import translate

FOLDER = Path(__file__).parent / "templates"
_SUBJECT = "Subject:"
LONGEST_SUBJECT = 200


@cache
def environment() -> Environment:
    """Plain text, so nothing is escaped for HTML. StrictUndefined: a value that a template needs must be given."""
    env = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=False,  # noqa: S701 - text/plain
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(translate._, translate.ngettext, newstyle=True)  # type: ignore[attr-defined]
    return env


def render_message(kind: str, locale: str, values: dict[str, object]) -> tuple[str, str]:
    """(subject, body) of a message. The subject is one line whatever the values hold."""
    with translate.using(locale):
        text = environment().get_template(f"{kind}.txt").render(**{k: _tidy(v) for k, v in values.items()})
    first, _, body = text.partition("\n")
    if not first.startswith(_SUBJECT):
        raise ValueError(f"notify/templates/{kind}.txt must begin with {_SUBJECT!r}")
    return one_line(first[len(_SUBJECT) :])[:LONGEST_SUBJECT], body.strip() + "\n"


def _tidy(value: object) -> object:
    """Values are names, amounts and addresses: one line each, so that none can begin a header or forge a paragraph."""
    return one_line(value) if isinstance(value, str) else value


def one_line(text: str) -> str:
    """The text without line breaks, control and direction-changing characters."""
    spaced = "".join(" " if c.isspace() else c for c in text)
    return " ".join("".join(c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf"}).split())
