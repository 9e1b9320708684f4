"""Asking for a sign-in link by e-mail. The answer never tells whether the address is known."""

from __future__ import annotations

from datetime import timedelta

import click

from service.accounts import repository
from service.accounts.email_address import email_address
from service.accounts.issue_link import LINK_LIVES, issue_link
from service.accounts.models import Member
from service.db import Tx
from service.notify.outbox import send
from service.throttle.throttle import throttle
from service.wiring import Wiring

MINUTES = int(LINK_LIVES.total_seconds()) // 60
WINDOW = timedelta(minutes=20)
PER_EMAIL = 5
PER_ADDRESS = 20


def ask_link(tx: Tx, wiring: Wiring, *, email: str, caller: str, next_path: str) -> None:
    """Sends a link to ``email`` if a member has that address, and does nothing visible otherwise. Counts by the
    caller's address and by e-mail, known or not, first; raises TooManyRequests and BadInput alike for both."""
    throttle(tx, wiring, "sign_in.address", caller, limit=PER_ADDRESS, window=WINDOW)
    address = email_address(email)
    throttle(tx, wiring, "sign_in.email", address, limit=PER_EMAIL, window=WINDOW)
    member = repository.member_by_email(tx, address)
    if member is not None:
        send_link(tx, wiring, member, next_path)


def send_link(tx: Tx, wiring: Wiring, member: Member, next_path: str) -> None:
    """Writes a fresh sign-in link to the member's own mailbox."""
    link = issue_link(tx, wiring, member_id=member.id, next_path=next_path)
    send(
        tx,
        wiring,
        studio_id=member.studio_id,
        kind="sign_in",
        recipient=member.email,
        locale=member.locale,
        link=link,
        minutes=MINUTES,
    )
    tell_terminal(wiring, link)


def tell_terminal(wiring: Wiring, link: str) -> None:
    """Where no e-mail leaves, the link is printed where the server runs: whoever reads that owns the files anyway,
    and a person alone on their own machine must not be shut out."""
    if not wiring.settings.mail.smtp_url:
        click.echo(f"No e-mail is set up, so here is the link (works once, within {MINUTES} minutes): {link}")
