"""A leaked preview is traced to the link it was served to, and to no other, through the whole service."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from sqlalchemy import select

from service.audit.models import AuditEvent
from service.audit.verify_chain import verify_chain
from service.settings import load
from service.wiring import Wiring
from tests.actors import StudioActor
from tests.service.traces.conftest import Leak, changed

Change = Callable[[Image.Image], Image.Image]


def _screenshot(picture: Image.Image) -> Image.Image:
    """A window on a screen: shrunk to fit, the page's own grey around it, a little text above."""
    small = picture.resize((1180, round(1180 * picture.height / picture.width)), Image.Resampling.BICUBIC)
    screen = Image.new("RGB", (1366, 900), (238, 238, 234))
    screen.paste(small, (93, 88))
    return screen


FOUND: dict[str, tuple[Change, dict[str, Any]]] = {
    "as served": (lambda p: p, {"quality": 95}),
    "sent through a messenger": (lambda p: p.resize((1280, 853)), {"quality": 70}),
    "a screenshot": (_screenshot, {"kind": "PNG"}),
    "cropped": (lambda p: p.crop((300, 150, 1700, 1100)), {"quality": 85}),
    "cropped, brightened, shrunk": (
        lambda p: ImageEnhance.Brightness(p.crop((100, 80, 1800, 1250))).enhance(1.15).resize((1100, 757)),
        {"quality": 80},
    ),
    "turned a little": (lambda p: p.rotate(1.5, Image.Resampling.BICUBIC), {"quality": 85}),
    "stretched": (lambda p: p.resize((1500, 1030)), {"quality": 85}),
    "in black and white": (lambda p: p.convert("L").convert("RGB"), {"quality": 85}),
}


@pytest.mark.timeout(900)
def test_it_names_the_link_it_was_served_to_and_not_the_other(leak: Leak) -> None:
    for link in (leak.anna, leak.juris):
        served = leak.shown(link)
        for name, (change, options) in FOUND.items():
            assert leak.named(changed(served, change, **options)) == [link["id"]], name


def test_what_is_told_of_a_link(leak: Leak) -> None:
    served = leak.shown(leak.juris)
    assert leak.studio.api("DELETE", f"/links/{leak.juris['id']}").status_code == 204
    answer = leak.trace(served).json()
    [told] = answer["links"]
    assert answer["complete"] is True
    assert (told["id"], told["name"], told["email"]) == (leak.juris["id"], "Juris", "juris@example.com")
    assert told["revoked_at"] and told["issued_at"] and told["confidence"] > 0.9
    assert told["delivery"] == {"id": leak.delivery, "title": "Kāzu fotogrāfijas", "client": "Anna Bērziņa"}
    assert told["studio"] == "Foto Ozols"


def test_another_studio_learns_nothing_of_it_not_even_that_there_is_a_mark(leak: Leak) -> None:
    served = leak.shown(leak.anna)
    foreign, blank = leak.trace(served, leak.other).json(), leak.trace(changed(served, _grey), leak.other).json()
    assert foreign["links"] == blank["links"] == [] and foreign.keys() == blank.keys()
    page = _by_page(leak.other, served)
    assert "No mark of one of your links was read" in page.text and "Anna" not in page.text
    with leak.wiring.db.read() as tx:
        kinds = [(e.studio_id, e.kind) for e in tx.scalars(select(AuditEvent)) if e.kind.startswith("picture.")]
    assert kinds == [(leak.other.studio_id, "picture.not_traced")] * 3


def _grey(picture: Image.Image) -> Image.Image:
    return Image.new("RGB", picture.size, (127, 127, 127))


def test_masters_and_the_studios_own_views_name_nobody(leak: Leak) -> None:
    own = leak.studio.page("GET", f"/deliveries/{leak.delivery}/previews/{leak.asset}/1/2048").content
    assert leak.named(own) == []


def test_two_copies_put_together_name_who_was_there_or_nobody(leak: Leak) -> None:
    one, two = (np.asarray(Image.open(io.BytesIO(leak.shown(link))), np.uint16) for link in (leak.anna, leak.juris))
    buffer = io.BytesIO()
    Image.fromarray(((one + two) // 2).astype(np.uint8)).save(buffer, "PNG")
    assert set(leak.named(buffer.getvalue())) <= {leak.anna["id"], leak.juris["id"]}


def test_every_trace_is_in_the_history(leak: Leak) -> None:
    assert leak.named(leak.shown(leak.anna)) == [leak.anna["id"]]
    events = leak.studio.api("GET", f"/deliveries/{leak.delivery}/events?limit=200").json()["items"]
    [event] = [e for e in events if e["kind"] == "picture.traced"]
    assert event["data"]["link"] == leak.anna["id"] and len(event["data"]["sha256"]) == 64
    assert event["actor"] == f"member:{leak.studio.member_id}"
    told = leak.studio.page("GET", f"/deliveries/{leak.delivery}").text
    assert "A found picture was traced to the link for Anna." in told
    with leak.wiring.db.read() as tx:
        assert not any(verdict.fault for verdict in verify_chain(tx, leak.wiring.signer))


def _by_page(studio: StudioActor, content: bytes, name: str = "found.jpg") -> Any:
    return studio.client.request(
        "POST",
        "/trace",
        params={"csrf": studio.csrf},
        files={"file": (name, content, "image/jpeg")},
        headers={**studio.cookie_header, "Accept": "text/html"},
    )


def test_the_page_says_served_to_and_never_leaked_by(leak: Leak) -> None:
    page = _by_page(leak.studio, leak.shown(leak.anna))
    assert page.status_code == 200
    for words in (
        "Served to this link",
        "Anna",
        "Kāzu fotogrāfijas",
        "All but certain",
        "does not say who passed it on",
    ):
        assert words in page.text
    assert "leaked" not in page.text.lower()


@pytest.mark.parametrize(
    "content", [b"words", b"\xff\xd8\xff" + b"\0" * 999, b"PK\x03\x04" + b"x" * 99, b"<svg><g></svg>"]
)
def test_what_is_no_picture_is_a_clear_error(leak: Leak, content: bytes) -> None:
    answer = leak.trace(content)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "not_a_picture", "file")
    page = _by_page(leak.studio, content)
    assert page.status_code == 422 and "cannot be read as a picture" in page.text


def test_forms_that_are_wrong_are_refused(leak: Leak) -> None:
    ask = leak.studio.api
    assert ask("POST", "/traces", files={"file": ("a.jpg", b"", "image/jpeg")}).json()["code"] == "no_file"
    assert ask("POST", "/traces", files={"other": ("a.jpg", b"x", "image/jpeg")}).json()["code"] == "no_file"
    assert ask("POST", "/traces", content=b"x").json()["code"] == "not_multipart"
    two = [("file", ("a.jpg", b"x", "image/jpeg")), ("file", ("b.jpg", b"y", "image/jpeg"))]
    assert ask("POST", "/traces", files=two).json()["code"] == "too_many_files"
    large = ask("POST", "/traces", content=b"x", headers={"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(1 << 30)})  # fmt: skip
    assert large.status_code == 413


def test_an_answer_is_remembered_under_its_key(leak: Leak) -> None:
    content = changed(leak.shown(leak.anna, 480), lambda p: p)
    files = {"file": ("a.jpg", content, "image/jpeg")}
    first, again = (
        leak.studio.api("POST", "/traces", files=files, headers={"Idempotency-Key": "one"}) for _ in range(2)
    )
    assert again.headers["idempotency-replayed"] == "true" and first.json() == again.json()


def _command(leak: Leak, path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "service", "--data-dir", str(leak.wiring.settings.data_dir), "trace", str(path)]
    environ = {**os.environ, "TILLPAID_DATABASE_URL": leak.wiring.settings.database_url}
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, env=environ)


def test_the_command_answers_in_json(leak: Leak, tmp_path: Path) -> None:
    found = tmp_path / "found.jpg"
    found.write_bytes(changed(leak.shown(leak.juris), lambda p: p.resize((1400, 955)), quality=80))
    done = _command(leak, found)
    answer = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert [link["id"] for link in answer["links"]] == [leak.juris["id"]]
    assert answer["links"][0]["delivery"]["id"] == leak.delivery and answer["links"][0]["confidence"] > 0.9
    found.write_bytes(b"garbage")
    done = _command(leak, found)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, "not_a_picture")
    assert _command(leak, tmp_path / "nothing").returncode == 2


def test_another_installation_reads_nothing(leak: Leak, tmp_path: Path) -> None:
    """Other keys, the same picture."""
    stranger = Wiring(load({}, data_dir=tmp_path / "other"))
    from service.traces.trace import read_marks

    path = tmp_path / "found.jpg"
    path.write_bytes(leak.shown(leak.anna))
    try:
        assert read_marks(stranger, path, "found.jpg").found == ()
        assert [r.payload for r in read_marks(leak.wiring, path, "found.jpg").found]
    finally:
        stranger.close()
