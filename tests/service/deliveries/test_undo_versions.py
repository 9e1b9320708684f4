"""What was deleted with versions comes back with versions: the newest in its place, the one before it to be compared with."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.deliveries.undo import UNDO
from service.wiring import Wiring
from tests.actors import StudioActor, share_path, work
from tests.conftest import MovableClock
from tests.originals import Original, canary_jpeg, canary_png

HTML, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}
NEWER = canary_jpeg("labots.jpg", seed=3, width=800, height=600)


@dataclass(frozen=True)
class Versions:
    """A delivery that was sent: of its two assets the first was replaced, talked about and approved."""

    delivery: str
    path: str
    first: str
    second: str
    other: Original

    def seen(self, client: TestClient) -> dict[str, Any]:
        """All that the client's addresses tell of them, without what differs from visit to visit."""
        pages = [f"compare/{self.second}/1", f"view/{self.second}/1", ""]
        told = {page: client.get(f"{self.path}/{page}".rstrip("/"), headers=HTML) for page in pages}
        shown: dict[str, Any] = {page: (answer.status_code, _still(answer.text)) for page, answer in told.items()}
        shown["assets"] = client.get(self.path, headers=JSON).json()["assets"]
        for asset in (self.first, self.second):
            shown[asset] = client.get(f"{self.path}/previews/{asset}/1/480").content
        return shown


def _still(page: str) -> str:
    page = re.sub(r'name="csrf" value="[^"]+"', "", page)
    page = re.sub(
        r'<div class="flash.*?</div>', "", page, flags=re.DOTALL
    )  # the studio's, whose browser this is as well
    return " ".join(page.split())


@pytest.fixture
def versions(studio: StudioActor, wiring: Wiring, client: TestClient, clock: MovableClock) -> Versions:
    delivery, other = studio.delivery()["id"], canary_png()
    first, _other = studio.upload(delivery, canary_jpeg(width=900, height=600), other)
    path = share_path(studio.link(delivery))
    work(wiring)
    clock.move(minutes=5)
    second = studio.upload(delivery, NEWER, replaces=first["id"])[0]["id"]
    work(wiring)
    clock.move(minutes=5)
    made = Versions(delivery, path, first["id"], second, other)
    csrf = client.get(path, headers=HTML).text.split('name="csrf" value="', 1)[1].split('"', 1)[0]
    comment = {"asset": second, "text": "Tagad ir labi", "csrf": csrf}
    assert client.post(f"{path}/comments", data=comment).status_code == 303
    approval = {"asset": second, "said": "approved", "csrf": csrf}
    assert client.post(f"{path}/answer", data=approval).status_code == 303
    seen = made.seen(client)
    assert seen[f"compare/{second}/1"][0] == 200
    assert "Tagad ir labi" in seen[f"view/{second}/1"][1]
    assert ">Approved<" in seen[f"view/{second}/1"][1]
    return made


def delete(studio: StudioActor, versions: Versions) -> None:
    assert studio.page("POST", f"/deliveries/{versions.delivery}/delete").status_code == 303


def restore(studio: StudioActor, versions: Versions) -> None:
    assert studio.page("POST", f"/deliveries/{versions.delivery}/restore").status_code == 303


def take_out(studio: StudioActor, versions: Versions) -> None:
    place = f"/deliveries/{versions.delivery}/assets/{versions.second}"
    assert studio.page("POST", f"{place}/remove").status_code == 303


def put_back(studio: StudioActor, versions: Versions) -> None:
    place = f"/deliveries/{versions.delivery}/assets/{versions.second}"
    assert studio.page("POST", f"{place}/restore").status_code == 303


BOTH = pytest.mark.parametrize(("away", "back"), [(delete, restore), (take_out, put_back)], ids=["delivery", "asset"])


def gone(client: TestClient, versions: Versions) -> bool:
    """Whether neither version is to be seen anywhere."""
    paths = [f"previews/{asset}/1/480" for asset in (versions.first, versions.second)]
    paths += [f"compare/{versions.second}/1", f"view/{versions.second}/1"]
    return all(client.get(f"{versions.path}/{path}").status_code == 404 for path in paths)


@BOTH
def test_all_is_as_it_was(
    studio: StudioActor,
    client: TestClient,
    wiring: Wiring,
    clock: MovableClock,
    versions: Versions,
    away: Any,
    back: Any,
) -> None:
    before = versions.seen(client)
    away(studio, versions)
    work(wiring)
    assert gone(client, versions)
    back(studio, versions)
    work(wiring)
    assert versions.seen(client) == before
    clock.move(days=UNDO.days, minutes=1)  # what was queued when it was deleted comes due
    work(wiring)
    after = versions.seen(client)
    for told in ("assets", versions.first, versions.second, f"compare/{versions.second}/1"):
        assert after[told] == before[told]


@BOTH
def test_the_zip_has_the_newest_alone(
    studio: StudioActor, client: TestClient, wiring: Wiring, versions: Versions, away: Any, back: Any
) -> None:
    away(studio, versions)
    back(studio, versions)
    work(wiring)
    assert studio.pay(versions.delivery).json()["released"]
    archive = client.get(client.post(f"{versions.path}/downloads").headers["location"])
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        pictures = {opened.read(name) for name in opened.namelist() if name.endswith((".jpg", ".png"))}
    assert pictures == {NEWER.content, versions.other.content}


@BOTH
def test_deleted_a_second_time_it_can_come_back_as_long(
    studio: StudioActor,
    client: TestClient,
    wiring: Wiring,
    clock: MovableClock,
    versions: Versions,
    away: Any,
    back: Any,
) -> None:
    """What the first deletion queued must not take the pictures of the second."""
    compared = f"compare/{versions.second}/1"
    before = versions.seen(client)[compared]
    away(studio, versions)
    back(studio, versions)
    clock.move(days=UNDO.days - 1)
    away(studio, versions)
    clock.move(days=2)
    work(wiring)
    back(studio, versions)
    assert versions.seen(client)[compared] == before
    away(studio, versions)
    clock.move(days=UNDO.days, minutes=1)
    work(wiring)
    left = {key for stat in wiring.store.list("proofs/") for key in [stat.key]}
    assert not [key for key in left if versions.first in key or versions.second in key], "and then its pictures go, all"


@BOTH
def test_a_mark_that_changed_meanwhile_is_on_both_versions(
    studio: StudioActor, client: TestClient, wiring: Wiring, versions: Versions, away: Any, back: Any
) -> None:
    before = versions.seen(client)
    away(studio, versions)
    assert studio.page("POST", "/settings/mark", {"text": "CITS", "strength": "strong"}).status_code == 303
    work(wiring)
    back(studio, versions)
    stale = versions.seen(client)
    work(wiring)
    for asset in (versions.first, versions.second):
        shown = client.get(f"{versions.path}/previews/{asset}/1/480")
        assert stale[asset] != before[asset], "never the old mark"
        assert shown.headers["content-type"] == "image/jpeg"
        assert shown.content not in {before[asset], stale[asset]}


def test_a_version_that_came_after_an_undo_is_compared_for_good(
    studio: StudioActor, client: TestClient, wiring: Wiring, clock: MovableClock, versions: Versions
) -> None:
    """Taking the second version out queued the end of its pictures; now it is what the third is compared with."""
    take_out(studio, versions)
    put_back(studio, versions)
    newest = canary_jpeg("v3.jpg", seed=4, width=800, height=600)
    third = studio.upload(versions.delivery, newest, replaces=versions.second)[0]["id"]
    clock.move(days=UNDO.days, minutes=1)
    work(wiring)
    assert client.get(f"{versions.path}/compare/{third}/1", headers=HTML).status_code == 200
    shown = client.get(f"{versions.path}/previews/{versions.second}/1/480")
    assert shown.headers["content-type"] == "image/jpeg"
    assert client.get(f"{versions.path}/previews/{versions.first}/1/480").status_code == 404
