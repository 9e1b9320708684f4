"""Using a one-time link. Looking never consumes it (mail scanners look); only the button's POST does, once."""

from __future__ import annotations

from dataclasses import dataclass

from service.accounts import repository
from service.accounts.create_studio import create_studio
from service.accounts.models import Member, SignInLink
from service.accounts.sessions import end_other_sessions, start_session
from service.accounts.who import Who, secret_hash
from service.audit.record import record
from service.db import Tx
from service.errors import Conflict, Forbidden, Gone
from service.kit.translate import N_
from service.notify.outbox import send
from service.wiring import Wiring


@dataclass(frozen=True)
class SignedInBy:
    """The fresh session's secret, for the cookie; what kind of link it was; where to go next (a path of ours)."""

    secret: str
    purpose: str
    next_path: str


def look_at_link(tx: Tx, wiring: Wiring, secret: str) -> tuple[SignInLink, Member | None]:
    """The open link with that secret and whose it is (None on the first run). Raises Gone; changes nothing."""
    return _open(tx, wiring, repository.peek_link(tx, secret_hash(secret)))


@dataclass(frozen=True)
class FirstRun:
    """What the first person says about their studio."""

    email: str = ""
    studio_name: str = ""
    locale: str = "en"


def use_link(
    tx: Tx, wiring: Wiring, secret: str, *, agent: str, who: Who | None, first_run: FirstRun = FirstRun()
) -> SignedInBy:
    """Consumes the link (its row is locked: of two at once, one wins) and signs in with a new session; the browser's
    present session, ``who``, ends. Raises Gone, and BadInput, Conflict or Forbidden with the link still whole."""
    link, member = _open(tx, wiring, repository.sign_in_link_by_secret(tx, secret_hash(secret)))
    if member is None:
        member = create_studio(
            tx, wiring, email=first_run.email, name=first_run.studio_name, locale=first_run.locale
        ).member
    elif link.purpose == "new_email":
        _change_address(tx, wiring, member, link.new_email, who)
    link.used_at = now = wiring.clock()
    if who is not None and who.session is not None:
        who.session.ended_at = now
    return SignedInBy(start_session(tx, wiring, member, agent=agent), link.purpose, link.next_path)


def _open(tx: Tx, wiring: Wiring, link: SignInLink | None) -> tuple[SignInLink, Member | None]:
    over = Gone(
        N_("This sign-in link was used already or is too old. Please ask for a new one."),
        code="sign_in_link_over",
        commit=True,  # the try stays counted
    )
    if link is None or link.used_at is not None or link.expires_at <= wiring.clock():
        raise over
    if link.member_id is not None:
        return link, repository.member(tx, link.member_id)
    if repository.any_member(tx):
        raise over
    return link, None


def _change_address(tx: Tx, wiring: Wiring, member: Member, new_email: str, who: Who | None) -> None:
    """Only in a browser that is signed in as this member: a mistyped address must not hand the account to a
    stranger. All other browsers are signed out, links to the old mailbox end, and the old mailbox is told."""
    if who is None or who.member.id != member.id:
        raise Forbidden(
            N_("Please sign in here with your present address first, then open the link again."), code="sign_in_first"
        )
    if repository.member_by_email(tx, new_email):
        raise Conflict(N_("Somebody signs in with this e-mail address already."), code="email_taken", field="email")
    old, member.email = member.email, new_email
    if who.studio.email == old:
        who.studio.email = new_email
    end_other_sessions(tx, wiring, who)
    repository.void_links(tx, member.id, "sign_in", wiring.clock())
    record(tx, wiring, who.studio.id, "member.email_changed", actor=who.actor)
    send(
        tx,
        wiring,
        studio_id=who.studio.id,
        kind="email_changed",
        recipient=old,
        locale=member.locale,
        new_email=new_email,
    )
