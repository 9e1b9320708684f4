"""What an upload must never do: read before it knows who, count twice, mix writers, lose what it said is safe."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service.accounts.models import Studio
from service.errors import Unavailable
from service.uploads import complete, finish, lease, receive
from service.uploads.models import Upload
from service.wiring import Wiring
from tests.actors import StudioActor, period
from tests.conftest import MovableClock
from tests.service.uploads.conftest import BYTES, Tus, metadata

CONTENT = os.urandom(300_000)


def files(wiring: Wiring, folder: str = "") -> int:
    return sum(path.is_file() for path in (wiring.settings.data_dir / "vault" / folder).rglob("*"))


def raw_patch(client: TestClient, place: str, headers: dict[str, str], messages: list[Any]) -> tuple[int, int]:
    """(status, how many messages of the body were asked for) of a PATCH at offset 0, without a client in between. After
    ``None`` nothing more comes, for ever."""
    asked, answers = [0], []

    async def receive() -> Any:
        asked[0] += 1
        message = messages.pop(0) if len(messages) > 1 else messages[0]
        if message is None:
            await asyncio.sleep(3600)
        return message

    async def send(message: Any) -> None:
        answers.append(message)

    named = {"host": "testserver", "tus-resumable": "1.0.0", "content-type": BYTES, "upload-offset": "0", **headers}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "PATCH",
        "path": place,
        "raw_path": place.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    assert client.portal is not None
    client.portal.call(client.app, scope, receive, send)
    return answers[0]["status"], asked[0]


def test_nobody_is_known_before_a_byte_is_read(tus: Tus, delivery: str, client: TestClient, other: StudioActor) -> None:
    place = tus.begin(delivery, 10)
    body = [{"type": "http.request", "body": b"0123456789", "more_body": False}]
    authorized = {"authorization": f"Bearer {tus.studio.token}"}
    for headers, status in (
        ({}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": f"Bearer {other.token}"}, 404),
        ({"cookie": tus.studio.cookie_header["Cookie"]}, 403),  # no CSRF token
        ({**authorized, "upload-offset": "3"}, 409),
        ({**authorized, "content-length": "11"}, 413),
        ({**authorized, "tus-resumable": "2.0.0"}, 412),
    ):
        assert raw_patch(client, place, headers, list(body)) == (status, 0), headers
    assert raw_patch(client, place, authorized, list(body)) == (204, 1)


def test_a_sender_that_breaks_off_keeps_what_had_come(tus: Tus, delivery: str, client: TestClient) -> None:
    place = tus.begin(delivery, len(CONTENT))
    authorized = {"authorization": f"Bearer {tus.studio.token}"}
    broken = [{"type": "http.request", "body": CONTENT[:123_456], "more_body": True}, {"type": "http.disconnect"}]
    raw_patch(client, place, authorized, broken)
    assert tus.offset(place) == 123_456
    answer = tus.patch(place, 123_456, CONTENT[123_456:])
    assert answer.status_code == 204
    assert tus.assets(delivery)[0]["sha256"] == hashlib.sha256(CONTENT).hexdigest()


def test_promise_22_a_sender_that_falls_silent_gives_way(
    tus: Tus, delivery: str, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half-open: the line is dead and nobody said so. What had come is kept, and the next one may go on at once."""
    place = tus.begin(delivery, len(CONTENT))
    monkeypatch.setattr(receive, "SILENCE", 0.1)
    authorized = {"authorization": f"Bearer {tus.studio.token}"}
    silent = [{"type": "http.request", "body": CONTENT[:5000], "more_body": True}, None]
    assert raw_patch(client, place, authorized, silent) == (503, 2)
    assert tus.offset(place) == 5000
    assert tus.patch(place, 5000, CONTENT[5000:]).status_code == 204


def test_a_piece_with_a_checksum_that_breaks_off_is_forgotten(tus: Tus, delivery: str, client: TestClient) -> None:
    place = tus.begin(delivery, len(CONTENT))
    headers = {"authorization": f"Bearer {tus.studio.token}", "upload-checksum": f"sha1 {'A' * 27}="}
    broken = [{"type": "http.request", "body": CONTENT[:99], "more_body": True}, {"type": "http.disconnect"}]
    raw_patch(client, place, headers, broken)
    assert tus.offset(place) == 0
    assert tus.patch(place, 0, CONTENT).status_code == 204


def test_the_page_uploads_by_its_session_and_its_token(tus: Tus, delivery: str, client: TestClient) -> None:
    given = metadata({"delivery": delivery, "filename": "a.bin"})
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "4", "Upload-Metadata": given}
    page = {**tus.studio.cookie_header, **headers, "X-CSRF-Token": tus.studio.csrf}
    for taken_away, more in (
        ("X-CSRF-Token", {}),
        ("", {"Sec-Fetch-Site": "cross-site"}),
        ("", {"Origin": "https://evil.example"}),
    ):
        sent = {name: value for name, value in {**page, **more}.items() if name != taken_away}
        assert client.post("/api/v1/uploads", headers=sent).status_code == 403
    answer = client.post("/api/v1/uploads", headers={**page, "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 201
    headers = {"Upload-Offset": "0", "Content-Type": BYTES, "Tus-Resumable": "1.0.0"}
    place, csrf = answer.headers["location"], {"X-CSRF-Token": tus.studio.csrf}
    assert client.patch(place, content=b"0123", headers={**tus.studio.cookie_header, **headers}).status_code == 403
    assert (
        client.patch(place, content=b"0123", headers={**tus.studio.cookie_header, **headers, **csrf}).status_code == 204
    )
    found = client.get(f"/api/v1/uploads?delivery={delivery}", headers=tus.studio.cookie_header).json()
    assert [kept["filename"] for kept in found["kept"]] == ["a.bin"]


def test_promise_4_another_studios_upload_is_not_there(tus: Tus, delivery: str, other: StudioActor) -> None:
    place = tus.begin(delivery, 10)
    stranger = Tus(other)
    for answer in (
        stranger.head(place),
        stranger.patch(place, 0, b"x"),
        stranger.call("DELETE", place),
        stranger.create(delivery, 10),
        other.api("GET", f"/uploads?delivery={delivery}"),
    ):
        assert answer.status_code == 404
    assert tus.offset(place) == 0


def test_a_second_writer_is_refused_at_once(tus: Tus, delivery: str, wiring: Wiring, clock: MovableClock) -> None:
    place = tus.begin(delivery, 10)
    upload_id = place.rsplit("/", 1)[1]
    with wiring.db.write() as tx:
        held = lease.take(tx, wiring, tus.studio.studio_id, upload_id)
    for answer in (tus.patch(place, 0, b"x"), tus.call("DELETE", place)):
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (423, "busy", "1")
    assert tus.offset(place) == 0  # looking is free
    clock.move(seconds=lease.LEASE.total_seconds() + 1)
    assert tus.patch(place, 0, b"0123").status_code == 204
    from service.errors import Busy

    with wiring.db.write() as tx, pytest.raises(Busy):  # the first one comes back, too late
        lease.advance(tx, wiring, held, held.progress)
    assert tus.offset(place) == 4


def test_the_stores_own_lock_counts_too(tus: Tus, delivery: str, wiring: Wiring) -> None:
    place = tus.begin(delivery, 10)
    tus.patch(place, 0, b"0123")
    store: Any = wiring.store
    from storage.resuming import Progress

    with store.resume(Progress(place.rsplit("/", 1)[1], 10, 4)):
        assert tus.patch(place, 4, b"4").status_code == 423
    assert tus.patch(place, 4, b"456789").status_code == 204


def test_promise_28_a_replayed_chunk_does_not_count_twice(tus: Tus, delivery: str, wiring: Wiring) -> None:
    with wiring.db.write() as tx:
        studio = tx.get(Studio, tus.studio.studio_id)
        assert studio is not None
        studio.quota_mib = 1
    size = 700_000
    place = tus.begin(delivery, size)
    tus.patch(place, 0, bytes(300_000))
    for _replay in range(5):
        assert tus.patch(place, 0, bytes(300_000)).status_code == 409
    refused = tus.create(delivery, size)
    assert (refused.status_code, refused.json()["code"]) == (413, "quota")
    fits = tus.begin(delivery, 1024 * 1024 - size)
    assert tus.create(delivery, 1).status_code == 413
    assert tus.patch(place, 300_000, bytes(400_000)).status_code == 204
    assert tus.patch(fits, 0, os.urandom(1024 * 1024 - size)).status_code == 204
    assert tus.create(delivery, 1).json()["code"] == "quota"
    assert len(tus.assets(delivery)) == 2


def test_a_file_too_large_for_the_server_is_refused_before_it_is_sent(tus: Tus, delivery: str, wiring: Wiring) -> None:
    answer = tus.create(delivery, wiring.settings.uploads.max_file_mib * 1024 * 1024 + 1)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_quota_that_ran_out_meanwhile_ends_the_upload(tus: Tus, delivery: str, wiring: Wiring) -> None:
    place = tus.begin(delivery, len(CONTENT))
    with wiring.db.write() as tx:
        studio = tx.get(Studio, tus.studio.studio_id)
        assert studio is not None
        studio.quota_mib = 1
    tus.studio.api("POST", f"/deliveries/{delivery}/assets", files=[("file", ("b", os.urandom(900_000)))])
    answer = tus.patch(place, 0, CONTENT)
    assert (answer.status_code, answer.json()["code"]) == (413, "quota")
    assert tus.head(place).status_code == 404
    assert files(wiring) == 1


def test_a_delivery_withdrawn_meanwhile_takes_nothing(tus: Tus, delivery: str, wiring: Wiring) -> None:
    place = tus.begin(delivery, len(CONTENT))
    tus.studio.page("POST", f"/deliveries/{delivery}/withdraw")
    assert tus.patch(place, 0, CONTENT).status_code == 409
    assert files(wiring) == 0


def test_the_same_content_is_kept_once(tus: Tus, delivery: str, wiring: Wiring) -> None:
    assert tus.send(delivery, CONTENT, "a.bin") != tus.send(delivery, CONTENT, "b.bin")
    assert files(wiring) == 1
    assert [asset["filename"] for asset in tus.assets(delivery)] == ["a.bin", "b.bin"]


def test_assets_stand_in_the_order_in_which_they_were_begun(tus: Tus, delivery: str) -> None:
    places = {name: tus.begin(delivery, 1, name) for name in ("1", "2", "3")}
    for name in ("3", "1", "2"):
        tus.patch(places[name], 0, name.encode())
    assert [asset["filename"] for asset in tus.assets(delivery)] == ["1", "2", "3"]


def test_after_a_restart_the_file_is_read_back_and_hashed(tus: Tus, delivery: str, wiring: Wiring) -> None:
    place = tus.begin(delivery, len(CONTENT))
    tus.patch(place, 0, CONTENT[:200_000])
    wiring.memo.clear()
    assert tus.patch(place, 200_000, CONTENT[200_000:]).status_code == 204
    [asset] = tus.assets(delivery)
    assert asset["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    back = tus.studio.page("GET", f"/deliveries/{delivery}/assets/{asset['id']}/original")
    assert back.content == CONTENT


@pytest.mark.parametrize("step", ["keep", "settle"])
def test_a_death_after_the_last_byte_is_made_good_by_the_next_question(
    tus: Tus, delivery: str, wiring: Wiring, monkeypatch: pytest.MonkeyPatch, clock: MovableClock, step: str
) -> None:
    """The process ends before or after the object has its name; the row says only that all bytes are there."""

    def die(*_args: object) -> None:
        raise Unavailable

    place = tus.begin(delivery, len(CONTENT))
    with monkeypatch.context() as patch:
        patch.setattr(finish, step, die)
        assert tus.patch(place, 0, CONTENT).status_code == 503
    wiring.memo.clear()
    assert tus.assets(delivery) == []
    found = tus.head(place)
    assert (found.status_code, found.headers["upload-offset"]) == (200, str(len(CONTENT)))
    assert found.headers["tillpaid-asset"] == tus.assets(delivery)[0]["id"]
    assert tus.head(place).headers["tillpaid-asset"] == found.headers["tillpaid-asset"]
    assert files(wiring) == 1


def test_a_sender_who_never_comes_back_after_the_last_byte_has_its_asset(
    tus: Tus, delivery: str, wiring: Wiring, monkeypatch: pytest.MonkeyPatch, clock: MovableClock
) -> None:
    place = tus.begin(delivery, len(CONTENT))
    with monkeypatch.context() as patch:
        patch.setattr(finish, "settle", lambda *_: (_ for _ in ()).throw(Unavailable()))
        tus.patch(place, 0, CONTENT)
    clock.move(hours=1, seconds=1)
    period(wiring, "uploads.sweep")
    assert [asset["size"] for asset in tus.assets(delivery)] == [len(CONTENT)]
    assert tus.head(place).headers["tillpaid-asset"] == tus.assets(delivery)[0]["id"]


def test_a_long_end_keeps_its_lease(
    tus: Tus, delivery: str, wiring: Wiring, monkeypatch: pytest.MonkeyPatch, clock: MovableClock
) -> None:
    """Reading a huge file back takes longer than a lease; it is prolonged meanwhile."""
    place = tus.begin(delivery, len(CONTENT))
    leases: list[Any] = []

    def long_keep(*args: Any) -> Any:
        for _turn in range(3):
            clock.move(seconds=lease.LEASE.total_seconds() - 1)
            before = len(renewed)
            while len(renewed) == before:
                time.sleep(0.005)
            with wiring.db.read() as tx:
                leases.append(tx.scalars(select(Upload.lease_until)).one() > clock.now)
        return complete.keep(*args)

    renewed: list[bool] = []

    def advance(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        renewed.append(True)

    real = lease.advance
    monkeypatch.setattr(finish, "RENEW_AFTER", 0.01)
    monkeypatch.setattr(finish, "keep", long_keep)
    monkeypatch.setattr(lease, "advance", advance)
    assert tus.patch(place, 0, CONTENT).status_code == 204
    assert len(leases) == 3
    assert len(tus.assets(delivery)) == 1


def test_bytes_that_are_lost_are_said_to_be(tus: Tus, delivery: str, wiring: Wiring) -> None:
    place = tus.begin(delivery, 10)
    tus.patch(place, 0, b"01234")
    (wiring.settings.data_dir / "vault" / "partial" / place.rsplit("/", 1)[1]).write_bytes(b"012")
    answer = tus.patch(place, 5, b"56789")
    assert (answer.status_code, answer.json()["code"]) == (410, "upload_lost")
    assert tus.head(place).status_code == 404
    assert files(wiring) == 0


def test_what_expired_is_swept_and_strays_with_it(tus: Tus, delivery: str, wiring: Wiring, clock: MovableClock) -> None:
    store: Any = wiring.store
    half, done = tus.begin(delivery, 10), tus.send(delivery, CONTENT)
    tus.patch(half, 0, b"0123")
    store.begin_partial("upl-stray", 5)
    os.utime(wiring.settings.data_dir / "vault" / "partial" / "upl-stray", (0, 0))
    clock.move(hours=1, seconds=1)
    period(wiring, "uploads.sweep")
    assert [one.key for one in store.partials()] == [half.rsplit("/", 1)[1]]
    clock.move(hours=72)
    period(wiring, "uploads.sweep")
    assert list(store.partials()) == []
    with wiring.db.read() as tx:
        assert tx.query(Upload).count() == 0
    assert [asset["id"] for asset in tus.assets(delivery)] == [done]


def test_doing_it_once(tus: Tus, delivery: str) -> None:
    given = metadata({"delivery": delivery, "filename": "a.bin"})
    first = tus.call("POST", Upload_Length="10", Upload_Metadata=given, Idempotency_Key="k")
    again = tus.call("POST", Upload_Length="10", Upload_Metadata=given, Idempotency_Key="k")
    assert first.status_code == again.status_code == 201
    assert first.headers["location"] == again.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    other = tus.call("POST", Upload_Length="11", Upload_Metadata=given, Idempotency_Key="k")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")


def test_what_is_left_to_do_is_listed(tus: Tus, delivery: str) -> None:
    place = tus.begin(delivery, 10, "b.bin", path="rīts")
    tus.patch(place, 0, b"0123")
    tus.send(delivery, CONTENT)
    found = tus.studio.api("GET", f"/uploads?delivery={delivery}").json()
    [item] = found["items"]
    assert (item["url"], item["filename"], item["path"], item["offset"]) == (place, "b.bin", "rīts", 4)
    [kept] = found["kept"]
    assert kept == {
        "filename": "a.bin",
        "path": "",
        "size": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
    }


def test_a_lease_outlives_silence() -> None:
    assert timedelta(seconds=receive.SILENCE) < lease.LEASE
    assert complete.SLICE > 0
