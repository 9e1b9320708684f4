"""Approving, asking for changes, commenting and choosing, as clients do it: without an account, and releasing nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.errors import BadInput
from service.feedback.models import Answer, Comment
from service.feedback.moments import moment_from, shown_moment
from service.feedback.spots import spot_from
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, share_path
from tests.conftest import MovableClock
from tests.originals import Original

PAGE = {"Accept": "text/html"}


class Client:
    """Anna with her link to a delivery of three assets, and a browser."""

    def __init__(self, studio: StudioActor, browser: TestClient, **link: Any) -> None:
        self.studio, self.browser = studio, browser
        self.delivery = str(studio.delivery()["id"])
        files = [Original(f"CANARY-{n}.psd", b"8BPS" + bytes([n]), ()) for n in range(3)]
        self.assets = [str(asset["id"]) for asset in studio.upload(self.delivery, *files)]
        self.path = share_path(studio.link(self.delivery, **link))

    def page(self) -> str:
        return str(self.browser.get(self.path, headers=PAGE).text)

    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.page())
        assert found
        return found[1]

    def send(self, form: str, **fields: str) -> Any:
        return self.browser.post(f"{self.path}/{form}", data={"csrf": self.csrf(), **fields}, headers=PAGE)

    def refused(self, form: str, **fields: str) -> str:
        """The words that the next page says after this form was not accepted."""
        answer = self.send(form, **fields)
        assert answer.status_code == 303, answer.text
        said = re.search(r'flash-problem"[^>]*><p>([^<]+)', self.page())
        assert said, "it was accepted"
        return said[1]

    def kinds(self) -> list[str]:
        return [e["kind"] for e in self.studio.api("GET", f"/deliveries/{self.delivery}/events").json()["items"]]

    def delivery_page(self) -> str:
        return str(self.studio.page("GET", f"/deliveries/{self.delivery}").text)


@pytest.fixture
def anna(wiring: Wiring, client: TestClient) -> Client:
    return Client(new_studio(wiring, client), client)


def _rows(wiring: Wiring, kind: type[Any]) -> list[Any]:
    with wiring.db.read() as tx:
        return list(tx.query(kind).all())


def test_approving_everything_is_recorded_told_and_releases_nothing(anna: Client) -> None:
    assert anna.send("answer", said="approved").status_code == 303
    assert anna.studio.state(anna.delivery) == "held"
    assert anna.browser.post(f"{anna.path}/downloads").status_code == 404
    assert anna.kinds()[-1] == "work.approved"
    assert "Anna approved the work on March 2, 2026." in anna.page()
    assert "Anna approved the work on March 2, 2026." in anna.delivery_page()
    assert "Anna approved “Kāzu fotogrāfijas”" in anna.studio.page("GET", "/outbox").text


def test_asking_for_changes_needs_words_and_the_newest_answer_counts(anna: Client, clock: MovableClock) -> None:
    assert anna.refused("answer", said="changes") == "Please write a few words."
    anna.send("answer", said="approved")
    clock.move(minutes=1)
    anna.send("answer", said="changes", note="Debesis gaišākas, <b>lūdzu</b>")
    page = anna.page()
    assert "asked for changes" in page and "Debesis gaišākas, &lt;b&gt;lūdzu&lt;/b&gt;" in page
    assert anna.kinds()[-2:] == ["work.approved", "changes.requested"]
    assert "Debesis gaišākas" in anna.delivery_page()


def test_an_answer_about_one_asset_stands_at_it(anna: Client, wiring: Wiring) -> None:
    anna.send("answer", said="changes", asset=anna.assets[1])
    (row,) = _rows(wiring, Answer)
    assert (row.asset_id, row.said) == (anna.assets[1], "changes")
    assert "CANARY-1.psd" in anna.delivery_page()


def test_a_comment_goes_to_a_spot_and_to_the_studio_once_in_half_an_hour(
    anna: Client, wiring: Wiring, clock: MovableClock
) -> None:
    said: list[tuple[int, dict[str, str]]] = [(0, {"x": "250", "y": "999"}), (5, {"area": "31"}), (40, {})]
    for minutes, fields in said:
        clock.move(minutes=minutes)
        answer = anna.send("comments", asset=anna.assets[0], text="Te ir traips", **fields)
        assert answer.status_code == 303
    spots = {(row.spot_x, row.spot_y) for row in _rows(wiring, Comment)}
    assert spots == {(250, 999), (833, 167), (None, None)}
    assert anna.kinds().count("comment.added") == 3
    assert anna.studio.page("GET", "/outbox").text.count("Anna commented on “") == 2
    assert anna.delivery_page().count("Te ir traips") == 3


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": "  "}, "Please write a few words."),
        ({"text": "x" * 2001}, "Please keep it to 2,000 characters."),
        ({"text": "a\x1bb"}, "This text holds characters that cannot be shown."),
        ({"text": "labi", "x": "1001", "y": "0"}, "This spot is not on the picture."),
        ({"text": "labi", "moment": "vidū"}, "Write a moment as minutes and seconds, such as 1:05."),
        ({"text": "labi", "moment": "99:00:00"}, "This moment is not in the recording."),
    ],
)
def test_a_comment_that_cannot_be_kept_is_refused_in_words(anna: Client, fields: dict[str, str], said: str) -> None:
    assert anna.refused("comments", asset=anna.assets[0], **fields) == said


def test_choosing_needs_an_agreement_and_ends_at_its_number(anna: Client) -> None:
    assert "No choice was agreed" in anna.refused("favourites", asset=anna.assets[0])
    agreed = anna.studio.page("POST", f"/deliveries/{anna.delivery}/selection", {"at_most": "2"})
    assert agreed.status_code == 303
    for asset in anna.assets[:2]:
        anna.send("favourites", asset=asset)
    assert "You have chosen 2 of 2." in anna.page()
    assert "as many as were agreed" in anna.refused("favourites", asset=anna.assets[2])
    anna.send("favourites", asset=anna.assets[0])
    anna.send("favourites", asset=anna.assets[2])
    assert "You have chosen 2 of 2." in anna.page()
    assert "CANARY-1.psd, CANARY-2.psd" in anna.delivery_page()


@pytest.mark.parametrize("form", ["answer", "comments", "favourites"])
def test_promise_4_another_deliverys_asset_is_not_there(anna: Client, client: TestClient, form: str) -> None:
    other = Client(anna.studio, client)
    for delivery in (anna.delivery, other.delivery):
        anna.studio.page("POST", f"/deliveries/{delivery}/selection", {"at_most": "2"})
    answer = anna.send(form, asset=other.assets[0], said="approved", text="labi")
    assert answer.status_code == 404
    assert not {"work.approved", "comment.added"} & set(other.kinds())


def test_the_studio_speaks_for_nobody_on_its_clients_page(anna: Client, wiring: Wiring) -> None:
    answer = anna.studio.page("POST", f"{anna.path}/answer", {"said": "approved"})
    assert answer.status_code == 303
    assert _rows(wiring, Answer) == []


def test_promise_3_behind_a_passphrase_nothing_can_be_said(wiring: Wiring, client: TestClient, anna: Client) -> None:
    shut = Client(anna.studio, client, passphrase="zaļā pļava 7")
    for form in ("answer", "comments", "favourites"):
        assert shut.send(form, asset=shut.assets[0], said="approved", text="labi").status_code == 403
    assert _rows(wiring, Answer) == _rows(wiring, Comment) == []


def test_promise_28_comments_are_limited_by_link(anna: Client) -> None:
    data = {"csrf": anna.csrf(), "asset": anna.assets[0], "text": "labi"}
    answers = [anna.browser.post(f"{anna.path}/comments", data=data, headers=PAGE) for _n in range(121)]
    assert [a.status_code for a in answers] == [303] * 120 + [429]


@pytest.mark.parametrize(
    ("typed", "spot"),
    [
        (("12", "990", ""), (12, 990)),
        (("", "", "22"), (500, 500)),
        (("-1", "5", "13"), (167, 833)),
        (("", "", "99"), None),
        (("", "", ""), None),
        (("²", "5", ""), None),
    ],
)
def test_a_spot_is_a_pin_or_a_part_or_the_whole(typed: tuple[str, str, str], spot: tuple[int, int] | None) -> None:
    assert spot_from(*typed) == spot


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("", None), ("  ", None), ("42", 42), ("0:42", 42), ("1:05", 65), (" 1.05 ", 65), ("1:02:03", 3723), ("0:00", 0)],
)
def test_a_moment_is_read_as_people_write_it(typed: str, seconds: int | None) -> None:
    assert moment_from(typed) == (None if seconds is None else seconds * 1000)


@pytest.mark.parametrize("typed", ["1:", ":05", "1:2:3:4", "١:٠٥", "-1", "1e3", "1:055", "999999"])
def test_what_is_no_moment_is_refused(typed: str) -> None:
    with pytest.raises(BadInput):
        moment_from(typed)


def test_a_moment_is_told_to_the_second() -> None:
    assert [shown_moment(ms) for ms in (0, 5_900, 65_000, 3_723_000)] == ["0:00", "0:05", "1:05", "1:02:03"]


def test_a_comment_on_a_moment_is_told_with_it(anna: Client, wiring: Wiring) -> None:
    assert anna.send("comments", asset=anna.assets[0], text="Klusāk", moment="1:05").status_code == 303
    assert [row.moment_ms for row in _rows(wiring, Comment)] == [65_000]
    assert "CANARY-0.psd, 1:05" in anna.studio.page("GET", "/outbox").text
    assert '<span class="moment-at">1:05</span>' in anna.delivery_page()
