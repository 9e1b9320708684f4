"""Films and sounds on the share page: the marked clip in place and by range, through the same doors as pictures, or no clip at all."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from service import discovery
from service.accounts.models import Studio
from service.deliveries.models import Asset
from service.deliveries.undo import UNDO
from service.previews.models import KeptClip
from service.vault.scrub import scrub
from service.wiring import Wiring
from service.worker import Worker
from tests.actors import StudioActor, share_path, work
from tests.conftest import MovableClock
from tests.leaks.oracle import Oracle
from tests.originals import Original, canary_film, canary_jpeg, canary_sound
from tests.until import until
from watermark.layout_mp4 import bare_mp4
from watermark.outside import films


@pytest.fixture
def shared(studio: StudioActor, wiring: Wiring) -> tuple[str, str, str]:
    """(delivery, asset, path): a film behind a link."""
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, canary_film())[0]["id"]
    path = share_path(studio.link(delivery))
    work(wiring)
    return delivery, asset, path


def told(client: TestClient, path: str) -> list[dict[str, Any]]:
    return list(client.get(path, headers={"Accept": "application/json"}).json()["assets"])


def test_a_film_and_a_sound_play_in_place(studio: StudioActor, wiring: Wiring, client: TestClient) -> None:
    delivery, originals = studio.delivery()["id"], [canary_film(), canary_sound()]
    studio.upload(delivery, *originals)
    path = share_path(studio.link(delivery))
    assert [asset["clip"] for asset in told(client, path)] == [None, None]
    work(wiring)
    film, sound = told(client, path)
    assert (film["kind"], film["clip"]["media_type"]) == ("picture", "video/mp4") and len(film["pages"]) == 1
    assert (sound["kind"], sound["clip"]["media_type"]) == ("picture", "audio/mp4") and len(sound["pages"]) == 1
    assert film["pdf"] is sound["pdf"] is None
    page = client.get(path).text
    assert f'<source src="{film["clip"]["url"]}" type="video/mp4">' in page and 'preload="none"' in page
    assert f'poster="{film["pages"][0]["renditions"]["960"]}"' in page
    assert f'src="{sound["clip"]["url"]}"' in page and "<audio controls" in page
    oracle = Oracle(originals)
    for asset, size in ((film, (480, 320)), (sound, (0, 0))):
        answer = client.get(asset["clip"]["url"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, asset["clip"]["media_type"])
        assert answer.headers["cache-control"] == "private, no-cache"
        assert oracle.leaks(answer.content, answer.headers) == []
        assert bare_mp4(answer.content)[1] == size
    with wiring.db.read() as tx:
        clip = tx.query(KeptClip).where(KeptClip.kind == "film").one()
        assert (clip.width, clip.height) == (480, 320) and 900 < clip.milliseconds < 1200
    assert scrub(wiring).faults == []


def test_players_get_the_part_that_they_ask_for(client: TestClient, shared: tuple[str, str, str]) -> None:
    _, asset, path = shared
    url = f"{path}/previews/{asset}/clip"
    whole = client.get(url)
    size, etag = len(whole.content), whole.headers["etag"]
    for asked, start, stop in (("bytes=0-", 0, size), ("bytes=100-199", 100, 200), ("bytes=-50", size - 50, size)):
        part = client.get(url, headers={"Range": asked})
        assert (part.status_code, part.content) == (206, whole.content[start:stop])
        assert part.headers["content-range"] == f"bytes {start}-{stop - 1}/{size}"
    assert client.get(url, headers={"Range": f"bytes={size}-"}).status_code == 416
    assert client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"old"'}).status_code == 200
    head = client.head(url)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(size))
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304


def test_a_clip_goes_through_the_doors_of_pictures(
    studio: StudioActor, other: StudioActor, client: TestClient, shared: tuple[str, str, str]
) -> None:
    delivery, asset, path = shared
    foreign = share_path(other.link(other.delivery()["id"]))
    assert client.get(f"{foreign}/previews/{asset}/clip").status_code == 404
    own = f"/deliveries/{delivery}/previews/{asset}/clip"
    assert studio.page("GET", own).status_code == 200
    assert other.page("GET", own).status_code == 404 and client.get(own).status_code in {303, 401}
    locked = share_path(studio.link(delivery, "Ar paroli", passphrase="zaļā pļava 7"))
    assert client.get(f"{locked}/previews/{asset}/clip").status_code == 403
    etag = client.get(f"{path}/previews/{asset}/clip").headers["etag"]
    link = next(
        one for one in studio.api("GET", f"/deliveries/{delivery}/links").json()["items"] if one["url"].endswith(path)
    )
    assert studio.api("DELETE", f"/links/{link['id']}").status_code == 204
    for headers in ({}, {"If-None-Match": etag}, {"Range": "bytes=0-9"}):
        assert client.get(f"{path}/previews/{asset}/clip", headers=headers).status_code == 404


def test_promise_11_a_changed_mark_ends_the_old_clip_at_once(
    studio: StudioActor, wiring: Wiring, client: TestClient, shared: tuple[str, str, str]
) -> None:
    _, asset, path = shared
    url = f"{path}/previews/{asset}/clip"
    before = client.get(url).content
    with wiring.db.write() as tx:
        tx.get_one(Studio, studio.studio_id).mark_text = "ANOTHER MARK"
        wiring.queue.enqueue(tx, "previews.remark_studio", {"studio_id": studio.studio_id})
    assert client.get(url).status_code == 404 and told(client, path)[0]["clip"] is None
    originals = [stat.key for stat in wiring.store.list("originals/")]
    for key in originals:
        wiring.store.delete(key)  # so that it cannot be made from the original
    work(wiring)
    after = client.get(url).content
    assert after != before and bare_mp4(after)[1] == (480, 320)
    assert len([stat for stat in wiring.store.list("renditions/") if "/clip/" in stat.key]) == 1


def test_promise_10_a_clip_that_cannot_be_marked_is_not_there(
    studio: StudioActor, wiring: Wiring, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from watermark import MarkFailed

    def fails(*_args: object) -> None:
        raise MarkFailed

    monkeypatch.setattr(films, "_compare", fails)
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, canary_film())[0]["id"]
    path = share_path(studio.link(delivery))
    work(wiring)
    shown = told(client, path)[0]
    assert (shown["kind"], shown["clip"], len(shown["pages"])) == ("picture", None, 1)
    assert client.get(f"{path}/previews/{asset}/clip").status_code == 404
    notes = studio.api("GET", f"/deliveries/{delivery}/assets").json()["items"][0]["notes"]
    assert "no_clip" in notes
    assert [stat.key for stat in wiring.store.list() if "/clip" in stat.key] == []


def test_a_damaged_clip_is_not_served_and_made_anew(
    wiring: Wiring, client: TestClient, shared: tuple[str, str, str]
) -> None:
    _, asset, path = shared
    url = f"{path}/previews/{asset}/clip"
    with wiring.db.read() as tx:
        key = tx.query(KeptClip).one().storage_key
    whole = client.get(url).content
    wiring.store.put(key, io.BytesIO(whole[:-1] + b"?"), if_absent=False)
    assert client.get(url, headers={"Range": "bytes=0-9"}).status_code == 404
    work(wiring)
    assert client.get(url).status_code == 200


def test_a_removed_film_leaves_nothing(
    studio: StudioActor, wiring: Wiring, clock: MovableClock, shared: tuple[str, str, str]
) -> None:
    delivery, asset, _ = shared
    assert studio.page("POST", f"/deliveries/{delivery}/assets/{asset}/remove").status_code == 303
    clock.move(seconds=UNDO.total_seconds() + 1)
    work(wiring)
    with wiring.db.read() as tx:
        assert tx.query(KeptClip).count() == 0
    assert {stat.key.split("/")[0] for stat in wiring.store.list()} == {"originals"}


def test_without_the_program_there_is_a_card(
    studio: StudioActor, wiring: Wiring, client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    film, sound = canary_film(), canary_sound()
    monkeypatch.setenv("PATH", str(tmp_path))
    delivery = studio.delivery()["id"]
    studio.upload(delivery, film, sound)
    path = share_path(studio.link(delivery))
    work(wiring)
    assert [(asset["kind"], asset["clip"]) for asset in told(client, path)] == [("card", None)] * 2
    assert {a["reason"] for a in studio.api("GET", f"/deliveries/{delivery}/assets").json()["items"]} == {
        "program_missing"
    }


class HoldsFilms:
    """The real sandbox, but a heavy file stays in work, as one of gigabytes does, until it is let go."""

    def __init__(self, real: Any) -> None:
        self.real, self.begun, self.let_go = real, threading.Event(), threading.Event()
        self.at_once = self.most = 0

    def ingest(self, *args: Any, wanted: Any, **kwargs: Any) -> Any:
        if wanted.heavy:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            self.begun.set()
            self.let_go.wait(60)
            self.at_once -= 1
        return self.real.ingest(*args, wanted=wanted, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@pytest.fixture
def worker(wiring: Wiring) -> Iterator[Worker]:
    made = Worker(wiring, discovery.job_handlers())
    yield made
    made.stop()


def test_films_are_worked_on_one_at_a_time_and_hold_up_nobody(
    studio: StudioActor, wiring: Wiring, worker: Worker
) -> None:
    holds = HoldsFilms(wiring.sandbox)
    wiring.__dict__["sandbox"] = holds
    delivery = studio.delivery()["id"]
    film = canary_film().content
    two = [Original(f"{n}.mp4", film + bytes(8 * (n + 1)), ()) for n in range(2)]
    studio.upload(delivery, *two)
    worker.start()
    until(holds.begun.is_set)
    photographs = [canary_jpeg(f"{n}.jpg", seed=n, width=300, height=200) for n in range(4)]
    studio.upload(delivery, *photographs)

    def states() -> list[str]:
        with wiring.db.read() as tx:
            return [asset.state for asset in tx.query(Asset).order_by(Asset.filename.desc())]

    until(lambda: states().count("ready") == 4)
    holds.let_go.set()
    until(lambda: states().count("ready") == 6)
    assert holds.most == 1
