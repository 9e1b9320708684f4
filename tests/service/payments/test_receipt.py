"""The receipt: read back from the PDF by another library, in both languages; none until all is paid."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, share_path


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client, "Studija Kāpa")


def _words(content: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", ["Receipt", "Payments received", "March 2, 2026", "€100.10", "€349.90", "€450.00"]),
        ("ru", ["Квитанция", "Полученные платежи", "2 марта 2026", "100,10", "349,90", "450,00", "Условия и лицензия"]),
        ("lv", ["Kvīts", "Saņemtie maksājumi", "2026. gada 2. marts", "100,10", "349,90", "450,00"]),
    ],
)
def test_a_receipt_says_who_paid_whom_what_for_and_when(
    studio: StudioActor, client: TestClient, locale: str, said: list[str]
) -> None:
    made = studio.delivery(locale=locale, terms=True)
    path = share_path(studio.link(made["id"]))
    studio.page("POST", f"{path}/terms")
    studio.pay(made["id"], "100.10")
    assert client.get(f"{path}/receipt.pdf").status_code in {403, 404}
    studio.pay(made["id"], "349.90")
    answer = studio.page("GET", f"{path}/receipt.pdf", headers={"Accept-Language": locale})
    assert answer.headers["content-type"] == "application/pdf"
    words = _words(answer.content)
    for text in [*said, "Studija Kāpa", "Anna Bērziņa", "Kāzu fotogrāfijas", made["reference"], "LV80 BANK 0000"]:
        assert text in words, text
    fonts = {str(f["/BaseFont"]) for p in PdfReader(io.BytesIO(answer.content)).pages for f in _fonts(p)}
    assert fonts and all("DejaVu" in name for name in fonts)


def _fonts(page: object) -> list[dict[str, object]]:
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]


def test_a_reversed_payment_takes_the_receipt_with_it(studio: StudioActor, client: TestClient) -> None:
    delivery = studio.delivery()["id"]
    path = share_path(studio.link(delivery))
    payment = studio.pay(delivery).json()["payment"]["id"]
    assert client.get(f"{path}/receipt.pdf").status_code == 200
    studio.api("POST", f"/payments/{payment}/reverse", json={"reason": "bounced"})
    assert client.get(f"{path}/receipt.pdf").status_code == 404


def test_what_was_waived_has_no_receipt(studio: StudioActor, client: TestClient) -> None:
    delivery = studio.delivery()["id"]
    path = share_path(studio.link(delivery))
    studio.api("POST", f"/deliveries/{delivery}/release", json={"reason": "a gift"})
    assert client.get(f"{path}/receipt.pdf").status_code == 404
