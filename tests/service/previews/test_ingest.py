"""Originals become marked renditions, cards or failures; never anything else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from service.accounts.models import Studio
from service.deliveries.models import Asset
from service.deliveries.undo import UNDO
from service.previews.models import Proof, Rendition
from service.previews.placeholder import placeholder
from service.wiring import Wiring
from tests.actors import StudioActor, work
from tests.conftest import MovableClock
from tests.originals import Original, canary_jpeg
from watermark import Header, MarkFailed, Page, RenderStopped


def picture(studio: StudioActor, delivery: str, asset: str, page: object = 1, size: object = 480) -> Any:
    return studio.page("GET", f"/deliveries/{delivery}/previews/{asset}/{page}/{size}")


def told(studio: StudioActor, delivery: str) -> list[dict[str, Any]]:
    return list(studio.api("GET", f"/deliveries/{delivery}/assets").json()["items"])


def pixels(content: bytes) -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(content)) as opened:
        return np.asarray(opened.convert("RGB"), dtype=np.int16)


class Breaking:
    """A sandbox whose work ends in an error, as a real one's may; counts its calls."""

    def __init__(self, error: Exception, header: Header | None = None) -> None:
        self.error, self.header, self.calls = error, header, 0

    def ingest(self, *_args: object, **_kwargs: object) -> Breaking:
        self.calls += 1
        return self

    def __enter__(self) -> Breaking:
        return self

    def __iter__(self) -> Iterator[Header | Page]:
        if self.header:
            yield self.header
        raise self.error

    def __exit__(self, *_args: object) -> None: ...

    def close(self) -> None: ...


def test_a_photograph_becomes_three_marked_sizes(studio: StudioActor, wiring: Wiring) -> None:
    delivery = studio.delivery()["id"]
    original = canary_jpeg()
    asset = studio.upload(delivery, original)[0]["id"]
    work(wiring)
    shown = told(studio, delivery)[0]
    assert (shown["state"], shown["media_type"], shown["pages"]) == ("ready", "image/jpeg", 1)
    for size in (480, 960, 2048):
        answer = picture(studio, delivery, asset, size=size)
        assert answer.headers["content-type"] == "image/jpeg"
        assert max(pixels(answer.content).shape) == size
        assert not any(secret in answer.content for secret in original.secrets)
    assert picture(studio, delivery, asset, page=2).status_code == 404
    for page, size in [(1, 481), (1, 0), ("01", 480), (1, "2048x"), (0, 480), (-1, 480)]:
        assert picture(studio, delivery, asset, page, size).status_code == 404


def test_what_has_no_picture_becomes_a_card_with_its_reason(studio: StudioActor, wiring: Wiring) -> None:
    delivery = studio.delivery()["id"]
    broken = canary_jpeg().content[:3000]
    studio.upload(delivery, Original("a.txt", b"plain words", ()), Original("b.jpg", broken, ()))
    work(wiring)
    cards = told(studio, delivery)
    assert [card["state"] for card in cards] == ["card", "card"]
    assert cards[0]["reason"] == "unsupported" and cards[1]["why"]
    for card in cards:
        answer = picture(studio, delivery, card["id"])
        assert answer.content == placeholder()


@pytest.mark.parametrize(
    ("error", "reason", "calls", "state"),
    [
        (MarkFailed(), "mark_failed", 1, "failed"),
        (RenderStopped(code="crashed"), "crashed", 3, "card"),
        (RenderStopped(code="sandbox_unavailable"), "sandbox_unavailable", 5, "failed"),
    ],
)
def test_promise_10_a_render_that_fails_gives_a_placeholder(
    studio: StudioActor, wiring: Wiring, clock: Any, error: Exception, reason: str, calls: int, state: str
) -> None:
    delivery = studio.delivery()["id"]
    original = canary_jpeg()
    asset = studio.upload(delivery, original)[0]["id"]
    assert picture(studio, delivery, asset).content == placeholder()  # not begun
    breaking = Breaking(error)
    wiring.__dict__["sandbox"] = breaking
    for _ in range(5):
        work(wiring)
        assert picture(studio, delivery, asset).content == placeholder()
        clock.move(hours=1)
    shown = told(studio, delivery)[0]
    assert (shown["state"], shown["reason"], breaking.calls) == (state, reason, calls)
    for size in (480, 960, 2048):
        assert picture(studio, delivery, asset, size=size).content == placeholder()
    del wiring.__dict__["sandbox"]
    studio.page("POST", f"/deliveries/{delivery}/assets/{asset}/retry")
    work(wiring)
    assert told(studio, delivery)[0]["state"] == "ready"


def test_promise_11_a_changed_mark_ends_old_renditions_at_once(studio: StudioActor, wiring: Wiring) -> None:
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, canary_jpeg())[0]["id"]
    work(wiring)
    before = picture(studio, delivery, asset)
    with wiring.db.read() as tx:
        old = [row.storage_key for row in tx.query(Rendition)]
    with wiring.db.write() as tx:
        tx.get_one(Studio, studio.studio_id).mark_text = "ANOTHER MARK"
        wiring.queue.enqueue(tx, "previews.remark_studio", {"studio_id": studio.studio_id})
    assert picture(studio, delivery, asset).content == placeholder()
    work(wiring)
    after = picture(studio, delivery, asset)
    assert after.content not in {before.content, placeholder()} and after.headers["etag"] != before.headers["etag"]
    assert pixels(after.content).shape == pixels(before.content).shape
    assert len(old) == 3 and not any(wiring.store.exists(key) for key in old)
    assert told(studio, delivery)[0]["state"] == "ready"


def test_a_mark_changed_during_ingest_is_put_right(studio: StudioActor, wiring: Wiring) -> None:
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, canary_jpeg(width=640, height=480))[0]["id"]
    real = wiring.sandbox

    class ChangesMeanwhile:
        def ingest(self, *args: Any, **kwargs: Any) -> Any:
            with wiring.db.write() as tx:
                tx.get_one(Studio, studio.studio_id).mark_text = "NEW"
            return real.ingest(*args, **kwargs)

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    wiring.__dict__["sandbox"] = ChangesMeanwhile()
    work(wiring)
    assert picture(studio, delivery, asset).headers["content-type"] == "image/jpeg"


def test_the_same_content_twice_carries_two_different_marks(studio: StudioActor, wiring: Wiring) -> None:
    delivery = studio.delivery()["id"]
    content = canary_jpeg(width=900, height=700).content
    studio.upload(delivery, Original("a.jpg", content, ()), Original("b.jpg", content, ()))
    work(wiring)
    first, second = (picture(studio, delivery, asset["id"]).content for asset in told(studio, delivery))
    assert np.abs(pixels(first) - pixels(second)).max() > 10


def test_a_removed_asset_is_gone_with_its_pictures(studio: StudioActor, wiring: Wiring, clock: MovableClock) -> None:
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, canary_jpeg(width=640, height=480))[0]["id"]
    work(wiring)
    assert studio.page("POST", f"/deliveries/{delivery}/assets/{asset}/remove").status_code == 303
    assert picture(studio, delivery, asset).status_code == 404 and told(studio, delivery) == []
    clock.move(seconds=UNDO.total_seconds() + 1)
    work(wiring)
    with wiring.db.read() as tx:
        assert tx.query(Proof).count() == tx.query(Rendition).count() == 0
    assert [stat.key.split("/")[0] for stat in wiring.store.list()] == ["originals"]


def test_an_asset_removed_while_it_is_decoded_leaves_no_pictures(studio: StudioActor, wiring: Wiring) -> None:
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, canary_jpeg(width=640, height=480))[0]["id"]
    real = wiring.sandbox

    class RemovesMeanwhile:
        def ingest(self, *args: Any, **kwargs: Any) -> Any:
            with wiring.db.write() as tx:
                tx.get_one(Asset, asset).removed_at = wiring.clock()
            return real.ingest(*args, **kwargs)

        def close(self) -> None:
            real.close()

    wiring.__dict__["sandbox"] = RemovesMeanwhile()
    work(wiring)
    assert [stat.key.split("/")[0] for stat in wiring.store.list()] == ["originals"]
