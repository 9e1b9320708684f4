"""The studio's pages for deliveries."""

from __future__ import annotations

from service.wiring import Wiring
from tests.actors import StudioActor, work
from tests.originals import canary_jpeg

FORM = {
    "title": "Kāzas",
    "client_name": "Anna",
    "client_email": "anna@example.com",
    "amount": "450,00",
    "currency": "EUR",
    "due_on": "2026-04-01",
    "locale": "lv",
    "note": "Paldies!",
}


def test_a_delivery_is_agreed_on_the_page_and_listed(studio: StudioActor) -> None:
    made = studio.page("POST", "/deliveries/new", FORM)
    assert made.status_code == 303
    shown = studio.page("GET", made.headers["location"])
    assert shown.status_code == 200 and "Kāzas" in shown.text and "You add the files." in shown.text
    listed = studio.page("GET", "/deliveries")
    assert "Kāzas" in listed.text and "€450.00" in listed.text


def test_what_cannot_be_used_is_said_beside_its_field_and_the_rest_is_kept(studio: StudioActor) -> None:
    for field, value in [("amount", "much"), ("amount", "0"), ("currency", "ZZZ"), ("title", " "), ("due_on", "soon")]:
        answer = studio.page("POST", "/deliveries/new", {**FORM, field: value})
        assert answer.status_code == 422
        assert f'id="f-{field}-error"' in answer.text and "Paldies!" in answer.text


def test_an_upload_without_javascript_comes_back_to_the_delivery(studio: StudioActor, wiring: Wiring) -> None:
    delivery = studio.delivery()["id"]
    files = [("file", ("a.jpg", canary_jpeg().content)), ("file", ("b.txt", b"plain words"))]
    answer = studio.client.post(
        f"/deliveries/{delivery}/assets?csrf={studio.csrf}",
        files=files,
        data={"tier": "source"},
        headers={**studio.cookie_header, "Accept": "text/html"},
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/deliveries/{delivery}#files")
    work(wiring)
    page = studio.page("GET", f"/deliveries/{delivery}").text
    assert page.count('class="asset"') == 2 and "Files of this kind have no preview." in page
