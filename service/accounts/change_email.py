"""Changing a member's e-mail address: asked for here, done when the link sent to the new address is used."""

from __future__ import annotations

from datetime import timedelta

from service.accounts import repository
from service.accounts.ask_link import MINUTES, tell_terminal
from service.accounts.email_address import email_address
from service.accounts.issue_link import issue_link
from service.accounts.prove import recently_proved
from service.accounts.who import Who
from service.db import Tx
from service.errors import BadInput
from service.kit.translate import N_
from service.notify.outbox import send
from service.throttle.throttle import throttle
from service.wiring import Wiring


def ask_new_email(tx: Tx, wiring: Wiring, who: Who, email: str) -> None:
    """Sends a confirming link to the new address; the old one stays until that is used. Whether somebody else has
    the address is not told. Raises Forbidden (prove again), TooManyRequests, BadInput."""
    recently_proved(who, wiring.clock())
    throttle(tx, wiring, "new_email", who.member.id, limit=5, window=timedelta(hours=1))
    address = email_address(email)
    if address == who.member.email:
        raise BadInput(N_("This is your address already."), field="email", code="same_email")
    if repository.member_by_email(tx, address):
        return
    link = issue_link(
        tx, wiring, member_id=who.member.id, purpose="new_email", new_email=address, next_path="/settings/account"
    )
    send(
        tx,
        wiring,
        studio_id=who.studio.id,
        kind="email_change",
        recipient=address,
        locale=who.member.locale,
        link=link,
        minutes=MINUTES,
    )
    tell_terminal(wiring, link)
