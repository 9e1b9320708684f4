"""A studio's own words for an e-mail: plain text with names in braces, such as ``{client}``, in place of ours.

The names that a kind knows stand in the first line of ``templates/<kind>.txt``; those with a question mark have no value now
and then, and a line that asks for one of them is then left out. There is nothing else to it: no conditions, no code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from service.db import Tx
from service.errors import BadInput
from service.kit.translate import N_
from service.notify import repository
from service.notify.render import FOLDER, LONGEST_SUBJECT, one_line, render_message

KINDS = {
    "ready": N_("The work is ready to view"),
    "reminder_polite": N_("Reminder, polite"),
    "reminder_firm": N_("Reminder, firm"),
    "reminder_formal": N_("Reminder, formal"),
    "paid_client": N_("Payment received"),
    "released": N_("The originals can be downloaded"),
}
"""The kinds that a studio may word itself: those that go to its clients."""
MUST_HAVE = {"ready": "link", "released": "link"}
"""Without it the e-mail would be of no use."""
MAX_BODY = 5000
_NAME = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Names:
    """The names that a kind of message knows: those that always have a value, and those that may have none."""

    always: tuple[str, ...]
    sometimes: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return self.always + self.sometimes


@cache
def names_of(kind: str) -> Names:
    """Read from the comment at the head of the kind's template."""
    head = (FOLDER / f"{kind}.txt").read_text().partition("\n")[0].strip("{}# ")
    listed = [name.strip() for name in head.replace(";", ",").split(",") if name.strip()]
    return Names(
        tuple(name for name in listed if not name.endswith("?")),
        tuple(name[:-1] for name in listed if name.endswith("?")),
    )


class _Days(int):
    """A number that shows as its name in braces: which plural form our own text takes hangs on the number."""

    def __str__(self) -> str:
        return "{days}"


def ours(kind: str, locale: str) -> tuple[str, str]:
    """Our own subject and body of this kind, with names in braces: what a studio begins with."""
    values: dict[str, object] = {name: f"{{{name}}}" for name in names_of(kind).all}
    if "days" in values:
        values["days"] = _Days(30)
    return render_message(kind, locale, values)


def check_text(kind: str, subject: str, body: str) -> None:
    """Raises BadInput, with the field, for a name that this kind does not know, and for words that are missing or too long."""
    for field, text, most in (("subject", subject, LONGEST_SUBJECT), ("body", body, MAX_BODY)):
        if not text.strip():
            raise BadInput(N_("Please fill this in."), field=field, code="missing")
        if len(text) > most:
            raise BadInput(N_("Please keep this to %(count)s characters or fewer."), field=field, count=most)
        unknown = [name for name in _NAME.findall(text) if name not in names_of(kind).all]
        if unknown:
            raise BadInput(
                N_("This e-mail does not know {%(name)s}. The names it knows are listed below."),
                field=field,
                name=unknown[0],
            )
    needed = MUST_HAVE.get(kind)
    if needed and needed not in _NAME.findall(body):
        raise BadInput(N_("Leave {%(name)s} in the text: the client needs it."), field="body", name=needed)


def fill(kind: str, subject: str, body: str, values: Mapping[str, object]) -> tuple[str, str]:
    """(subject, body) with values for the names. Every value is one line; a name without a value takes its line with it, and
    in the subject is nothing."""
    given = {name: one_line(str(values[name])) for name in names_of(kind).all if values.get(name) not in (None, "")}

    def put(text: str) -> str:
        return _NAME.sub(lambda found: given.get(found[1], ""), text)

    kept = [line for line in body.splitlines() if all(name in given for name in _NAME.findall(line))]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(put(line) for line in kept)).strip() + "\n"
    return one_line(put(subject))[:LONGEST_SUBJECT], text


def written(tx: Tx, studio_id: str, kind: str, locale: str, values: Mapping[str, object]) -> tuple[str, str]:
    """(subject, body) of a message: in the studio's own words where it has some for this kind and language, else in ours."""
    own = repository.text_of(tx, studio_id, kind, locale) if kind in KINDS else None
    if own is None:
        return render_message(kind, locale, dict(values))
    return fill(kind, own.subject, own.body, values)
