"""Valid HTML not only of every route, but of the pages in the states that have most in them: a film and a document behind a link,
comments, a choice, parts, a reminder, refused forms, a deleted delivery."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, share_path, work
from tests.html.test_valid import faults
from tests.originals import Original, canary_film, canary_jpeg, canary_pdf, canary_sound

PAGE = {"Accept": "text/html"}
WRONG = {"title": "", "amount": "daudz", "client_name": "", "currency": "EUR"}


class Walk:
    """Keeps each page it is shown as a file."""

    def __init__(self, folder: Path, studio: StudioActor, client: TestClient) -> None:
        self.folder, self.studio, self.client, self.kept = folder, studio, client, 0

    def keep(self, answer: object, status: int = 200) -> str:
        assert answer.status_code == status, (answer.status_code, answer.text[:300])  # type: ignore[attr-defined]
        self.kept += 1
        text = str(answer.text)  # type: ignore[attr-defined]
        (self.folder / f"{self.kept:02}.html").write_text(text)
        return text

    def mine(self, path: str, data: dict[str, str] | None = None, status: int = 200) -> str:
        return self.keep(self.studio.page("POST" if data else "GET", path, data), status)

    def theirs(self, path: str, status: int = 200) -> str:
        return self.keep(self.client.get(path, headers=PAGE), status)


@pytest.mark.timeout(900)
def test_pages_with_much_in_them_are_valid_html(wiring: Wiring, client: TestClient, tmp_path: Path) -> None:
    studio = new_studio(wiring, client)
    walk = Walk(tmp_path, studio, client)
    for path in ("/deliveries", "/clients", "/outbox", "/deliveries/deleted"):
        walk.mine(path)
    _held(walk, wiring)
    _gates(walk)
    gone = studio.delivery("Dzēsta")["id"]
    studio.upload(gone, Original("piezīmes.txt", b"pagaidu", ()))
    studio.page("POST", f"/deliveries/{gone}/delete", {})
    for path in (
        "/deliveries",
        "/deliveries?show=overdue",
        "/deliveries?q=nav",
        "/deliveries/deleted",
        "/clients",
        "/outbox",
    ):
        walk.mine(path)
    walk.mine("/deliveries/new", WRONG, 422)
    walk.mine("/settings/getting-paid", {"iban": "LV00", "account_holder": ""}, 422)
    assert faults(tmp_path) == []


def _held(walk: Walk, wiring: Wiring) -> None:
    """A film, a sound, a photograph, a document and a card; talked about, half paid, then released."""
    studio = walk.studio
    delivery = studio.delivery(due_on="2026-03-20")["id"]
    walk.mine(f"/deliveries/{delivery}")
    card = Original("slāņi.xyz", b"nekas", ())
    kept = studio.upload(delivery, canary_jpeg(), canary_film(), canary_sound(), canary_pdf(), card)
    path = share_path(studio.link(delivery, announce=True))
    walk.theirs(path)
    work(wiring)
    studio.page("POST", f"/deliveries/{delivery}/selection", {"at_most": "2"})
    found = re.search(r'name="csrf" value="([^"]+)"', walk.theirs(path))
    assert found
    for form, fields in (
        ("comments", {"asset": kept[0]["id"], "text": "Te", "x": "100", "y": "200"}),
        ("comments", {"asset": kept[1]["id"], "text": "Klusāk", "moment": "0:01"}),
        ("answer", {"asset": kept[0]["id"], "said": "changes", "note": "Gaišāk"}),
        ("favourites", {"asset": kept[0]["id"]}),
        ("answer", {"said": "changes", "note": "Vēl"}),
    ):
        walk.client.post(f"{path}/{form}", data={"csrf": found[1], **fields}, headers=PAGE)
    for asset in kept[:4]:
        walk.theirs(f"{path}/view/{asset['id']}/1")
    walk.theirs(path)
    studio.page("POST", f"/deliveries/{delivery}/reminder/plan", {"tone": "firm", "day": "2026-03-20"})
    for part in ("", "?files=commented", "/reminder", "/reminder?tone=formal", "/instalments"):
        walk.mine(f"/deliveries/{delivery}{part}")
    studio.pay(delivery, "100.00")
    walk.mine(f"/deliveries/{delivery}")
    walk.theirs(path)
    studio.pay(delivery, "350.00")
    walk.mine(f"/deliveries/{delivery}")
    walk.theirs(path)


def _gates(walk: Walk) -> None:
    delivery = walk.studio.delivery(terms=True)["id"]
    walk.studio.upload(delivery, canary_jpeg())
    walk.theirs(share_path(walk.studio.link(delivery)))
    walk.theirs(share_path(walk.studio.link(delivery, "Bruno", passphrase="jūras vējš")), 403)
    walk.studio.page("POST", f"/deliveries/{delivery}/withdraw", {})
    walk.mine(f"/deliveries/{delivery}")
