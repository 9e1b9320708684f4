"""Errors as people and programs read them: plain words, a stable code, and nothing from inside."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from service.kit.translate import LOCALES
from tests.service.web.conftest import HTML


def test_programs_get_problem_json(probe: TestClient) -> None:
    answer = probe.post("/api/v1/probe/refuse")
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body.pop("request_id") == answer.headers["X-Request-Id"]
    assert body == {
        "type": "about:blank",
        "title": "This cannot be done in the present state.",
        "status": 409,
        "code": "conflict",
        "detail": "This cannot be done in the present state.",
        "retryable": False,
    }


def test_people_get_a_page_in_their_language(probe: TestClient) -> None:
    for locale in LOCALES:
        page = probe.get("/nowhere", headers={**HTML, "Accept-Language": locale})
        assert page.status_code == 404
        assert page.headers["Content-Type"].startswith("text/html")
        assert page.headers["Content-Language"] == locale
        assert f'<html lang="{locale}">' in page.text


def test_a_dead_link_says_whom_to_ask(probe: TestClient) -> None:
    for path in ("/s/nothing", "/nowhere"):
        assert "ask them for a new one" in probe.get(path, headers=HTML).text


def test_under_the_api_even_a_browser_gets_json(probe: TestClient) -> None:
    assert probe.get("/api/v1/nowhere", headers=HTML).json()["code"] == "not_found"


@pytest.mark.parametrize("accept", ["text/html", "application/json", "*/*"])
def test_an_unforeseen_error_tells_nothing_from_inside(probe: TestClient, accept: str) -> None:
    answer = probe.post("/api/v1/probe/crash", headers={"Accept": accept})
    assert answer.status_code == 500
    assert answer.headers["Content-Security-Policy"]
    for inside in ("hunter2", "RuntimeError", "Traceback", "probe/conftest"):
        assert inside not in answer.text


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "name"), ({"name": 3}, "name"), ({"name": "x", "count": "many"}, "count"), ([], None), (None, None)],
)
def test_what_is_wrong_in_a_body_is_named(probe: TestClient, body: object, field: str | None) -> None:
    answer = probe.post("/api/v1/probe/put", json=body)
    assert (answer.status_code, answer.json()["code"], answer.json().get("field")) == (422, "bad_input", field)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000, b""])
def test_a_body_that_is_no_json_is_refused(probe: TestClient, content: bytes) -> None:
    answer = probe.post("/api/v1/probe/put", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_method_that_is_not_there(probe: TestClient, method: str) -> None:
    answer = probe.request(method, "/api/v1/probe/put")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"


def test_each_request_has_an_id_of_its_own(probe: TestClient) -> None:
    ids = {probe.get("/healthz", headers={"X-Request-Id": "mine"}).headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3
    assert "mine" not in ids
