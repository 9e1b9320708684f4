"""The store on disk: the contract, sudden death, a full disk, failing calls, privacy, leftovers."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.backends.file import FileStore
from storage.blobstore import LocalPath, NoSpace, NotFound, StorageError, Sweeps, Unavailable, measure
from storage.conformance import Contract
from storage.crash import kill_writers
from storage.resuming_conformance import ResumingContract

HERE = Path(__file__)
NOW = timedelta(0)
ROUNDS = int(os.environ.get("TILLPAID_FAULT_ROUNDS", "25"))


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "vault")


class TestFile(Contract, ResumingContract):
    pass


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_writers_killed_at_random_moments_leave_only_whole_objects(tmp_path: Path) -> None:
    tally = kill_writers((tmp_path / "vault").as_uri(), kills=ROUNDS, seed=1)
    assert tally.faults == []
    assert tally.acknowledged > tally.kills, "the writers were killed before they wrote anything"
    print(tally)


def test_what_the_dead_left_is_swept_and_the_living_are_spared(store: FileStore) -> None:
    living = store.begin()
    living.write(b"still here")
    (store.root / "incoming" / "1-dead").write_bytes(b"half")
    time.sleep(0.01)
    assert store.sweep() == 0, "too young: its writer may be about to lock it"
    assert store.sweep(NOW) == 1
    living.commit("alive")
    assert store.stat("alive").size == 10
    assert files_under(store.root / "incoming") == []
    assert isinstance(store, Sweeps)


def test_all_of_it_is_its_owners_alone(store: FileStore) -> None:
    previous = os.umask(0)
    try:
        store.put("private/original", [b"x"])
    finally:
        os.umask(previous)
    for path in [store.root, *store.root.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_objects_are_spread_over_folders(store: FileStore) -> None:
    for number in range(100):
        store.put(f"many/{number}", [b"x"])
    assert len(list((store.root / "objects").iterdir())) > 50


def test_an_object_is_a_file_that_the_kernel_can_send(store: FileStore) -> None:
    store.put("a/b", [b"content"])
    assert isinstance(store, LocalPath)
    assert store.local_path("a/b").read_bytes() == b"content"
    descriptor = store.open_descriptor("a/b")
    try:
        assert os.pread(descriptor, 100, 0) == b"content"
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(descriptor, b"x")
    finally:
        os.close(descriptor)
    for ask in (store.local_path, store.open_descriptor):
        with pytest.raises(NotFound):
            ask("none")


def test_a_link_planted_in_the_folder_is_not_followed(store: FileStore, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"secret")
    store.put("planted", [b"x"])
    store.local_path("planted").unlink()
    store.path_of("planted").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError):
        store.open("planted")


def test_a_lost_folder_is_a_fault_and_not_an_absent_object(store: FileStore) -> None:
    store.put("kept", [b"x"])
    store.root.rename(store.root.with_name("unmounted"))
    for ask in (store.open, store.stat, store.exists, store.delete):
        with pytest.raises(Unavailable):
            ask("kept")
    with pytest.raises(Unavailable):
        store.put("new", [b"x"])
    with pytest.raises(Unavailable):
        list(store.list())


def test_an_object_cut_short_behind_our_back_is_a_fault(store: FileStore) -> None:
    store.put("cut", [b"x" * 1000])
    with store.open("cut") as reader:
        os.truncate(store.local_path("cut"), 10)
        with pytest.raises(Unavailable):
            reader.read()


def test_nothing_stays_open(store: FileStore) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(20):
        store.put(f"n/{number}", [b"x"])
        measure(store, f"n/{number}")
        with pytest.raises(StorageError):
            store.put(f"n/{number}", [b"y"])
        store.delete(f"n/{number}")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


class Calls:
    """Stands before some of the system's calls: writes them down, and makes the chosen one fail."""

    NAMES = ("open", "write", "fsync", "link")

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[str] = []
        self.fail_at, self.error = -1, 0
        for name in self.NAMES:
            monkeypatch.setattr(os, name, self.standing_before(name, getattr(os, name)))

    def standing_before(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.seen.append(name)
            if len(self.seen) - 1 == self.fail_at:
                raise OSError(self.error, os.strerror(self.error))
            return real(*args, **kwargs)

        return call


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[Calls]:
    with monkeypatch.context() as patch:
        yield Calls(patch)


def test_bytes_are_on_the_disk_before_the_name_and_the_name_before_the_answer(store: FileStore, calls: Calls) -> None:
    store.put("first", [b"one", b"two"])
    steps = [name for name in calls.seen if name != "open"]
    # content, then its new folder's name, then the link, then the folder that holds it
    assert steps == ["write", "write", "fsync", "fsync", "link", "fsync"]


@pytest.mark.parametrize(
    ("error", "kind"), [(errno.ENOSPC, NoSpace), (errno.EDQUOT, NoSpace), (errno.EIO, Unavailable)]
)
def test_each_call_fails_once_and_the_next_try_succeeds(
    tmp_path: Path, calls: Calls, error: int, kind: type[StorageError]
) -> None:
    calls.error = error
    failures = 0
    for step in range(100):
        store = FileStore(tmp_path / f"vault{step}")
        calls.seen.clear()
        calls.fail_at = step
        try:
            store.put("key", [b"one", b"two"], if_absent=False)
        except StorageError as failure:
            failures += 1
            assert type(failure) is kind
        calls.fail_at = -1
        assert files_under(store.root / "incoming") == [], f"leftover after failing call {step}"
        if store.exists("key"):
            assert measure(store, "key").size == 6, "half an object"
        store.put("key", [b"one", b"two"], if_absent=False)
        assert measure(store, "key").size == 6
        if len(calls.seen) <= step:
            break
    assert failures >= 6


def fill_a_small_disk(folder: Path) -> None:
    """Run on a disk of 4 MiB: fills it in one write, and looks at what is left."""
    store = FileStore(folder / "vault")
    store.put("before", [b"x" * 100_000])
    for if_absent in (True, False):
        try:
            store.put("large", (b"y" * 100_000 for _ in range(100)), if_absent=if_absent)
        except NoSpace:
            continue
        raise AssertionError("10 MB went onto a disk of 4 MiB")
    assert [each.key for each in store.list()] == ["before"]
    assert files_under(store.root / "incoming") == []
    assert measure(store, "before").size == 100_000
    store.put("after", [b"z" * 2_000_000])
    assert measure(store, "after").size == 2_000_000
    print("full, and recovered")


def test_a_full_disk_is_said_and_leaves_room_for_the_next(tmp_path: Path) -> None:
    """A real full disk, in a mount namespace of its own; where the system allows none, a limit on file size instead."""
    mounted = f"mount -t tmpfs -o size=4m none {tmp_path} && exec {sys.executable} {HERE} {tmp_path}"
    namespace = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    limited = f"ulimit -f 4096; exec {sys.executable} {HERE} {tmp_path}"
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[3])}
    for command in ([*namespace, "sh", "-c", mounted], ["sh", "-c", limited]):
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode == 0 or "Error" in done.stderr:
            break
    assert done.stdout == "full, and recovered\n", done.stderr
    print("on a real disk" if command[0] == "unshare" else "by a limit on file size")


if __name__ == "__main__":
    fill_a_small_disk(Path(sys.argv[1]))
