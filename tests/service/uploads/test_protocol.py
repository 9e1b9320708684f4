"""tus 1.0 as its text says it: creation, core, checksum, expiration, termination."""

from __future__ import annotations

import hashlib
import os
import random
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from service.kit.names import base_name, safe_name
from service.wiring import Wiring
from tests.actors import StudioActor
from tests.conftest import MovableClock
from tests.service.uploads.conftest import BYTES, Tus, checksum, metadata


def test_a_file_arrives_in_pieces_byte_for_byte(tus: Tus, studio: StudioActor, delivery: str) -> None:
    content, chance = os.urandom(3_500_017), random.Random(3)
    place = tus.begin(delivery, len(content), "kāzas 1.bin", path="Cēsis/rīts", tier="source")
    offset = 0
    while offset < len(content):
        assert tus.offset(place) == offset
        piece = content[offset : offset + chance.randrange(1, 900_000)]
        answer = tus.patch(place, offset, piece)
        offset += len(piece)
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(offset))
        assert ("tillpaid-asset" in answer.headers) == (offset == len(content))
    [asset] = tus.assets(delivery)
    assert asset["id"] == answer.headers["tillpaid-asset"] == tus.head(place).headers["tillpaid-asset"]
    assert (asset["filename"], asset["tier"], asset["size"]) == ("kāzas 1.bin", "source", len(content))
    assert asset["sha256"] == hashlib.sha256(content).hexdigest()
    assert studio.page("GET", f"/deliveries/{delivery}/assets/{asset['id']}/original").content == content


def test_options_say_what_is_spoken(tus: Tus, wiring: Wiring) -> None:
    answer = tus.studio.client.request("OPTIONS", "/api/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-extension"] == "creation,expiration,checksum,termination"
    assert answer.headers["tus-checksum-algorithm"] == "sha1,sha256"
    assert int(answer.headers["tus-max-size"]) == wiring.settings.uploads.max_file_mib * 1024 * 1024


def test_every_answer_names_the_version_and_another_one_is_refused(tus: Tus, delivery: str) -> None:
    place = tus.begin(delivery, 10)
    for method in ("POST", "HEAD", "PATCH", "DELETE"):
        for version in ("0.2.2", "", "1.0.1"):
            answer = tus.call(method, "" if method == "POST" else place, Tus_Resumable=version)
            assert (answer.status_code, answer.headers["tus-resumable"]) == (412, "1.0.0"), method
    assert tus.offset(place) == 0


def test_a_head_answer_is_not_cached_and_repeats_what_was_given(tus: Tus, delivery: str) -> None:
    given = {"delivery": delivery, "filename": "a.bin", "note": "ņemts līdzi"}
    answer = tus.call("POST", Upload_Length="10", Upload_Metadata=metadata(given))
    found = tus.head(answer.headers["location"])
    assert found.status_code == 200
    assert found.content == b""
    assert found.headers["cache-control"] == "no-store"
    assert (found.headers["upload-length"], found.headers["upload-offset"]) == ("10", "0")
    assert found.headers["upload-metadata"] == metadata(given)


@pytest.mark.parametrize("offset", [0, 3, 5, 10])
def test_a_piece_that_begins_elsewhere_is_refused(tus: Tus, delivery: str, offset: int) -> None:
    place = tus.begin(delivery, 10)
    tus.patch(place, 0, b"0123")
    answer = tus.patch(place, offset, b"x")
    assert (answer.status_code, answer.json()["code"]) == (409, "offset_mismatch")
    assert tus.offset(place) == 4


def test_a_piece_of_another_kind_is_refused(tus: Tus, delivery: str) -> None:
    place = tus.begin(delivery, 4)
    answer = tus.call("PATCH", place, b"0123", Upload_Offset="0", Content_Type="application/octet-stream")
    assert (answer.status_code, answer.json()["code"]) == (415, "media_type")
    assert tus.offset(place) == 0


@pytest.mark.parametrize("said", [True, False])
def test_more_than_was_announced_is_refused(tus: Tus, delivery: str, said: bool) -> None:
    place = tus.begin(delivery, 10)
    tus.patch(place, 0, b"0123")
    answer = tus.patch(place, 4, b"456789-" if said else iter([b"4567", b"89-"]))
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_overflow")
    assert tus.offset(place) == 4
    assert tus.patch(place, 4, b"456789").status_code == 204


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_a_piece_counts_whole_or_not_at_all_under_a_checksum(tus: Tus, delivery: str, name: str) -> None:
    content = os.urandom(2_500_000)
    place = tus.begin(delivery, len(content))
    wrong = tus.patch(place, 0, content[:2_000_000], Upload_Checksum=checksum(b"something else", name))
    assert (wrong.status_code, wrong.json()["code"]) == (460, "checksum_mismatch")
    assert tus.offset(place) == 0
    half = tus.patch(place, 0, content[:2_000_000], Upload_Checksum=checksum(content[:2_000_000], name))
    assert half.headers["upload-offset"] == "2000000"
    tus.patch(place, 2_000_000, content[2_000_000:], Upload_Checksum=checksum(content[2_000_000:], name))
    assert tus.assets(delivery)[0]["sha256"] == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("md5 1B2M2Y8AsgTpgAmY7PhCfg==", "checksum_algorithm"),
        ("sha256 !!!", "malformed"),
        ("sha256 AAAA", "malformed"),
        ("", "checksum_algorithm"),
    ],
)
def test_a_checksum_that_cannot_be_checked_is_refused(tus: Tus, delivery: str, value: str, code: str) -> None:
    answer = tus.patch(tus.begin(delivery, 10), 0, b"0123", Upload_Checksum=value)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("length", ["", "-1", "1.5", "ten", "1" * 30, "9" * 19])
def test_a_length_must_be_a_number(tus: Tus, delivery: str, length: str) -> None:
    given = metadata({"delivery": delivery, "filename": "a"})
    sent = tus.call("POST", Upload_Length=length, Upload_Metadata=given)
    assert (sent.status_code, sent.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    "line",
    [
        "delivery",
        "delivery !!",
        "delivery AA==",
        "delivery /w==",
        "filename YQ==,filename YQ==",
        " YQ==",
        "a " + "QUFB" * 2000,
    ],
)
def test_metadata_that_cannot_be_read_is_refused(tus: Tus, line: str) -> None:
    answer = tus.call("POST", Upload_Length="10", Upload_Metadata=line)
    assert answer.status_code in {400, 422}, answer.text
    assert answer.json()["field"] == "Upload-Metadata"


def test_what_is_missing_or_wrong_in_the_metadata_is_named(tus: Tus, delivery: str) -> None:
    for given, status in (
        ({"filename": "a"}, 422),
        ({"delivery": delivery}, 422),
        ({"delivery": delivery, "filename": "a", "tier": "gold"}, 422),
        ({"delivery": "dlv_none", "filename": "a"}, 404),
    ):
        assert tus.call("POST", Upload_Length="1", Upload_Metadata=metadata(given)).status_code == status
    assert tus.create(delivery, 0).json()["code"] == "empty_file"


def test_what_is_no_id_is_not_there(tus: Tus) -> None:
    for name in ("%00", "upl_%00", "x" * 300, "upl_" + "a" * 25, "%F0%9F%92%A9"):
        for answer in (
            tus.head(f"/{name}"),
            tus.patch(f"/{name}", 0, b"x"),
            tus.call("DELETE", f"/{name}"),
            tus.studio.api("GET", f"/uploads?delivery={name[:60]}"),
        ):
            assert answer.status_code == 404, (name, answer.status_code)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\fakepath\\a.jpg", "a\r\nb.jpg", "\u202egpj.exe", "con", "x" * 900]
)
def test_promise_26_hostile_names_are_made_safe(tus: Tus, delivery: str, name: str) -> None:
    tus.send(delivery, b"x", name, path="../../up/" + name)
    [asset] = tus.assets(delivery)
    shown = asset["filename"]
    assert shown == safe_name(base_name(name))
    assert not set(shown) & set("/\\\r\n\u202e") and len(shown.encode()) <= 200
    [kept] = tus.studio.api("GET", f"/uploads?delivery={delivery}").json()["kept"]
    assert ".." not in kept["path"].split("/")


def test_an_upload_expires_when_nobody_goes_on_with_it(tus: Tus, delivery: str, clock: MovableClock) -> None:
    answer = tus.create(delivery, 10)
    place = answer.headers["location"]
    assert parsedate_to_datetime(answer.headers["upload-expires"]) == clock.now.replace(day=5)
    clock.move(hours=71)
    moved = tus.patch(place, 0, b"0123")
    assert parsedate_to_datetime(moved.headers["upload-expires"]) == clock.now.replace(day=8)
    clock.move(hours=72, seconds=1)
    for answer in (tus.head(place), tus.patch(place, 4, b"4"), tus.call("DELETE", place)):
        assert answer.status_code == 404


def test_an_upload_can_be_taken_back_until_it_is_whole(tus: Tus, delivery: str, wiring: Wiring) -> None:
    place = tus.begin(delivery, 10)
    tus.patch(place, 0, b"0123")
    assert tus.call("DELETE", place).status_code == 204
    assert tus.head(place).status_code == 404
    assert tus.call("DELETE", place).status_code == 404
    assert [path for path in (wiring.settings.data_dir / "vault").rglob("*") if path.is_file()] == []
    place = tus.begin(delivery, 4)
    tus.patch(place, 0, b"0123")
    assert tus.call("DELETE", place).json()["code"] == "upload_done"
    assert len(tus.assets(delivery)) == 1


def test_networks_that_let_only_post_pass(tus: Tus, delivery: str) -> None:
    """X-HTTP-Method-Override: what it names is done, with all that it checks."""
    place = tus.begin(delivery, 9)

    def meant(method: str, content: bytes | None = None, **headers: str) -> Any:
        return tus.call("POST", place, content, X_HTTP_Method_Override=method, **headers)

    piece = {"Upload_Offset": "0", "Content_Type": BYTES}
    assert meant("PATCH", b"01234", **piece).headers["upload-offset"] == "5"
    assert meant("patch", b"56789", **piece).status_code == 409
    told = meant("HEAD")
    assert (told.status_code, told.headers["upload-offset"], told.content) == (200, "5", b"")
    for other in ("PUT", "POST", "GET", ""):
        answer = meant(other)
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert answer.headers["tus-resumable"] == "1.0.0"
    assert tus.call("POST", place).status_code == 405
    assert meant("DELETE").status_code == 204
    assert tus.head(place).status_code == 404
