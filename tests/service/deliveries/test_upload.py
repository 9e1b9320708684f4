"""Uploading: what is kept, what is refused in clear words, and that a refusal keeps nothing."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.deliveries import intake
from service.migrate import migrate
from service.settings import load
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio
from tests.originals import Original

BOUNDARY = "b0undary"


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    named = "" if filename is None else f'; filename="{filename}"'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


def send(studio: StudioActor, delivery: str, body: Any, **headers: str) -> Any:
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return studio.api("POST", f"/deliveries/{delivery}/assets", content=body, headers={**kind, **headers})


def kept(wiring: Wiring) -> list[Path]:
    """Every file in the vault, also half-written ones."""
    return [path for path in (wiring.settings.data_dir / "vault").rglob("*") if path.is_file()]


def assets(studio: StudioActor, delivery: str) -> list[dict[str, Any]]:
    return list(studio.api("GET", f"/deliveries/{delivery}/assets").json()["items"])


def test_what_is_acknowledged_is_kept_byte_for_byte(studio: StudioActor, wiring: Wiring) -> None:
    delivery = studio.delivery()["id"]
    content = os.urandom(3 * 1024 * 1024 + 17) + f"\r\n--{BOUNDARY}".encode()[:-1] + b"\r\n--"
    answer = send(studio, delivery, part("file", content, "big.bin") + END)
    assert answer.status_code == 201
    told = answer.json()["assets"][0]
    assert (told["sha256"], told["size"]) == (hashlib.sha256(content).hexdigest(), len(content))
    back = studio.page("GET", f"/deliveries/{delivery}/assets/{told['id']}/original")
    assert back.content == content


@pytest.mark.parametrize("first", [True, False])
def test_the_tier_may_stand_before_or_after_the_files(studio: StudioActor, first: bool) -> None:
    delivery = studio.delivery()["id"]
    tier, file = part("tier", b"source"), part("file", b"layers", "a.psd")
    answer = send(studio, delivery, (tier + file if first else file + tier) + END)
    assert [a["tier"] for a in answer.json()["assets"]] == ["source"]


def test_the_same_content_is_kept_once_and_shown_twice(studio: StudioActor, other: StudioActor, wiring: Wiring) -> None:
    delivery = studio.delivery()["id"]
    twice = studio.upload(delivery, Original("a.bin", b"same", ()), Original("b.bin", b"same", ()))
    assert twice[0]["id"] != twice[1]["id"] and len(kept(wiring)) == 1
    other.upload(other.delivery()["id"], Original("a.bin", b"same", ()))
    assert len(kept(wiring)) == 2  # another studio's bytes are its own


REFUSED = [
    (b"", 422, "cut_short"),
    (END, 422, "no_file"),
    (part("tier", b"final") + END, 422, "no_file"),
    (part("file", b"", "") + END, 422, "no_file"),
    (part("file", b"x") + END, 422, "no_file_name"),
    (part("picture", b"x", "a.jpg") + END, 422, "unknown_file_field"),
    (part("file", b"", "empty.jpg") + END, 422, "empty_file"),
    (part("file", b"good", "a.jpg") + part("file", b"", "empty.jpg") + END, 422, "empty_file"),
    (part("file", b"good", "a.jpg"), 422, "cut_short"),
    (part("file", b"good", "a.jpg")[:-9], 422, "cut_short"),
    (part("file", b"good", "a.jpg") + part("tier", b"gold") + END, 422, "bad_input"),
    (part("note", b"x" * 5000) + END, 422, "long_field"),
    (b"this is no form at all", 422, "not_multipart"),
    (b"--b0undary\r\nNonsense\r\n\r\nx\r\n" + END, 422, "not_multipart"),
]


@pytest.mark.parametrize(("body", "status", "code"), REFUSED)
def test_bad_uploads_are_refused_in_words_and_keep_nothing(
    studio: StudioActor, wiring: Wiring, body: bytes, status: int, code: str
) -> None:
    delivery = studio.delivery()["id"]
    answer = send(studio, delivery, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert assets(studio, delivery) == [] and kept(wiring) == []


@pytest.mark.parametrize("kind", ["", "application/json", "multipart/form-data", "multipart/mixed; boundary=b0undary"])
def test_another_content_type_is_refused(studio: StudioActor, kind: str) -> None:
    answer = send(studio, studio.delivery()["id"], part("file", b"x", "a") + END, **{"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_multipart")


def test_too_many_files_are_refused(studio: StudioActor, wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_FILES", 3)
    answer = send(studio, studio.delivery()["id"], b"".join(part("file", b"%d" % n, "a") for n in range(4)) + END)
    assert answer.json()["code"] == "too_many_files" and kept(wiring) == []


def test_promise_4_nobody_adds_to_or_sees_into_another_studios_delivery(
    studio: StudioActor, other: StudioActor, wiring: Wiring
) -> None:
    delivery = studio.delivery()["id"]
    asset = studio.upload(delivery, Original("a.bin", b"mine", ()))[0]["id"]
    theirs = other.delivery()["id"]
    assert send(other, delivery, part("file", b"x", "a") + END).status_code == 404
    for path in ("", "/assets", "/events"):
        assert other.api("GET", f"/deliveries/{delivery}{path}").status_code == 404
    own = f"/assets/{asset}/original"
    for path in ("", own, f"/previews/{asset}/1/480"):
        assert other.page("GET", f"/deliveries/{delivery}{path}").status_code == 404
    for path in (own, f"/previews/{asset}/1/480"):
        assert other.page("GET", f"/deliveries/{theirs}{path}").status_code == 404
    for path in ("/edit", "/withdraw", f"/assets/{asset}/remove", f"/assets/{asset}/retry"):
        assert other.page("POST", f"/deliveries/{delivery}{path}", {"title": "x"}).status_code == 404
    assert other.api("GET", "/deliveries", params={"after": delivery}).status_code == 404
    assert [d["id"] for d in other.api("GET", "/deliveries").json()["items"]] == [theirs]


def test_nothing_is_read_from_somebody_who_may_not_add(studio: StudioActor, wiring: Wiring) -> None:
    delivery = studio.delivery()["id"]
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    path = f"/deliveries/{delivery}/assets"
    body = part("file", b"x", "a") + END
    assert studio.client.post(f"/api/v1{path}", content=body, headers=kind).status_code == 401
    assert studio.client.post(path, content=body, headers={**kind, **studio.cookie_header}).status_code == 403
    signed_out = {**kind, "Cookie": studio.cookie_header["Cookie"].replace("tillpaid_session", "nobody")}
    assert studio.client.post(f"{path}?csrf={studio.csrf}", content=body, headers=signed_out).status_code == 401
    studio.page("POST", f"/deliveries/{delivery}/withdraw")
    assert send(studio, delivery, body).json()["code"] == "withdrawn"
    assert kept(wiring) == []


def test_promise_26_names_of_any_kind_are_kept_safe_to_show(studio: StudioActor) -> None:
    delivery = studio.delivery()["id"]
    names = [
        "../../etc/passwd",
        "C:\\\\dir\\\\a.jpg",
        "a\u202egpj.exe",
        "kāzas 😀.jpg",
        "x" * 1000 + ".jpg",
        "%22><b>.jpg",
    ]
    answer = send(studio, delivery, b"".join(part("file", b"%d" % i, n) for i, n in enumerate(names)) + END)
    shown = [a["filename"] for a in answer.json()["assets"]]
    assert shown[:4] == ["passwd", "a.jpg", "agpj.exe", "kāzas 😀.jpg"]
    assert len(shown[4].encode()) <= 200 and shown[4].endswith(".jpg") and not set(shown[5]) & set('<>"')
    assert studio.page("GET", f"/deliveries/{delivery}").status_code == 200


@pytest.fixture
def small(tmp_path: Path, clock: Any) -> Any:
    """A server that takes files of one MiB."""
    told = {"TILLPAID_BASE_URL": "http://testserver", "TILLPAID_MAX_FILE_MIB": "1", "TILLPAID_STUDIO_QUOTA_MIB": "4"}
    wiring = Wiring(load(told, data_dir=tmp_path / "small"), clock=clock)
    migrate(wiring.db)
    with TestClient(create_app(wiring), raise_server_exceptions=False, follow_redirects=False) as client:
        yield new_studio(wiring, client)
    wiring.close()


def test_a_file_over_the_limit_is_refused_before_and_during(small: StudioActor) -> None:
    delivery = small.delivery()["id"]
    over = part("file", b"x" * (1024 * 1024 + 1), "a.bin") + END
    assert send(small, delivery, over).status_code == 413
    assert send(small, delivery, iter([over])).status_code == 413  # chunked: it does not say how long it is
    assert send(small, delivery, b"", **{"Content-Length": str(10**12)}).status_code == 413
    assert kept(small.wiring) == []
    page = small.client.post(
        f"/deliveries/{delivery}/assets?csrf={small.csrf}",
        content=over,
        headers={
            **small.cookie_header,
            "Accept": "text/html",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        },
    )
    assert page.status_code == 413 and "A file may be at most 1 MiB." in page.text


def test_promise_28_a_studio_keeps_to_its_quota_and_repeats_count_once(small: StudioActor) -> None:
    delivery = small.delivery()["id"]
    full = [os.urandom(1024 * 1024) for _ in range(4)]
    for content in full[:3]:
        assert send(small, delivery, part("file", content, "a") + END).status_code == 201
    assert send(small, delivery, part("file", full[0], "again") + END).status_code == 201
    assert send(small, delivery, part("file", full[3], "a") + END).status_code == 201
    refused = send(small, delivery, iter([part("file", b"one more", "a") + END]))
    assert (refused.status_code, refused.json()["code"]) == (413, "quota")
    assert len(kept(small.wiring)) == 4


@pytest.mark.parametrize("step", ["begin", "write", "commit"])
def test_promise_20_a_full_disk_answers_507_and_leaves_no_half_asset(
    studio: StudioActor, wiring: Wiring, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    delivery = studio.delivery()["id"]
    good, bad = part("file", b"first", "a.bin"), part("file", b"y" * 3_000_000, "b.bin")

    def full(*_args: Any, **_kwargs: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        if step == "write":
            real, calls = os.write, [0]

            def sometimes(descriptor: int, data: Any) -> int:
                calls[0] += len(data)
                return full() if calls[0] > 1_000_000 else real(descriptor, data)

            broken.setattr("storage.backends.file.os.write", sometimes)
        else:
            broken.setattr(f"storage.backends.file.os.{'open' if step == 'begin' else 'fsync'}", full)
        answer = send(studio, delivery, good + bad + END)
    assert (answer.status_code, answer.json()["code"]) == (507, "no_space")
    assert assets(studio, delivery) == [] and kept(wiring) == []
    assert send(studio, delivery, good + bad + END).status_code == 201


def test_a_failing_transaction_gives_the_bytes_back(
    studio: StudioActor, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = studio.delivery()["id"]
    studio.upload(delivery, Original("old.bin", b"old", ()))
    with monkeypatch.context() as broken:
        broken.setattr("service.deliveries.upload_assets.add_asset", lambda *_a, **_k: 1 / 0)
        body = part("file", b"new", "n") + part("file", b"old", "o") + END
        assert send(studio, delivery, body).status_code == 500
    assert len(kept(wiring)) == 1 and len(assets(studio, delivery)) == 1


def test_a_repeated_upload_with_its_key_adds_once(studio: StudioActor) -> None:
    delivery = studio.delivery()["id"]
    body = part("file", b"once", "a.bin") + END
    first = send(studio, delivery, body, **{"Idempotency-Key": "k1"})
    again = send(studio, delivery, body, **{"Idempotency-Key": "k1"})
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    other = send(studio, delivery, part("file", b"two", "a.bin") + END, **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
    assert len(assets(studio, delivery)) == 1
