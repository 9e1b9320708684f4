"""Files first, details meanwhile: a begun delivery can be filled, and neither sent, paid nor released until it is agreed."""

from __future__ import annotations

import base64

from service.wiring import Wiring
from tests.actors import StudioActor, work
from tests.originals import canary_jpeg
from tests.service.deliveries.test_pages import FORM


def begun(studio: StudioActor) -> str:
    answer = studio.page("POST", "/deliveries/begin")
    assert answer.status_code == 303
    return str(answer.headers["location"].rsplit("/", 1)[1])


def test_beginning_twice_leaves_one_empty_draft(studio: StudioActor) -> None:
    first = begun(studio)
    assert begun(studio) == first
    studio.upload(first, canary_jpeg(width=300, height=200))
    assert begun(studio) != first
    assert "Not filled in yet" in studio.page("GET", "/deliveries").text


def test_what_is_only_begun_is_neither_sent_nor_paid_nor_released(studio: StudioActor) -> None:
    delivery = begun(studio)
    studio.upload(delivery, canary_jpeg(width=300, height=200))
    tries = [
        studio.api("POST", f"/deliveries/{delivery}/links", json={"name": "Anna"}),
        studio.pay(delivery, "1.00"),
        studio.api("POST", f"/deliveries/{delivery}/release", json={"reason": "a gift"}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in tries] == [(409, "not_agreed")] * 3
    assert studio.state(delivery) == "draft"
    assert studio.page("POST", f"/deliveries/{delivery}/edit", {"title": "Kāzas"}).status_code == 303
    assert studio.api("GET", f"/deliveries/{delivery}").json()["title"] == ""


def test_one_press_keeps_the_details_and_sends_the_link(studio: StudioActor, wiring: Wiring) -> None:
    delivery = begun(studio)
    studio.upload(delivery, canary_jpeg(width=300, height=200))
    answer = studio.page("POST", f"/deliveries/{delivery}/agree", {**FORM, "then": "send"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/deliveries/{delivery}#links")
    kept = studio.api("GET", f"/deliveries/{delivery}").json()
    assert (kept["state"], kept["title"], kept["amount"], kept["due_on"]) == ("held", "Kāzas", "450.00", "2026-04-01")
    assert len(studio.api("GET", f"/deliveries/{delivery}/links").json()["items"]) == 1
    work(wiring)
    assert "anna@example.com" in studio.page("GET", "/outbox").text
    again = studio.page("POST", f"/deliveries/{delivery}/agree", {**FORM, "amount": "1"})
    assert again.status_code == 303
    assert studio.api("GET", f"/deliveries/{delivery}").json()["amount"] == "450.00", "what was agreed stays"


def test_nothing_is_kept_of_a_press_that_cannot_be_done_whole(studio: StudioActor) -> None:
    delivery = begun(studio)
    for form, words in [({**FORM, "then": "send"}, "at least one file"), ({**FORM, "amount": "x"}, "f-amount-error")]:
        answer = studio.page("POST", f"/deliveries/{delivery}/agree", form)
        assert answer.status_code == 422
        assert words in answer.text and 'value="anna@example.com"' in answer.text
    assert studio.api("GET", f"/deliveries/{delivery}").json()["title"] == ""
    assert studio.page("POST", f"/deliveries/{delivery}/agree", FORM).status_code == 303
    assert studio.state(delivery) == "draft"


def test_an_upload_under_way_is_a_file_to_send(studio: StudioActor) -> None:
    delivery = begun(studio)
    told = {"delivery": delivery, "filename": "a.txt"}
    line = ",".join(f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in told.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": line}
    assert studio.api("POST", "/uploads", headers=headers).status_code == 201
    assert studio.page("POST", f"/deliveries/{delivery}/agree", {**FORM, "then": "send"}).status_code == 303
    assert studio.state(delivery) == "held"
