"""A store that takes requests and answers none: one or a few wait to the end, the rest are refused at once, until it answers."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ReadTimeoutError

from storage.backends.s3 import S3Store
from storage.blobstore import Unavailable
from storage.conformance import read
from storage.opening import open_store
from storage.s3 import address, hang
from tests.s3_server import S3Server

SILENCE = 2.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3Server]:
    """One of its own, for it is stopped in its tracks."""
    with S3Server(tmp_path / "s3") as made:
        yield made


@pytest.fixture
def store(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    url = server.url()
    open_store(url).put("a/b", [b"content"])
    monkeypatch.setattr(address, "SILENCE_SECONDS", SILENCE)
    monkeypatch.setattr(hang, "AGAIN_SECONDS", 0.5)
    made = open_store(url)
    assert isinstance(made, S3Store)
    return made


def refused_after(store: S3Store) -> float:
    """Seconds until the store was said to be away."""
    began = time.monotonic()
    with pytest.raises(Unavailable):
        store.stat("a/b")
    return time.monotonic() - began


def answers(store: S3Store) -> bool:
    try:
        return read(store, "a/b") == b"content"
    except Unavailable:
        time.sleep(0.2)
        return False


def test_who_comes_after_one_has_waited_is_refused_at_once(server: S3Server, store: S3Store) -> None:
    os.kill(server.pid, signal.SIGSTOP)
    try:
        assert SILENCE <= refused_after(store) < 3 * SILENCE, "and it is not tried again"
        assert refused_after(store) < SILENCE / 2
        time.sleep(0.6)
        with ThreadPoolExecutor(10) as pool:
            waits = list(pool.map(lambda _: refused_after(store), range(10)))
        assert sum(wait >= SILENCE for wait in waits) == 1, "one asks again"
    finally:
        os.kill(server.pid, signal.SIGCONT)
    until = time.monotonic() + 60
    while not answers(store):
        assert time.monotonic() < until
    assert store.put("c/d", [b"more"]).size == 4


def test_one_slow_answer_among_others_is_no_hang(store: S3Store) -> None:
    """What the store puts together may take longer than we wait; it answers others meanwhile."""
    assert store.stat("a/b").size == 7
    late = ReadTimeoutError(endpoint_url=store.address.options["endpoint_url"])
    store.client.meta.events.emit("response-received.s3.CompleteMultipartUpload", exception=late)
    assert read(store, "a/b") == b"content"
    time.sleep(SILENCE)
    store.client.meta.events.emit("response-received.s3.CompleteMultipartUpload", exception=late)
    assert refused_after(store) < SILENCE / 2, "nobody was answered since it began"
