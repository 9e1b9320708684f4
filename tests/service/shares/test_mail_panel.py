"""What the delivery's page says of e-mail to the client: never that something left which stayed here."""

from __future__ import annotations

import pytest

from service.audit.models import AuditEvent
from service.notify.models import OutboxMessage
from service.wiring import Wiring
from tests.actors import work
from tests.conftest import resettled
from tests.service.shares.conftest import Shares

STAYED = "did not leave"
FAILED = "did not get through"


def announced(shares: Shares) -> tuple[str, str]:
    """A delivery whose link was asked to be e-mailed; its page's path and the words of the answer."""
    delivery = shares.delivery()
    path = f"/deliveries/{delivery.id}"
    answer = shares.studio.page("POST", f"{path}/links", data={"name": "Anna", "announce": "yes"})
    flash = f"{shares.studio.cookie_header['Cookie']}; tillpaid_flash={answer.cookies['tillpaid_flash']}"
    return path, shares.studio.page("GET", path, headers={"Cookie": flash}).text


def test_without_a_mail_server_nothing_is_said_to_be_on_its_way(shares: Shares, wiring: Wiring) -> None:
    path, said = announced(shares)
    assert "copy it and send it yourself" in said and "on its way" not in said
    work(wiring)
    assert STAYED in shares.studio.page("GET", path).text
    [issued] = [event for event in shares.all(AuditEvent) if event.kind == "link.issued"]
    assert '"sent_to":null' in issued.data


def test_with_a_mail_server_it_is_on_its_way(shares: Shares, wiring: Wiring) -> None:
    wiring.settings = resettled(wiring, TILLPAID_SMTP_URL="smtp://127.0.0.1:1")
    path, said = announced(shares)
    assert "on its way by e-mail" in said
    assert STAYED not in shares.studio.page("GET", path).text


@pytest.mark.parametrize(("state", "said"), [("failed", FAILED), ("kept", STAYED), ("sent", ""), ("waiting", "")])
def test_only_the_last_one_to_the_client_counts(shares: Shares, state: str, said: str) -> None:
    path, _said = announced(shares)
    [first] = shares.all(OutboxMessage)
    shares.set(OutboxMessage, first.id, state=state)
    page = shares.studio.page("GET", path).text
    assert [words for words in (FAILED, STAYED) if words in page] == ([said] if said else [])
    shares.set(OutboxMessage, first.id, recipient=shares.studio.email)
    page = shares.studio.page("GET", path).text
    assert FAILED not in page and STAYED not in page, "what went to the studio itself is not the client's"
