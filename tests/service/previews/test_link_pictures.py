"""What a link is shown is that link's own: traced to it and no other, kept, made ahead, mended, and dropped with it."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select
from starlette.testclient import TestClient

from service.kit.ids import new_id
from service.previews import repository
from service.previews.models import Rendition
from service.previews.placeholder import placeholder
from service.previews.trace_key import marking_key, reading_keys
from service.settings import load
from service.shares.models import ShareLink
from service.wiring import Wiring
from storage.blobstore import LocalPath
from tests.actors import StudioActor, period, share_path, work
from tests.originals import canary_jpeg
from watermark import RenderStopped
from watermark.forensic import codec

SIZES = (480, 960, 2048)


def read(content: bytes, key: bytes) -> int | None:
    with Image.open(io.BytesIO(content)) as opened:
        return codec.extract(np.asarray(opened.convert("RGB")), key)[0]


def rows(wiring: Wiring, link_id: str = "") -> list[Rendition]:
    with wiring.db.read() as tx:
        return list(tx.scalars(select(Rendition).where(Rendition.link_id == link_id)))


def trace_id(wiring: Wiring, link: dict[str, Any]) -> int:
    with wiring.db.read() as tx:
        return int(tx.get_one(ShareLink, link["id"]).trace_id)


class Unwell:
    """A sandbox in which nothing gets its mark."""

    def imprint(self, *_args: object, **_kwargs: object) -> None:
        raise RenderStopped(code="crashed")

    def close(self) -> None: ...


class Scene:
    """A ready picture and two links to it."""

    def __init__(self, studio: StudioActor, client: TestClient, width: int = 1500, height: int = 1000) -> None:
        self.studio, self.client, self.wiring = studio, client, studio.wiring
        self.delivery = studio.delivery()["id"]
        self.asset = studio.upload(self.delivery, canary_jpeg(width=width, height=height))[0]["id"]
        work(self.wiring)
        self.anna, self.juris = studio.link(self.delivery), studio.link(self.delivery, "Juris")

    def get(self, link: dict[str, Any], size: int = 960, **kwargs: Any) -> Any:
        return self.client.get(f"{share_path(link)}/previews/{self.asset}/1/{size}", **kwargs)


@pytest.fixture
def scene(studio: StudioActor, client: TestClient) -> Scene:
    return Scene(studio, client)


def test_each_link_is_shown_pictures_that_name_it_and_no_other(scene: Scene) -> None:
    key = marking_key(scene.wiring)
    for size in SIZES:
        pictures = {link["id"]: scene.get(link, size).content for link in (scene.anna, scene.juris)}
        for link in (scene.anna, scene.juris):
            assert read(pictures[link["id"]], key) == trace_id(scene.wiring, link)
            assert read(pictures[link["id"]], b"another key" * 3) is None
    assert trace_id(scene.wiring, scene.anna) != trace_id(scene.wiring, scene.juris)
    assert {row.trace for row in rows(scene.wiring, scene.anna["id"])} == {"carried"}


def test_what_the_studio_sees_names_nobody(scene: Scene) -> None:
    own = scene.studio.page("GET", f"/deliveries/{scene.delivery}/previews/{scene.asset}/1/960")
    through = scene.get(scene.anna, headers=scene.studio.cookie_header)
    assert own.content == through.content and own.headers["etag"] == through.headers["etag"]
    assert read(own.content, marking_key(scene.wiring)) is None
    assert rows(scene.wiring, scene.anna["id"]) == []


def test_pictures_are_made_ahead_and_then_only_read(scene: Scene) -> None:
    work(scene.wiring)
    for link in (scene.anna, scene.juris):
        assert sorted(row.size for row in rows(scene.wiring, link["id"])) == list(SIZES)
    scene.wiring.__dict__["sandbox"].close()
    scene.wiring.__dict__["sandbox"] = Unwell()
    assert read(scene.get(scene.anna).content, marking_key(scene.wiring)) == trace_id(scene.wiring, scene.anna)
    more = scene.studio.upload(scene.delivery, canary_jpeg("b.jpg", seed=8, width=900, height=600))[0]["id"]
    del scene.wiring.__dict__["sandbox"]
    work(scene.wiring)
    assert {row.asset_id for row in rows(scene.wiring, scene.anna["id"])} == {scene.asset, more}


def test_a_picture_that_is_too_small_is_shown_with_the_visible_mark_and_the_studio_is_told(
    studio: StudioActor, client: TestClient
) -> None:
    scene = Scene(studio, client, width=150, height=120)
    shown = scene.get(scene.anna)
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.content == studio.page("GET", f"/deliveries/{scene.delivery}/previews/{scene.asset}/1/960").content
    assert shown.headers["etag"] != scene.get(scene.juris).headers["etag"]
    assert {row.trace for row in rows(scene.wiring, scene.anna["id"])} == {"too_small"}


def test_a_failing_sandbox_shows_a_card_and_never_a_picture_without_its_mark(scene: Scene) -> None:
    real = scene.wiring.sandbox
    scene.wiring.__dict__["sandbox"] = Unwell()
    answer = scene.get(scene.anna)
    assert (answer.status_code, answer.content) == (200, placeholder()) and "etag" not in answer.headers
    work(scene.wiring)  # ahead of time it fails as quietly
    assert rows(scene.wiring, scene.anna["id"]) == []
    scene.wiring.__dict__["sandbox"] = real
    assert read(scene.get(scene.anna).content, marking_key(scene.wiring)) == trace_id(scene.wiring, scene.anna)


def _flip(wiring: Wiring, row: Rendition) -> None:
    assert isinstance(wiring.store, LocalPath)
    path: Path = wiring.store.local_path(row.storage_key)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_promise_21_a_flipped_bit_is_found_before_it_is_served(scene: Scene) -> None:
    good = scene.get(scene.anna).content
    [row] = rows(scene.wiring, scene.anna["id"])
    assert hashlib.sha256(good).hexdigest() == row.sha256
    _flip(scene.wiring, row)
    assert scene.get(scene.anna).content == placeholder()
    assert scene.get(scene.anna).content == good  # made anew from the master
    for master in rows(scene.wiring):
        _flip(scene.wiring, master)
    assert scene.get(scene.juris).content == placeholder()
    assert (
        scene.studio.page("GET", f"/deliveries/{scene.delivery}/previews/{scene.asset}/1/480").content == placeholder()
    )
    work(scene.wiring)  # the masters are made anew from the proofs
    assert read(scene.get(scene.juris).content, marking_key(scene.wiring)) == trace_id(scene.wiring, scene.juris)


class Replacing:
    """A store in which, when a picture is first opened, another process has just put a new one in its place."""

    def __init__(self, store: Any, replace: Any) -> None:
        self._store, self._replace = store, replace

    def open(self, *args: Any, **kwargs: Any) -> Any:
        replace, self._replace = self._replace, None
        if replace:
            replace()
        return self._store.open(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_a_picture_that_is_replaced_between_look_and_open_is_shown_all_the_same(scene: Scene) -> None:
    """Two machines, or a job and a request, may make the same picture: the older one's bytes go, and nobody sees a card."""
    first = scene.get(scene.anna)
    [row] = rows(scene.wiring, scene.anna["id"])
    store = scene.wiring.renditions

    def replace() -> None:
        store.put("renditions/the-other-ones", io.BytesIO(first.content))
        taken_over = {c.key: getattr(row, c.key) for c in Rendition.__table__.columns}
        theirs = Rendition(**{**taken_over, "id": new_id("ren"), "storage_key": "renditions/the-other-ones"})
        with scene.wiring.db.write() as tx:
            [old] = repository.put_rendition(tx, theirs)
        store.delete(old)

    scene.wiring.__dict__["renditions"] = Replacing(store, replace)
    shown = scene.get(scene.anna)
    assert (shown.headers["content-type"], shown.content) == ("image/jpeg", first.content)
    assert [r.storage_key for r in rows(scene.wiring, scene.anna["id"])] == ["renditions/the-other-ones"]


def test_promise_11_a_revoked_links_pictures_are_dropped_and_no_others(scene: Scene) -> None:
    work(scene.wiring)
    anna, juris = rows(scene.wiring, scene.anna["id"]), rows(scene.wiring, scene.juris["id"])
    assert scene.studio.api("DELETE", f"/links/{scene.anna['id']}").status_code == 204
    assert scene.get(scene.anna).status_code == 404
    work(scene.wiring)
    assert rows(scene.wiring, scene.anna["id"]) == []
    assert not any(scene.wiring.store.exists(row.storage_key) for row in anna)
    assert all(scene.wiring.store.exists(row.storage_key) for row in juris) and len(juris) == 3


def test_promise_3_a_link_revoked_while_its_picture_is_made_shows_nothing(scene: Scene) -> None:
    real = scene.wiring.sandbox

    class RevokesMeanwhile:
        def imprint(self, *args: Any, **kwargs: Any) -> Any:
            with scene.wiring.db.write() as tx:
                tx.get_one(ShareLink, scene.anna["id"]).revoked_at = scene.wiring.clock()
            return real.imprint(*args, **kwargs)

        def close(self) -> None:
            real.close()

    scene.wiring.__dict__["sandbox"] = RevokesMeanwhile()
    assert scene.get(scene.anna).status_code == 404


def test_promise_11_a_changed_mark_ends_every_links_pictures(scene: Scene) -> None:
    before = scene.get(scene.anna)
    work(scene.wiring)
    scene.studio.page("POST", "/settings/mark", {"text": "ANOTHER MARK", "strength": "standard"})
    stale = scene.get(scene.anna, headers={"If-None-Match": before.headers["etag"]})
    assert stale.content == placeholder()
    work(scene.wiring)
    after = scene.get(scene.anna)
    assert after.headers["etag"] != before.headers["etag"] and after.content != before.content
    assert read(after.content, marking_key(scene.wiring)) == trace_id(scene.wiring, scene.anna)
    assert len(rows(scene.wiring, scene.anna["id"])) == 3


def test_pictures_nobody_looked_at_for_a_month_are_dropped_and_made_again(scene: Scene, clock: Any) -> None:
    work(scene.wiring)
    for _day in range(29):
        clock.move(days=1)
        period(scene.wiring, "shares.tidy_pictures")
    assert len(rows(scene.wiring, scene.anna["id"])) == 3
    scene.client.get(share_path(scene.anna), headers={"Accept": "text/html"})
    clock.move(days=3)
    period(scene.wiring, "shares.tidy_pictures")
    assert len(rows(scene.wiring, scene.anna["id"])) == 3
    assert rows(scene.wiring, scene.juris["id"]) == []
    assert read(scene.get(scene.juris).content, marking_key(scene.wiring)) == trace_id(scene.wiring, scene.juris)


def test_after_the_keys_were_rotated_old_pictures_still_read_and_new_ones_are_made(tmp_path: Path) -> None:
    old, new = "kQ3v8Zp1Lx7Rn5Wc9Yt2Bm4Hd6Gf0Js8", "Xw2Vb7Ny4Tk9Qz1Mj6Lp3Rd8Fh5Gs0Ca"
    first = Wiring(load({"TILLPAID_SECRET_KEYS": old}, data_dir=tmp_path))
    rotated = Wiring(load({"TILLPAID_SECRET_KEYS": f"{new},{old}"}, data_dir=tmp_path))
    retired = Wiring(load({"TILLPAID_SECRET_KEYS": new, "TILLPAID_TRACE_KEYS": old}, data_dir=tmp_path))
    forgotten = Wiring(load({"TILLPAID_SECRET_KEYS": new}, data_dir=tmp_path))
    assert marking_key(first) != marking_key(rotated) == marking_key(retired)
    for wiring in (rotated, retired):
        assert reading_keys(wiring) == [marking_key(rotated), marking_key(first)]
    assert reading_keys(forgotten) == [marking_key(rotated)]
    assert retired.signer.fingerprints == forgotten.signer.fingerprints  # it verifies nothing
