"""Passphrases, as a browser gives them."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from service.shares.models import ShareLink
from service.shares.passphrase import kept
from tests.conftest import MovableClock
from tests.service.shares.conftest import JSON, PAGE, Shares, csrf_in


def _give(client: TestClient, path: str, passphrase: str) -> int:
    token = csrf_in(client.get(path, headers=PAGE).text) if "csrf" not in client.headers else ""
    data = {"csrf": token, "passphrase": passphrase}
    return client.post(f"{path}/passphrase", data=data, headers=PAGE).status_code


def test_promise_3_until_it_is_given_every_address_below_the_link_is_shut(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery()
    asset = shares.asset(delivery, 1)
    path = shares.path(shares.link(delivery, passphrase="zilas rozes"))
    below = [
        ("GET", ""),
        ("HEAD", ""),
        ("GET", f"/view/{asset.id}/1"),
        ("GET", f"/previews/{asset.id}/1/480"),
        ("HEAD", f"/previews/{asset.id}/1/2048"),
        ("GET", f"/previews/{asset.id}/9/480"),
        ("POST", f"/downloads/{asset.id}"),
        ("POST", "/downloads"),
    ]
    for method, rest in below:
        for headers in (PAGE, JSON):
            answer = client.request(method, path + rest, headers=headers)
            assert answer.status_code == 403, (method, rest)
            for secret in ("Cēsīs", "Foto Ozols", "Anna", "450.00", asset.id):
                assert secret not in answer.text
    assert client.get(path, headers=JSON).json()["code"] == "passphrase_needed"
    assert _give(client, path, "zilas rozes") == 303
    assert "Kāzas Cēsīs" in client.get(path, headers=PAGE).text
    assert client.get(path, headers=JSON).json()["title"] == "Kāzas Cēsīs"


def test_the_terms_form_too_is_behind_the_passphrase(shares: Shares, client: TestClient) -> None:
    path = shares.path(shares.link(shares.delivery(ask_terms=True), passphrase="rozes"))
    token = csrf_in(client.get(path, headers=PAGE).text)
    answer = client.post(f"{path}/terms", data={"csrf": token, "name": "A", "agreed": "yes"}, headers=JSON)
    assert answer.status_code == 403
    assert answer.json()["code"] == "passphrase_needed"


def test_a_wrong_one_is_said_beside_the_field(shares: Shares, client: TestClient) -> None:
    path = shares.path(shares.link(shares.delivery(), passphrase="rozes"))
    token = csrf_in(client.get(path, headers=PAGE).text)
    answer = client.post(f"{path}/passphrase", data={"csrf": token, "passphrase": "tulpes"}, headers=PAGE)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "tulpes" not in answer.text
    assert client.get(path, headers=PAGE).status_code == 403


def test_it_opens_no_other_link(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery()
    one = shares.path(shares.link(delivery, passphrase="rozes"))
    two = shares.path(shares.link(delivery, "Juris", passphrase="rozes"))
    assert _give(client, one, "rozes") == 303
    cookies = dict(client.cookies)
    [name] = [name for name in cookies if "open_" in name]
    assert client.get(two, headers=PAGE).status_code == 403
    from service.shares.unlock_link import _cookie

    stolen = f"tillpaid_{_cookie(next(link for link in shares.all(ShareLink) if link.name == 'Juris'))}"
    client.cookies.set(stolen, cookies[name])
    assert client.get(two, headers=PAGE).status_code == 403


def test_the_proof_ends_with_the_passphrase_and_with_time(
    shares: Shares, client: TestClient, clock: MovableClock
) -> None:
    link = shares.link(shares.delivery(), passphrase="rozes")
    path = shares.path(link)
    assert _give(client, path, "rozes") == 303
    assert client.get(path, headers=PAGE).status_code == 200
    clock.move(days=30)
    assert client.get(path, headers=PAGE).status_code == 403
    assert _give(client, path, "rozes") == 303
    shares.set(ShareLink, link.id, passphrase=kept("tulpes"))
    assert client.get(path, headers=PAGE).status_code == 403


def test_tries_are_counted_and_the_right_one_waits_too(shares: Shares, client: TestClient, clock: MovableClock) -> None:
    path = shares.path(shares.link(shares.delivery(), passphrase="rozes"))
    token = csrf_in(client.get(path, headers=PAGE).text)

    def give(passphrase: str) -> tuple[int, int]:
        data = {"csrf": token, "passphrase": passphrase}
        answer = client.post(f"{path}/passphrase", data=data, headers=PAGE)
        return answer.status_code, int(answer.headers.get("Retry-After", 0))

    assert [give(f"guess {n}")[0] for n in range(10)] == [422] * 10
    status, wait = give("rozes")
    assert status == 429
    assert 0 < wait <= 900
    clock.move(seconds=wait)
    assert give("rozes")[0] == 303


@pytest.mark.parametrize("data", [{"passphrase": "rozes"}, {"passphrase": "rozes", "csrf": "forged"}])
def test_a_form_from_elsewhere_is_refused(shares: Shares, client: TestClient, data: dict[str, str]) -> None:
    path = shares.path(shares.link(shares.delivery(), passphrase="rozes"))
    assert client.post(f"{path}/passphrase", data=data, headers=PAGE).status_code == 403
