"""Terms, before the work is shown."""

from __future__ import annotations

import hashlib

import pytest
from starlette.testclient import TestClient

from service.deliveries.models import Delivery
from service.shares.models import TermsAcceptance
from tests.service.shares.conftest import JSON, PAGE, Shares, csrf_in

TERMS = "Pictures stay ours until paid.\n\nThen they are yours."
SHA = hashlib.sha256(TERMS.encode()).hexdigest()


def _accept(client: TestClient, path: str, **more: str) -> tuple[int, str]:
    token = csrf_in(client.get(path, headers=PAGE).text)
    data = {"csrf": token, "name": "Anna Bērziņa", "agreed": "yes", "text_sha256": SHA, **more}
    answer = client.post(f"{path}/terms", data=data, headers=PAGE)
    return answer.status_code, answer.text


def test_no_preview_is_shown_before_and_all_are_after(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery(ask_terms=True, terms_text=TERMS)
    asset = shares.asset(delivery, 1)
    path = shares.path(shares.link(delivery))
    before = client.get(path, headers=PAGE)
    assert before.status_code == 200
    assert "Then they are yours." in before.text
    assert "450.00" in before.text
    assert asset.id not in before.text
    for rest in (f"/previews/{asset.id}/1/480", f"/view/{asset.id}/1"):
        assert client.get(path + rest, headers=JSON).json()["code"] == "terms_needed"
    assert client.post(f"{path}/downloads", headers=JSON).json()["code"] == "terms_needed"
    assert client.get(path, headers=JSON).json()["code"] == "terms_needed"
    assert _accept(client, path)[0] == 303
    assert asset.id in client.get(path, headers=PAGE).text
    assert client.get(f"{path}/view/{asset.id}/1", headers=PAGE).status_code == 200


def test_who_when_and_which_text_are_kept_once(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery(ask_terms=True, terms_text=TERMS)
    link = shares.link(delivery)
    assert _accept(client, shares.path(link))[0] == 303
    [row] = shares.all(TermsAcceptance)
    assert (row.name, row.at, row.text, row.text_sha256) == ("Anna Bērziņa", shares.wiring.clock(), TERMS, SHA)
    assert row.link_id == link.id
    assert shares.events()[-1] == "terms.accepted"


def test_accepted_by_one_link_is_not_accepted_by_another(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery(ask_terms=True, terms_text=TERMS)
    one, two = shares.path(shares.link(delivery)), shares.path(shares.link(delivery, "Juris"))
    _accept(client, one)
    assert client.get(two, headers=JSON).status_code == 403


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"name": " "}, 422, "Please write your name."),
        ({"agreed": ""}, 422, "Please tick that you accept the terms."),
        ({"text_sha256": "0" * 64}, 409, "The terms have changed meanwhile."),
        ({"text_sha256": ""}, 409, "The terms have changed meanwhile."),
    ],
)
def test_half_an_acceptance_is_none(
    shares: Shares, client: TestClient, given: dict[str, str], status: int, words: str
) -> None:
    delivery = shares.delivery(ask_terms=True, terms_text=TERMS)
    path = shares.path(shares.link(delivery))
    answered, text = _accept(client, path, **given)
    assert answered == status
    assert words in text
    if given.get("name") is None:
        assert "Anna Bērziņa" in text
    assert shares.all(TermsAcceptance) == []


def test_changed_terms_are_asked_again(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery(ask_terms=True, terms_text=TERMS)
    path = shares.path(shares.link(delivery))
    _accept(client, path)
    shares.set(Delivery, delivery.id, terms_text=TERMS + "!")
    assert client.get(path, headers=JSON).json()["code"] == "terms_needed"


def test_the_studio_cannot_accept_in_the_clients_place(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery(ask_terms=True, terms_text=TERMS)
    path = shares.path(shares.link(delivery))
    data = {"name": "Ilze", "agreed": "yes", "text_sha256": SHA}
    assert shares.studio.page("POST", f"{path}/terms", data=data).status_code == 409
    assert shares.all(TermsAcceptance) == []


def test_nobody_accepts_terms_that_were_not_asked(shares: Shares, client: TestClient) -> None:
    path = shares.path(shares.link(shares.delivery()))
    page = shares.studio  # any form token of this browser will do
    answer = client.post(
        f"{path}/terms",
        data={"csrf": page.csrf, "name": "A", "agreed": "yes", "text_sha256": hashlib.sha256(b"").hexdigest()},
        headers={**PAGE, "Cookie": f"tillpaid_csrf={page.csrf_seed}"},
    )
    assert answer.status_code == 409
    assert shares.all(TermsAcceptance) == []
