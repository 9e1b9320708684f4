"""The store in S3, against a real server: the contract, large objects, lost answers, sudden death, rights, signed addresses."""

from __future__ import annotations

import base64
import hashlib
import os
import threading
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ResponseStreamingError

from storage.backends.s3 import S3Store
from storage.blobstore import (
    CHUNK,
    AlreadyExists,
    BadAddress,
    LocalPath,
    NotFound,
    Presigns,
    Sweeps,
    Unavailable,
    measure,
)
from storage.conformance import MIB, Contract, read
from storage.crash import kill_writers
from storage.opening import open_store
from storage.s3 import write
from storage.s3.write import PART
from tests.s3_server import RENDITIONS, S3Server

ROUNDS = int(os.environ.get("TILLPAID_FAULT_ROUNDS", "8"))
NOW = timedelta(0)
LARGE = b"".join(bytes([n]) * MIB for n in range(20)) + b"end"


@pytest.fixture
def store(s3_server: S3Server) -> S3Store:
    made = open_store(s3_server.url())
    assert isinstance(made, S3Store)
    return made


class TestS3(Contract):
    most_memory = 4 * PART


def pieces(data: bytes) -> list[bytes]:
    return [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]


def names(store: S3Store) -> list[str]:
    """Every object under the prefix, also what is no key."""
    return [found["Key"].removeprefix(store.address.prefix) for found in store.listed("")]


def unfinished(store: S3Store) -> list[Any]:
    return list(store.unfinished())


@pytest.mark.parametrize("if_absent", [True, False])
def test_a_large_object_gets_its_key_at_the_end(store: S3Store, if_absent: bool, monkeypatch: Any) -> None:
    monkeypatch.setattr(write, "COPY_PART", 8 * MIB)  # so that a copy has several parts
    with store.begin() as writer:
        for piece in pieces(LARGE):
            writer.write(piece)
        assert list(store.list()) == []
        stored = writer.commit("by/content", if_absent=if_absent)
    assert measure(store, "by/content") == stored
    assert stored.sha256 == hashlib.sha256(LARGE).hexdigest()
    assert names(store) == ["by/content~"]
    assert unfinished(store) == []


@pytest.mark.parametrize("known", [True, False])
def test_a_taken_key_is_not_replaced_by_a_large_object(store: S3Store, known: bool) -> None:
    store.put("taken", [b"first"])
    with pytest.raises(AlreadyExists):
        if known:
            store.put("taken", pieces(LARGE))
        else:
            with store.begin() as writer:
                writer.write(LARGE)
                writer.commit("taken")
    assert read(store, "taken") == b"first"
    assert names(store) == ["taken~"]
    assert unfinished(store) == []


def test_of_many_large_ones_at_once_one_stands_whole(store: S3Store) -> None:
    """SeaweedFS 4.48 looks and then writes at the end of a multipart upload: two may be told that they won. One of them
    stands, never a mixture; whoever comes later is refused. (The race of small ones, which is strict, is in the
    conformance suite.)"""
    won: list[int] = []

    def attempt(number: int) -> None:
        with suppress(AlreadyExists):
            store.put("race", [bytes([number]) * (PART + 5)])
            won.append(number)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = read(store, "race")
    assert kept[0] in won and len(kept) == PART + 5 and set(kept) == {kept[0]}
    with pytest.raises(AlreadyExists):
        store.put("race", [bytes(PART + 5)])
    assert unfinished(store) == []
    assert names(store) == ["race~"]


def test_a_large_read_seeks_and_goes_on(store: S3Store) -> None:
    store.put("large", pieces(LARGE))
    with store.open("large", MIB, 10 * MIB) as reader:
        assert reader.read(2 * MIB) == LARGE[MIB : 3 * MIB]
        assert reader.seek(-5, 2) == 9 * MIB - 5
        assert reader.read() == LARGE[10 * MIB - 5 : 10 * MIB]
        assert reader.seek(7 * MIB + 1) == 7 * MIB + 1
        assert reader.read(3) == LARGE[8 * MIB + 1 : 8 * MIB + 4]


def test_a_broken_connection_is_taken_up_again(store: S3Store) -> None:
    store.put("large", pieces(LARGE))
    with store.open("large") as reader:
        first = reader.read(MIB)
        body, broken = reader._body, [0]

        def breaks(size: int) -> bytes:
            broken[0] += 1
            raise ResponseStreamingError(error=ConnectionResetError())

        body.read = breaks
        assert first + reader.read() == LARGE
        assert broken == [1]


def test_what_replaced_an_object_is_not_mixed_in(store: S3Store) -> None:
    store.put("large", pieces(LARGE))
    with store.open("large") as reader:
        first = reader.read(10)
        store.put("large", pieces(b"\xff" * len(LARGE)), if_absent=False)
        reader.seek(11 * MIB)
        with pytest.raises(Unavailable):
            reader.read(MIB)
        assert first == LARGE[:10]


class Loses:
    """Stands before a call of boto3's client: the store does the work, and the answer is lost."""

    def __init__(self, store: S3Store, name: str) -> None:
        self.store, self.real, self.name, self.times = store, getattr(store.client, name), name, 0
        setattr(store.client, name, self)

    def __call__(self, **asked: Any) -> Any:
        self.times += 1
        self.real(**asked)
        if self.times == 1:
            try:
                return self.real(**asked)  # what boto3 does by itself when no answer comes
            finally:
                setattr(self.store.client, self.name, self.real)
        raise AssertionError("called again")


@pytest.mark.parametrize(
    ("call", "data"), [("put_object", b"small"), ("complete_multipart_upload", b"x" * (PART + 1))], ids=["put", "parts"]
)
def test_a_repeated_request_knows_its_own_work(store: S3Store, call: str, data: bytes) -> None:
    lost = Loses(store, call)
    store.put("mine", [data])
    assert lost.times == 1
    assert read(store, "mine") == data
    with pytest.raises(AlreadyExists):
        store.put("mine", [data])


def test_a_part_changed_on_its_way_is_refused(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    real = store.client.upload_part

    def bent(**asked: Any) -> Any:
        digest = base64.b64encode(zlib.crc32(asked["Body"]).to_bytes(4, "big")).decode()
        return real(**{**asked, "Body": b"y" + asked["Body"][1:]}, ChecksumCRC32=digest)

    monkeypatch.setattr(store.client, "upload_part", bent)
    with pytest.raises(Unavailable, match="BadDigest"):
        store.put("bent", [b"x" * (PART + 1)])
    assert not store.exists("bent")
    assert unfinished(store) == []


def test_what_dead_uploads_left_is_swept(store: S3Store) -> None:
    store.put("kept", [b"x"])
    dead = [store.begin(), store.begin()]
    for writer in dead:
        writer.write(b"x" * (2 * PART))
    store.put("incoming/x", [b"y"])  # a key, although it looks like it
    store.client.put_object(**store.place(".incoming/left"), Body=b"z")
    assert isinstance(store, Sweeps)
    assert store.sweep() == 0, "all of it is young"
    assert len(unfinished(store)) == 2
    assert store.sweep(-timedelta(minutes=1)) == 3
    assert unfinished(store) == []
    assert sorted(names(store)) == ["incoming/x~", "kept~"]
    for writer in dead:
        writer.abort()


def test_writers_killed_at_random_moments_leave_only_whole_objects(s3_server: S3Server) -> None:
    url = s3_server.url()
    tally = kill_writers(url, kills=ROUNDS, seed=3, longest_life=0.6)
    assert tally.faults == []
    assert tally.acknowledged > tally.kills, "the writers were killed before they wrote anything"
    print(tally)


def test_rights_end_at_the_bucket(s3_server: S3Server) -> None:
    vault = open_store(s3_server.url(prefix="rights"))
    vault.put("original", [b"secret"])
    pages = open_store(s3_server.url(who="pages", prefix="rights"))
    attempts: list[Callable[[], Any]] = [
        lambda: read(pages, "original"),
        lambda: pages.exists("original"),
        lambda: pages.exists("none"),
        lambda: list(pages.list()),
        lambda: pages.put("new", [b"x"]),
        lambda: pages.delete("original"),
    ]
    for attempt in attempts:
        with pytest.raises(Unavailable):
            attempt()
    own = open_store(s3_server.url(RENDITIONS, "pages"))
    own.put("picture", [b"x"])
    assert read(own, "picture") == b"x"
    assert isinstance(own, S3Store)
    stolen = {"Bucket": "renditions", "Key": "stolen", "CopySource": {"Bucket": "vault", "Key": "rights/original~"}}
    with pytest.raises(Exception, match="AccessDenied"):
        own.client.copy_object(**stolen)
    assert read(vault, "original") == b"secret"


def test_a_missing_bucket_is_a_fault_and_not_an_absent_object(s3_server: S3Server) -> None:
    lost = open_store(s3_server.url("lost-bucket", prefix="x"))
    attempts: list[Callable[[], Any]] = [lambda: lost.open("k"), lambda: lost.stat("k"), lambda: lost.exists("k")]
    for attempt in attempts:
        with pytest.raises(Unavailable):
            attempt()


def test_encryption_at_rest_is_asked_for(s3_server: S3Server) -> None:
    sealed = open_store(s3_server.url(sse="AES256"))
    assert isinstance(sealed, S3Store)
    sealed.put("small", [b"x"])
    sealed.put("large", pieces(LARGE))
    with sealed.begin() as writer:
        writer.write(LARGE)
        writer.commit("late")
    for key, size in (("small", 1), ("large", len(LARGE)), ("late", len(LARGE))):
        assert sealed.client.head_object(**sealed.place(key))["ServerSideEncryption"] == "AES256"
        assert measure(sealed, key).size == size


def test_a_signed_address_serves_one_object_for_a_while(store: S3Store) -> None:
    assert isinstance(store, Presigns)
    store.put("a/b", [b"content"])
    disposition = "attachment; filename=\"x.pdf\"; filename*=UTF-8''%C5%BE.pdf"

    def signed(key: str, seconds: int = 60) -> str:
        return store.presign(
            key, lasts=timedelta(seconds=seconds), disposition=disposition, media_type="application/pdf"
        )

    with urllib.request.urlopen(signed("a/b")) as answer:
        assert answer.read() == b"content"
        assert answer.headers["Content-Disposition"] == disposition
        assert answer.headers["Content-Type"] == "application/pdf"
    store.put("a/c", [b"other"])
    for bad in (signed("a/b").replace("/a/b~?", "/a/c~?"), signed("a/b").replace("Expires=60", "Expires=6000")):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(bad)
    with pytest.raises(ValueError, match="a minute"):
        signed("a/b", 61)


def test_signed_addresses_may_name_another_host(s3_server: S3Server) -> None:
    store = open_store(s3_server.url(public_endpoint_url="https://files.example.com"))
    assert isinstance(store, Presigns)
    url = store.presign("k", lasts=timedelta(seconds=5), disposition="attachment", media_type="image/png")
    assert url.startswith("https://files.example.com/vault/")


def test_conditions_are_tried_out(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.honours_conditions()
    monkeypatch.setattr(write, "condition", lambda **_: {})
    assert not store.honours_conditions()
    assert names(store) == []


def test_a_store_that_is_away_is_a_fault_and_comes_back(tmp_path: Any) -> None:
    with S3Server(tmp_path / "own") as server:
        store = open_store(server.url(prefix="away"))
        store.put("kept", [b"x"])
        server.kill()
        attempts: list[Callable[[], Any]] = [
            lambda: read(store, "kept"),
            lambda: store.put("new", [b"x"]),
        ]
        for attempt in attempts:
            with pytest.raises(Unavailable):
                attempt()
        server.start()
        store.put("newer", [b"y"])
        assert read(store, "newer") == b"y"
        assert read(store, "kept") == b"x"


def test_a_lost_answer_is_a_fault(store: S3Store) -> None:
    def lost(**_: Any) -> Any:
        raise ConnectionClosedError(endpoint_url="http://x")

    store.client.get_object = lost
    with pytest.raises(Unavailable, match="ConnectionClosedError"):
        store.open("x")


def test_it_is_no_folder(store: S3Store) -> None:
    assert not isinstance(store, LocalPath)
    with pytest.raises(NotFound):
        store.open("none")


@pytest.mark.parametrize(
    "url",
    [
        *("s3:", "s3:///", "s3://B/x", "s3://a", "s3://bucket:80/x", "s3://bucket/a b", "s3://bucket/../x"),
        *("s3://bucket/x?what=1", "s3://bucket/x?sse=rot13", "s3://bucket/x?endpoint_url=ftp://h", "s3://bucket/x#y"),
        *("s3://bucket/x?endpoint_url=http://u:p@h", "s3://key@bucket/x", "s3://bucket/x?profile=none-such"),
        "s3://key:very%20secret@bucket/x?what=1",
    ],
)
def test_what_is_no_address_is_refused_plainly(url: str) -> None:
    with pytest.raises(BadAddress) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_credentials_may_stand_in_the_address() -> None:
    store = open_store("s3://KEY:a%2Fb%20c@bucket/deep/prefix?endpoint_url=http://127.0.0.1:1&region=eu-north-1")
    assert isinstance(store, S3Store)
    assert (store.address.key_id, store.address.secret) == ("KEY", "a/b c")
    assert store.place("k") == {"Bucket": "bucket", "Key": "deep/prefix/k~"}
    assert "a/b c" not in repr(store.address)
