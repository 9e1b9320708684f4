"""The licence as a PDF: the terms that the client accepted, who accepted them and when, and which originals they are for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.accounts.models import Studio
from service.deliveries.models import Asset, Delivery
from service.kit.translate import _, shown_size, shown_time
from service.payments.sheet import SMALL, fact, heading, line, new_sheet
from service.shares.models import TermsAcceptance


@dataclass(frozen=True)
class Licensed:
    """What a licence says. ``originals`` are those that are released, in order."""

    studio: Studio
    delivery: Delivery
    acceptance: TermsAcceptance
    originals: Sequence[Asset]


def licence(licensed: Licensed) -> bytes:
    """The PDF, in the current locale; the terms stand as they were accepted, in their own language."""
    acceptance = licensed.acceptance
    pdf = new_sheet(_("Licence"), licensed.studio.name, acceptance.at)
    for label, value in (
        (_("Given by"), licensed.studio.name),
        (_("Given to"), licensed.delivery.client_name),
        (_("For"), licensed.delivery.title),
        (_("Accepted by"), acceptance.name),
        (_("Accepted on"), shown_time(acceptance.at, licensed.studio.timezone)),
    ):
        fact(pdf, label, value)
    heading(pdf, _("The terms, as they were accepted"))
    line(pdf, acceptance.text, size=SMALL, height=5)
    line(pdf, f"SHA-256 {acceptance.text_sha256}", size=SMALL, height=7)
    heading(pdf, _("The originals that they are for"))
    for asset in licensed.originals:
        line(pdf, f"{asset.filename} · {shown_size(asset.size)}\nSHA-256 {asset.sha256}", size=SMALL, height=5)
    return bytes(pdf.output())
