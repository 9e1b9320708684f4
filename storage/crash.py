"""The part of the contract about sudden death: writers are killed at random moments, and nothing is half there.

What this shows: no process death leaves a half object, and each acknowledged one is whole. What it cannot show is
the loss of power, for what a dead process wrote stays in the system's memory: that rests on fsync, whose order
each backend tests for itself.
"""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from storage.blobstore import BlobStore, measure
from storage.opening import open_store

_HERE = Path(__file__).parent.parent


@dataclass
class Tally:
    """How hard it was tried, and what was found; all is well when ``faults`` is empty."""

    kills: int
    acknowledged: int
    kept: int
    faults: list[str]


def kill_writers(url: str, *, kills: int, seed: int = 0) -> Tally:
    """Starts a writer on the store at ``url`` and kills it (SIGKILL), ``kills`` times; then reads everything."""
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    acknowledged: list[str] = []
    for turn in range(kills):
        process = subprocess.Popen(  # noqa: S603 - this very file
            [sys.executable, "-W", "error", "-m", "storage.crash", url, str(seed * 10_000 + turn)],
            stdout=subprocess.PIPE,
            cwd=_HERE,
            text=True,
        )
        if process.stdout is None:
            raise AssertionError("a pipe was asked for")
        ready = process.stdout.readline()
        if ready != "ready\n":
            raise AssertionError("the writer did not start")
        time.sleep(chance.random() * 0.12)
        process.kill()
        acknowledged += [line[:-1] for line in process.stdout if line.endswith("\n")]
        process.wait()
        process.stdout.close()
    return _look(open_store(url), kills, acknowledged)


def _look(store: BlobStore, kills: int, acknowledged: list[str]) -> Tally:
    kept = [each.key for each in store.list("crash/")]
    faults = [f"acknowledged but missing: {key}" for key in set(acknowledged) - set(kept)]
    faults += [f"not what its key says: {key}" for key in kept if measure(store, key).sha256 != key.split("/")[-1]]
    return Tally(kills, len(set(acknowledged)), len(kept), faults)


def _write_until_killed(url: str, seed: int) -> None:
    store, chance = open_store(url), random.Random(seed)  # noqa: S311 - a test's dice
    print("ready", flush=True)  # noqa: T201 - the parent reads it
    while True:
        data = chance.randbytes(chance.choice([0, 100, 70_000, 1_500_000]))
        key = f"crash/{hashlib.sha256(data).hexdigest()}"
        pieces = (data[at : at + 50_000] for at in range(0, len(data), 50_000))
        store.put(key, pieces, if_absent=False)
        print(key, flush=True)  # noqa: T201 - the acknowledgement


if __name__ == "__main__":
    _write_until_killed(sys.argv[1], int(sys.argv[2]))
