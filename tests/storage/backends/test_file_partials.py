"""Partials on disk: sudden death, failing calls, a full disk, and what a file's second name means."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage.backends.file import FileStore
from storage.blobstore import AlreadyExists, NoSpace, StorageError, Torn, Unavailable
from storage.resuming import Progress
from storage.resuming_crash import kill_appenders

ROUNDS = int(os.environ.get("TILLPAID_FAULT_ROUNDS", "25"))
CALLS = ("open", "write", "fsync", "fdatasync", "link", "ftruncate")


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "vault")


def file_of(store: FileStore, name: str = "one") -> Path:
    return store.root / "partial" / name


def test_whoever_adds_is_killed_at_random_moments_and_nothing_that_was_told_is_lost(tmp_path: Path) -> None:
    tally = kill_appenders((tmp_path / "vault").as_uri(), kills=ROUNDS, seed=2)
    assert tally.faults == []
    assert tally.acknowledged > tally.kills, "they were killed before they wrote anything"
    assert tally.kept, "nothing was ever completed"
    print(tally)


def test_only_its_owner_may_read_it(store: FileStore) -> None:
    store.begin_partial("one", 10)
    assert file_of(store).stat().st_mode & 0o777 == 0o600
    assert file_of(store).parent.stat().st_mode & 0o777 == 0o700


def test_a_sweep_of_dead_writers_leaves_partials_alone(store: FileStore) -> None:
    store.begin_partial("one", 10)
    os.utime(file_of(store), (0, 0))
    assert store.sweep() == 0 and file_of(store).exists()


def test_a_name_is_given_once(store: FileStore) -> None:
    store.begin_partial("one", 10)
    with pytest.raises(AlreadyExists):
        store.begin_partial("one", 10)


def test_bytes_that_are_gone_are_seen(store: FileStore) -> None:
    progress = store.begin_partial("one", 10)
    with store.resume(progress) as writer:
        writer.write(b"01234")
        half = writer.flush()
    os.truncate(file_of(store), 4)
    with pytest.raises(Torn):
        store.resume(half)
    for ask in (store.open_partial, lambda torn: store.keep_partial(torn, "torn")):
        with pytest.raises(Torn):
            ask(Progress("one", 10, 10))


def test_what_was_kept_has_two_names_and_is_not_cut(store: FileStore) -> None:
    with store.resume(store.begin_partial("one", 4)) as writer:
        writer.write(b"data")
        whole = writer.flush()
    store.keep_partial(whole, "kept")
    with pytest.raises(Torn):
        store.resume(Progress("one", 4, 1))
    with store.open("kept") as reader:
        assert reader.read() == b"data"


class Failing:
    """System calls that are counted, and of which one fails."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.seen: list[str] = []
        self.fail_at, self.error = -1, errno.EIO
        for name in CALLS:
            patch.setattr(os, name, self._wrapped(name, getattr(os, name)))

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.seen.append(name)
            if len(self.seen) - 1 == self.fail_at:
                raise OSError(self.error, os.strerror(self.error))
            return real(*args, **kwargs)

        return call


def test_bytes_are_on_the_disk_before_a_progress_says_so(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        calls = Failing(patch)
        progress = store.begin_partial("one", 6)
        with store.resume(progress) as writer:
            writer.write(b"abc")
            writer.write(b"def")
            done = writer.flush()
        store.keep_partial(done, "kept")
    steps = [name for name in calls.seen if name != "open"]
    # the folder, so that the file has its name; content; then, to keep it: content, the new folder's name, link, folder
    assert steps == ["fsync", "write", "write", "fdatasync", "fsync", "fsync", "link", "fsync"]


@pytest.mark.parametrize(
    ("error", "kind"), [(errno.ENOSPC, NoSpace), (errno.EDQUOT, NoSpace), (errno.EIO, Unavailable)]
)
def test_each_call_fails_once_and_the_next_try_goes_on(
    store: FileStore, monkeypatch: pytest.MonkeyPatch, error: int, kind: type[StorageError]
) -> None:
    failures = 0
    with monkeypatch.context() as patch:
        calls = Failing(patch)
        calls.error = error
        for step in range(100):
            key, name = f"kept/{step}", f"one-{step}"
            calls.seen.clear()
            calls.fail_at = step
            progress: Progress | None = None
            for _try in range(2):
                try:
                    progress = progress or store.begin_partial(name, 6)
                    while not progress.complete:
                        with store.resume(progress) as writer:
                            writer.write(b"abcdef"[progress.offset :][:3])
                            progress = writer.flush()
                    store.keep_partial(progress, key)
                    break
                except AlreadyExists:  # the fault came after the name was given
                    break
                except StorageError as failure:
                    failures += 1
                    assert type(failure) is kind
                    name += "b"  # begun twice, under another name, as a caller does
            ended = len(calls.seen) <= step
            calls.fail_at = -1
            with store.open(key) as reader:
                assert reader.read() == b"abcdef", f"after failing call {step}"
            if ended:
                break
    assert failures >= 8


def test_a_full_disk_gives_back_what_was_not_made_durable(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = store.begin_partial("one", 10)
    with store.resume(progress) as writer:
        writer.write(b"0123")
        progress = writer.flush()
    with monkeypatch.context() as patch:
        calls = Failing(patch)
        calls.error = errno.ENOSPC
        writer = store.resume(progress)
        writer.write(b"45")
        calls.fail_at = len(calls.seen)
        with pytest.raises(NoSpace):
            writer.write(b"67")
    assert file_of(store).stat().st_size == 4
    with pytest.raises(ValueError, match="closed"):
        writer.flush()
