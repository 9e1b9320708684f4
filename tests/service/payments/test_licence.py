"""The licence: read back from the PDF by another library; none before the release, none where no terms were accepted."""

from __future__ import annotations

import hashlib
import io

import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, share_path
from tests.originals import canary_png, canary_zip

TERMS = "Darbus drīkst izmantot mājaslapā divus gadus."


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client, "Studija Kāpa")


def accepted(studio: StudioActor, client: TestClient, **more: str) -> tuple[str, str, list[dict[str, str]]]:
    """(delivery, its link's path, its assets): two files, terms accepted by the client."""
    delivery = studio.delivery(terms=TERMS, locale="lv", **more)["id"]
    assets = studio.upload(delivery, canary_png(), canary_zip())
    path = share_path(studio.link(delivery))
    page = client.get(path, headers={"Accept": "text/html"})
    form = {"csrf": page.text.split('name="csrf" value="', 1)[1].split('"', 1)[0], "name": "Anna B.", "agreed": "yes"}
    form["text_sha256"] = hashlib.sha256(TERMS.encode()).hexdigest()
    assert client.post(f"{path}/terms", data=form).status_code == 303
    return delivery, path, assets


def test_it_says_what_was_accepted_by_whom_when_and_for_which_originals(
    studio: StudioActor, client: TestClient
) -> None:
    delivery, path, assets = accepted(studio, client)
    assert client.get(f"{path}/licence.pdf").status_code == 404
    studio.pay(delivery)
    assert f'href="{path}/licence.pdf"' in client.get(path, headers={"Accept": "text/html"}).text
    answer = client.get(f"{path}/licence.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    words = " ".join(" ".join(p.extract_text() for p in PdfReader(io.BytesIO(answer.content)).pages).split())
    digest = hashlib.sha256(TERMS.encode()).hexdigest()
    told = ["Studija Kāpa", "Anna Bērziņa", "Anna B.", "Licence", "2026. gada 2. marts", TERMS, digest]
    for text in [*told, *(asset["sha256"] for asset in assets), *(asset["filename"] for asset in assets)]:
        assert text in words, text
    stranger = share_path(studio.link(delivery, "Paula"))
    assert client.get(f"{stranger}/licence.pdf").status_code == 403
    studio.api("POST", f"/deliveries/{delivery}/relock", json={"reason": "mistake"})
    assert client.get(f"{path}/licence.pdf").status_code == 404


def test_of_what_a_part_opened_it_names_only_that(studio: StudioActor, client: TestClient) -> None:
    delivery, path, assets = accepted(studio, client)
    deposit = {"amount": "150.00", "opens": "chosen", "assets": [assets[0]["id"]]}
    studio.api("PUT", f"/deliveries/{delivery}/instalments", json={"instalments": [deposit, {"amount": "300.00"}]})
    studio.pay(delivery, "150.00")
    words = "".join(p.extract_text() for p in PdfReader(io.BytesIO(client.get(f"{path}/licence.pdf").content)).pages)
    assert assets[0]["sha256"] in words
    assert assets[1]["sha256"] not in words
    assert assets[1]["filename"] not in words


def test_without_terms_there_is_none(studio: StudioActor, client: TestClient) -> None:
    delivery = studio.delivery()["id"]
    path = share_path(studio.link(delivery))
    studio.upload(delivery, canary_png())
    studio.pay(delivery)
    assert client.get(f"{path}/licence.pdf").status_code == 404
    assert "licence.pdf" not in client.get(path, headers={"Accept": "text/html"}).text
