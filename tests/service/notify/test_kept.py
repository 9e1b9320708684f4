"""Without a mail server, messages stay as files that any mail program opens."""

from __future__ import annotations

import stat
from collections.abc import Callable
from email import message_from_bytes, policy

from service.notify.models import OutboxMessage
from service.wiring import Wiring
from tests.actors import work

Write = Callable[..., OutboxMessage]
RowOf = Callable[[OutboxMessage], OutboxMessage]


def test_the_file_holds_the_whole_message(wiring: Wiring, write: Write, row_of: RowOf) -> None:
    row = write(kind="sign_in", link="http://testserver/sign-in/SECRET", minutes=15)
    work(wiring)
    path = wiring.settings.data_dir / "mail" / f"{row.id}.eml"
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message["To"] == "anna@example.com"
    assert "SECRET" in message.get_body(("plain",)).get_content()
    assert (row_of(row).state, row_of(row).body) == ("kept", "(not kept)")


def test_only_the_owner_may_read_it(wiring: Wiring, write: Write) -> None:
    row = write()
    work(wiring)
    folder = wiring.settings.data_dir / "mail"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / f"{row.id}.eml").stat().st_mode) == 0o600
    assert [p.name for p in folder.iterdir()] == [f"{row.id}.eml"]


def test_a_folder_that_cannot_be_made_is_tried_later(wiring: Wiring, write: Write, row_of: RowOf) -> None:
    wiring.settings.data_dir.mkdir(exist_ok=True)
    (wiring.settings.data_dir / "mail").write_text("in the way")
    row = write()
    work(wiring)
    assert row_of(row).state == "waiting"
    assert "could not be written" in row_of(row).error
