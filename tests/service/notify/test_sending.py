"""From the outbox to a real mail server: what leaves, what is tried again, what is given up."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from service.notify.compose import compose
from service.notify.models import OutboxMessage
from service.notify.outbox import send
from service.wiring import Wiring
from tests.actors import StudioActor, work
from tests.conftest import MovableClock
from tests.service.notify.conftest import with_mail

Write = Callable[..., OutboxMessage]
RowOf = Callable[[OutboxMessage], OutboxMessage]


def test_a_message_leaves_as_it_was_written(posting: Wiring, post: Any, studio: StudioActor, row_of: RowOf) -> None:
    with posting.db.write() as tx:
        row = send(
            tx,
            posting,
            studio_id=studio.studio_id,
            kind="released",
            recipient="anna@example.com",
            locale="en",
            reply_to="ilze@studio.example",
            studio="Foto Ozols",
            title="Kāzu fotogrāfijas",
            link="http://testserver/s/abc",
            days=30,
        )
    work(posting)
    [message] = post.received
    assert message["Subject"] == "Foto Ozols: the original files of “Kāzu fotogrāfijas” are yours to download"
    assert message["To"] == "anna@example.com"
    assert message["Reply-To"] == "ilze@studio.example"
    assert message["From"] == posting.settings.mail.sender
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == f"<{row.id}@testserver>"
    assert parsedate_to_datetime(message["Date"]) == row.created_at
    assert message.get_content_type() == "multipart/alternative"
    for kind in ("plain", "html"):
        assert "http://testserver/s/abc" in message.get_body((kind,)).get_content()
    assert post.envelopes[0].rcpt_tos == ["anna@example.com"]
    assert (row_of(row).state, row_of(row).attempts) == ("sent", 1)
    assert row_of(row).sent_at == posting.clock()


def test_what_was_rolled_back_is_never_sent(posting: Wiring, post: Any, studio: StudioActor) -> None:
    with pytest.raises(KeyError), posting.db.write() as tx:
        send(
            tx,
            posting,
            studio_id=studio.studio_id,
            kind="released_studio",
            recipient="a@b.lv",
            locale="en",
            title="t",
            client="c",
        )
        raise KeyError
    work(posting)
    assert post.received == []


def test_a_message_sent_twice_is_recognisable_as_one(posting: Wiring, write: Write) -> None:
    """A worker may die between the server's answer and writing it down."""
    row = write()
    first, second = compose(row, posting.settings), compose(row, posting.settings)
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes() == second.as_bytes()


def test_what_was_sent_is_not_sent_by_a_second_job(posting: Wiring, post: Any, write: Write) -> None:
    row = write()
    work(posting)
    with posting.db.write() as tx:
        posting.queue.enqueue(tx, "notify.send", {"studio_id": row.studio_id, "message_id": row.id})
    work(posting)
    assert len(post.received) == 1


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_passing_refusal_is_tried_again_later(
    posting: Wiring, post: Any, write: Write, row_of: RowOf, clock: MovableClock, command: str
) -> None:
    post.answers[command] = ["451 greylisted, come back"]
    row = write()
    work(posting)
    assert row_of(row).state == "waiting"
    assert "451: greylisted" in row_of(row).error
    work(posting)
    assert post.received == [], "not before its time"
    clock.move(minutes=1)
    work(posting)
    assert (row_of(row).state, row_of(row).attempts, row_of(row).error) == ("sent", 2, "")
    assert posting.queue.counts()["dead"] == 0


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_final_refusal_is_not_tried_again(
    posting: Wiring, post: Any, write: Write, row_of: RowOf, clock: MovableClock, command: str
) -> None:
    post.answers[command] = ["550 no such mailbox"]
    row = write()
    work(posting)
    assert row_of(row).state == "failed"
    assert "550: no such mailbox" in row_of(row).error
    clock.move(days=3)
    work(posting)
    assert post.received == []


def test_a_server_that_is_away_for_a_day_loses_nothing(
    wiring: Wiring, post: Any, write: Write, row_of: RowOf, clock: MovableClock
) -> None:
    with_mail(wiring, "smtp://127.0.0.1:1")
    row = write()
    for _ in range(24):
        work(wiring)
        clock.move(hours=1)
    assert row_of(row).state == "waiting"
    assert "could not be reached" in row_of(row).error
    wiring.__dict__.pop("channel")
    with_mail(wiring, f"smtp://127.0.0.1:{post.port}")
    clock.move(hours=4)
    work(wiring)
    assert row_of(row).state == "sent"
    assert len(post.received) == 1


def test_after_two_days_it_is_given_up_and_can_be_sent_again(
    wiring: Wiring, write: Write, row_of: RowOf, clock: MovableClock
) -> None:
    with_mail(wiring, "smtp://127.0.0.1:1")
    row = write()
    for _ in range(20):
        work(wiring)
        clock.move(hours=4)
    assert row_of(row).state == "failed"
    assert wiring.queue.counts()["waiting"] == 0


def test_an_address_that_is_none_fails_in_the_row_and_not_in_the_request(
    posting: Wiring, post: Any, write: Write, row_of: RowOf
) -> None:
    rows = [write(recipient=bad) for bad in ("", "anna", "a@b.lv\r\nBcc: all@b.lv", "anna@", f"{'a' * 300}@b.lv")]
    work(posting)
    assert [row_of(row).state for row in rows] == ["failed"] * 5
    assert post.received == []
    assert all("\n" not in row_of(row).recipient for row in rows)


def test_no_value_can_add_a_header(posting: Wiring, post: Any, write: Write) -> None:
    write(title="Kāzas\r\nBcc: all@b.lv\r\n\r\nforged", client="Anna\nX-Evil: 1\u2028Y: 2")
    work(posting)
    [message] = post.received
    assert message["Bcc"] is None
    assert message["X-Evil"] is None
    assert "Kāzas Bcc: all@b.lv forged" in message["Subject"]


def test_an_address_in_another_script_gets_its_ascii_domain(posting: Wiring, post: Any, write: Write) -> None:
    write(recipient="anna@rīga.lv")
    work(posting)
    assert post.envelopes[0].rcpt_tos == ["anna@xn--rga-uta.lv"]


def test_signing_in_texts_are_not_kept_once_they_left(posting: Wiring, post: Any, write: Write, row_of: RowOf) -> None:
    row = write(kind="sign_in", link="http://testserver/sign-in/SECRET", minutes=15)
    work(posting)
    assert "SECRET" in post.received[0].get_body(("plain",)).get_content()
    assert "SECRET" not in row_of(row).body


def test_signing_in_goes_before_other_mail(posting: Wiring, post: Any, write: Write) -> None:
    write()
    write(kind="sign_in", link="http://testserver/sign-in/x", minutes=15)
    work(posting)
    assert post.received[0]["Subject"] == "Your sign-in link for Tillpaid"


def test_the_server_really_judges(post: Any) -> None:
    """The server of these tests refuses when told to: seen with a plain client."""
    post.answers["RCPT"] = ["550 no"]
    with smtplib.SMTP("127.0.0.1", post.port) as plain, pytest.raises(smtplib.SMTPRecipientsRefused):
        plain.sendmail("a@b.lv", ["c@d.lv"], "hello")
