"""Forms of ours are taken, those of other sites are not (promise 29)."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.service.web.conftest import HTML, trace

FORM = "/probe/form"


def token_of(client: TestClient) -> str:
    """Opens a page with a form, as a browser would: the cookie stays in the client."""
    return str(client.get("/probe/token", headers=HTML).headers["X-Token"])


def test_promise_29_a_form_of_ours_is_taken(probe: TestClient, wiring: Wiring) -> None:
    answer = probe.post(FORM, data={"csrf": token_of(probe), "name": "ours"})
    assert answer.status_code == 303
    assert trace(wiring, "form ours") == 1


def test_promise_29_multipart_and_header_tokens_are_taken(probe: TestClient, wiring: Wiring) -> None:
    token = token_of(probe)
    multipart = {"csrf": (None, token), "name": (None, "multipart")}
    assert probe.post(FORM, files=multipart).status_code == 303
    assert probe.post(FORM, data={"name": "script"}, headers={"X-CSRF-Token": token}).status_code == 303
    assert trace(wiring, "form multipart") == trace(wiring, "form script") == 1


def test_promise_29_a_streamed_body_carries_its_token_in_the_address(probe: TestClient) -> None:
    token = token_of(probe)
    assert probe.post("/probe/stream", content=b"x").status_code == 403
    assert probe.post(f"/probe/stream?csrf={token}", content=b"x").status_code == 200


@pytest.mark.parametrize("sent", ["", "x", "InNlZWQi.forged"])
def test_promise_29_without_our_token_nothing_is_done(probe: TestClient, wiring: Wiring, sent: str) -> None:
    token_of(probe)
    answer = probe.post(FORM, data={"csrf": sent, "name": "forged"})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    assert trace(wiring, "form forged") == 0


def test_promise_29_a_token_needs_its_own_browsers_cookie(probe: TestClient, wiring: Wiring) -> None:
    token = token_of(probe)
    probe.cookies.clear()
    assert probe.post(FORM, data={"csrf": token, "name": "stolen"}).status_code == 403
    token_of(probe)
    assert probe.post(FORM, data={"csrf": token, "name": "stolen"}).status_code == 403
    assert trace(wiring, "form stolen") == 0


def test_promise_29_a_token_for_another_purpose_is_none(probe: TestClient, wiring: Wiring) -> None:
    token_of(probe)
    seed = probe.cookies["tillpaid_csrf"]
    assert probe.post(FORM, data={"csrf": wiring.signer.sign("flash", seed), "name": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 303),  # what browsers send for our own forms, under no-referrer
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://testserver.evil.example"}, 403),
        ({"Origin": "http://testserver"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, 403),
    ],
)
def test_promise_29_the_browsers_own_word_goes_first(probe: TestClient, headers: dict[str, str], status: int) -> None:
    """Even with a good token: one may leak, the browser's word is hard to forge."""
    answer = probe.post(FORM, data={"csrf": token_of(probe), "name": "x"}, headers=headers)
    assert answer.status_code == status


def test_promise_29_the_api_takes_no_cookie(probe: TestClient) -> None:
    """So it needs no token: a browser's cookie opens nothing there."""
    token_of(probe)
    answer = probe.post("/api/v1/deliveries", json={}, headers={"Cookie": "tillpaid_session=x"})
    assert answer.status_code in {401, 422}


def test_promise_29_cookies_on_https_are_bound_to_the_host(secure: TestClient) -> None:
    answer = secure.get("/probe/token", headers=HTML)
    [cookie] = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-tillpaid_csrf=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= parts
    assert not any(part.startswith("domain") for part in parts)


def test_promise_29_on_https_a_cookie_without_the_prefix_counts_for_nothing(secure: TestClient) -> None:
    """A neighbour under the same domain can set the plain name, never the __Host- one."""
    token = token_of(secure)
    seed = secure.cookies["__Host-tillpaid_csrf"]
    secure.cookies.clear()
    planted = {"Cookie": f"tillpaid_csrf={seed}"}
    assert secure.post(FORM, data={"csrf": token, "name": "x"}, headers=planted).status_code == 403
    ours = {"Cookie": f"__Host-tillpaid_csrf={seed}"}
    assert secure.post(FORM, data={"csrf": token, "name": "x"}, headers=ours).status_code == 303


def test_promise_29_every_cookie_on_http_is_hidden_from_scripts(probe: TestClient) -> None:
    for cookie in probe.get("/probe/token?lang=lv", headers=HTML).headers.get_list("set-cookie"):
        assert "httponly" in cookie.lower()
        assert "samesite=lax" in cookie.lower()


def test_a_flash_is_shown_once_and_escaped(probe: TestClient) -> None:
    probe.post(FORM, data={"csrf": token_of(probe), "name": "x"})
    first = probe.get("/probe/token", headers=HTML).text
    assert "Done &lt;b&gt;well&lt;/b&gt;." in first
    assert "Done" not in probe.get("/probe/token", headers=HTML).text


def test_a_forged_flash_is_not_shown(probe: TestClient) -> None:
    page = probe.get("/probe/token", headers={**HTML, "Cookie": "tillpaid_flash=eyJ0ZXh0IjoiUGF5IG1lIn0.x"})
    assert "Pay me" not in page.text
