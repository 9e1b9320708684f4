"""A new studio with its first member."""

from __future__ import annotations

from service.accounts import repository
from service.accounts.email_address import email_address
from service.accounts.models import Member, Studio
from service.accounts.plain_text import plain_text
from service.accounts.who import Who
from service.audit.record import SYSTEM, record
from service.db import Tx
from service.errors import Conflict
from service.kit.ids import new_id
from service.kit.translate import N_, known
from service.wiring import Wiring


def create_studio(tx: Tx, wiring: Wiring, *, email: str, name: str = "", locale: str = "en") -> Who:
    """Makes a studio called ``name`` (empty: the address's first part) and its member with that e-mail address.
    Raises BadInput for an address or a name that cannot be used, Conflict when the address signs in already."""
    address = email_address(email)
    if repository.member_by_email(tx, address):
        raise Conflict(N_("Somebody signs in with this e-mail address already."), code="email_taken", field="email")
    now = wiring.clock()
    studio = Studio(
        id=new_id("stu"),
        name=plain_text(name or address.partition("@")[0], "studio", at_most=100),
        email=address,
        locale=known(locale),
        timezone="Europe/Riga" if known(locale) == "lv" else "UTC",
        created_at=now,
    )
    repository.add(tx, studio)
    member = Member(id=new_id("mem"), studio_id=studio.id, email=address, name="", locale=studio.locale, created_at=now)
    repository.add(tx, member)
    record(tx, wiring, studio.id, "studio.created", actor=SYSTEM, data={"member": member.id})
    return Who(member, studio)
