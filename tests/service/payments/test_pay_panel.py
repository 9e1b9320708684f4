"""How to pay, as the client sees it: the QR code read back by another library, and the word that money is on its way."""

from __future__ import annotations

import io
import re
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from resvg_py import svg_to_bytes
from starlette.testclient import TestClient

from service.accounts.models import Studio
from service.kit.money import Money
from service.payments.models import PaymentNotice
from service.payments.qr import epc_qr
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, share_path
from tests.conftest import MovableClock

PAGE = {"Accept": "text/html"}


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client, "Studija Kāpa")


def _held(studio: StudioActor, amount: str = "450.00") -> tuple[str, str]:
    delivery = str(studio.delivery(amount=amount)["id"])
    return delivery, share_path(studio.link(delivery))


def _payee(**more: str) -> Studio:
    details = {"name": "Studija", "account_holder": "SIA Studija Kāpa", "iban": "LV80BANK0000435195001"}
    return Studio(**{**details, **more})


def _read(svg: str) -> str:
    """What OpenCV's detector reads in the drawing."""
    sized = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="720" ')
    picture = Image.open(io.BytesIO(bytes(svg_to_bytes(svg_string=sized)))).convert("L")
    text, _points, _straight = cv2.QRCodeDetector().detectAndDecode(np.asarray(picture))
    return str(text)


def _svg_in(page: str) -> str:
    found = re.search(r"<svg [^>]*qr-code.*?</svg>", page, re.S)
    assert found
    return found[0]


def test_the_qr_code_says_exactly_what_the_page_says(studio: StudioActor, client: TestClient) -> None:
    delivery, path = _held(studio)
    reference = studio.api("GET", f"/deliveries/{delivery}").json()["reference"]
    studio.pay(delivery, "100.10")
    page = client.get(path, headers=PAGE).text
    read = _read(_svg_in(page)).splitlines()
    assert read[:4] == ["BCD", "002", "1", "SCT"]
    assert read[5:10] == ["Studija Kāpa", "LV80BANK0000435195001", "EUR349.9", "", reference]
    for said in ("€349.90", 'data-copy="349.90"', 'data-copy="LV80BANK0000435195001"', f'data-copy="{reference}"'):
        assert said in page


@pytest.mark.parametrize(
    ("payee", "amount"),
    [
        (_payee(), Money(45000, "USD")),
        (_payee(), Money(0, "EUR")),
        (_payee(iban=""), Money(45000, "EUR")),
        (_payee(iban="LV81BANK0000435195001"), Money(45000, "EUR")),
        (_payee(), Money(10**12, "EUR")),
    ],
)
def test_where_no_code_can_be_right_there_is_none(payee: Studio, amount: Money) -> None:
    assert epc_qr(payee, amount, "RF62908512790") == ""


def test_a_long_name_is_cut_not_refused() -> None:
    assert "Ā" * 70 + "\n" in _read(epc_qr(_payee(account_holder="Ā" * 90), Money(1, "EUR"), "RF62908512790"))


def _say_sent(client: TestClient, path: str, times: int = 1) -> list[Any]:
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get(path, headers=PAGE).text)
    assert csrf
    return [client.post(f"{path}/payment-sent", data={"csrf": csrf[1]}, headers=PAGE) for _time in range(times)]


def _notices(wiring: Wiring) -> list[PaymentNotice]:
    with wiring.db.read() as tx:
        return list(tx.query(PaymentNotice).all())


def test_saying_that_it_was_sent_tells_the_studio_and_opens_nothing(
    studio: StudioActor, client: TestClient, wiring: Wiring, clock: MovableClock
) -> None:
    delivery, path = _held(studio)
    assert [answer.status_code for answer in _say_sent(client, path, times=2)] == [303, 303]
    assert studio.state(delivery) == "held"
    assert client.post(f"{path}/downloads").status_code == 404
    assert len(_notices(wiring)) == 1
    kinds = [e["kind"] for e in studio.api("GET", f"/deliveries/{delivery}/events").json()["items"]]
    assert kinds.count("payment.announced") == 1
    assert "You said on March 2, 2026 that the payment is on its way." in client.get(path, headers=PAGE).text
    assert "said on" in studio.page("GET", f"/deliveries/{delivery}").text
    assert "says the payment for" in studio.page("GET", "/outbox").text
    clock.move(days=1)
    studio.pay(delivery, "100.00")
    assert "said on" not in studio.page("GET", f"/deliveries/{delivery}").text
    clock.move(days=1)
    _say_sent(client, path)
    assert len(_notices(wiring)) == 2


def test_the_studios_own_visit_says_nothing(studio: StudioActor, client: TestClient, wiring: Wiring) -> None:
    _delivery, path = _held(studio)
    assert studio.page("POST", f"{path}/payment-sent").status_code == 303
    assert _notices(wiring) == []


def test_behind_a_passphrase_nothing_can_be_said(studio: StudioActor, client: TestClient, wiring: Wiring) -> None:
    delivery = studio.delivery()["id"]
    path = share_path(studio.link(delivery, passphrase="zaļā pļava 7"))
    page = client.get(path, headers=PAGE).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf
    assert client.post(f"{path}/payment-sent", data={"csrf": csrf[1]}, headers=PAGE).status_code == 403
    assert _notices(wiring) == []


@pytest.mark.parametrize(
    ("details", "asks", "warns"),
    [
        ({"iban": "", "payment_note": ""}, True, True),
        ({"iban": "", "payment_note": "By card at the desk"}, False, False),
        ({}, False, False),
    ],
)
def test_a_studio_that_said_no_way_to_pay_is_told_so(
    studio: StudioActor, client: TestClient, wiring: Wiring, details: dict[str, str], asks: bool, warns: bool
) -> None:
    """The client is told to ask; the studio, that its client sees no way to pay. A note in words is a way too."""
    delivery, path = _held(studio)
    with wiring.db.write() as tx:
        row = tx.get_one(Studio, studio.studio_id)
        for name, value in details.items():
            setattr(row, name, value)
    assert ("how they would like to be paid" in client.get(path, headers=PAGE).text) is asks
    assert ("not shown how to pay" in studio.page("GET", f"/deliveries/{delivery}").text) is warns
