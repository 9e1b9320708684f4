"""A delivery's history in plain words."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from service.audit.models import AuditEvent
from service.kit.money import Money
from service.kit.translate import N_, _, current, ngettext, shown_date

WORDS = {
    "delivery.begun": N_("Delivery begun."),
    "delivery.created": N_("Delivery agreed: %(amount)s."),
    "delivery.changed": N_("The delivery's details were changed."),
    "delivery.sent": N_("Sent to the client. The originals are held until payment."),
    "delivery.withdrawn": N_("Delivery withdrawn. Its links open nothing any more."),
    "asset.added": N_("%(name)s was added."),
    "asset.replaced": N_("%(name)s came as version %(version)s."),
    "asset.removed": N_("%(name)s was taken out."),
    "asset.restored": N_("%(name)s was put back."),
    "delivery.deleted": N_("Delivery deleted."),
    "delivery.restored": N_("Delivery brought back."),
    "link.issued": N_("A link was made for %(name)s."),
    "link.revoked": N_("The link for %(name)s was revoked."),
    "link.first_viewed": N_("%(name)s looked at the previews for the first time."),
    "terms.accepted": N_("%(name)s accepted the terms."),
    "work.approved": N_("%(name)s approved the work. %(what)s"),
    "changes.requested": N_("%(name)s asked for changes. %(what)s"),
    "comment.added": N_("%(name)s commented on %(what)s."),
    "selection.agreed": N_("The client may choose at most %(at_most)s."),
    "reminder.sent": N_("A reminder was sent to %(to)s."),
    "reminder.planned": N_("A reminder was planned for %(day)s."),
    "reminder.paused": N_("The planned reminder was paused."),
    "reminder.resumed": N_("The planned reminder goes on."),
    "payment.announced": N_("%(name)s says the payment is on its way."),
    "payment.received": N_("Payment recorded: %(amount)s."),
    "payment.reversed": N_("A payment was reversed: %(reason)s"),
    "instalments.agreed": N_("Payment in parts was agreed."),
    "instalments.dropped": N_("It is paid in one sum again."),
    "release.part_made": N_("What part %(number)s of the payment opens was released."),
    "release.made": N_("The originals were released."),
    "release.ended": N_("The originals are held again: %(reason)s"),
    "grant.renewed": N_("Downloads were opened for longer."),
    "picture.traced": N_("A found picture was traced to the link for %(name)s."),
    "download.started": N_("A download began."),
}


ADDED = "asset.added"
KEPT = N_("A reminder to %(to)s was written. No mail server is set up here, so it did not leave.")
"""What a reminder's event says where e-mail stays on the machine."""


@dataclass(frozen=True)
class Told:
    """One line of the history. ``by``: studio | client | system."""

    at: datetime
    text: str
    by: str


def tell(events: list[AuditEvent], earlier: int = 0) -> list[Told]:
    """The events that have words, in the order given, in the current locale; files that came one after the other are one
    line. ``earlier`` is how many more of the last line's files came before the first event given."""
    lines: list[Told] = []
    runs = [list(run) for _key, run in groupby((e for e in events if e.kind in WORDS), _together)]
    for place, run in enumerate(runs, 1):
        count = len(run) + (earlier if place == len(runs) else 0)
        text = _sentence(run[0]) if count == 1 else _came(count)
        lines.append(Told(run[0].at, text, _by(run[0].actor)))
    return lines


def _together(event: AuditEvent) -> object:
    """Neighbours of which this is the same are told as one: files that one person added. Every other event stands alone."""
    return event.actor if event.kind == ADDED else event.seq


def _came(count: int) -> str:
    return ngettext("%(count)d file was added.", "%(count)d files were added.", count) % {"count": count}


def _sentence(event: AuditEvent) -> str:
    """Values that an event does not carry become a dash. A reason that we gave ourselves is a message of ours; what a
    person wrote stays as it is. Money and days are told as the reader writes them."""
    values: dict[str, object] = defaultdict(lambda: "–", json.loads(event.data))
    if values.get("reason"):
        values["reason"] = _(str(values["reason"]))
    if "amount" in values and "currency" in values:
        values["amount"] = Money.parse(str(values["amount"]), str(values["currency"])).shown(current())
    if "day" in values:
        values["day"] = shown_date(date.fromisoformat(str(values["day"])))
    return _(KEPT if values.get("kept") else WORDS[event.kind]) % values


def _by(actor: str) -> str:
    return {"member": "studio", "link": "client"}.get(actor.partition(":")[0], "system")
