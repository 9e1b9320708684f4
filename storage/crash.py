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
from dataclasses import dataclass, field
from pathlib import Path

from storage.blobstore import BlobStore, measure
from storage.opening import open_store

_HERE = Path(__file__).parent.parent
_LONGEST_LIFE = 0.12  # seconds; long enough for some writes, short enough to be cut within one
_LOOK_EVERY = 25


@dataclass
class Tally:
    """How hard it was tried, and what was found; all is well when ``faults`` is empty."""

    kills: int = 0
    acknowledged: int = 0
    kept: int = 0
    faults: list[str] = field(default_factory=list)


def kill_writers(url: str, *, kills: int, seed: int = 0, longest_life: float = _LONGEST_LIFE) -> Tally:
    """Starts a writer on the store at ``url`` and kills it (SIGKILL), ``kills`` times; reads everything, often.

    ``longest_life`` in seconds: a store over a network needs more to write anything. What was found whole is deleted again, so that the store stays small.
    """
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    store, tally = open_store(url), Tally()
    acknowledged: set[str] = set()
    for turn in range(kills):
        acknowledged |= _killed_writer(url, seed * 10_000 + turn, chance.random() * longest_life)
        tally.kills += 1
        if turn % _LOOK_EVERY == _LOOK_EVERY - 1 or turn == kills - 1:
            _look(store, acknowledged, tally)
            acknowledged.clear()
    return tally


def _killed_writer(url: str, seed: int, seconds: float) -> set[str]:
    """The keys that a writer acknowledged in its short life."""
    with subprocess.Popen(  # noqa: S603 - this very file
        [sys.executable, "-W", "error", "-m", "storage.crash", url, str(seed)],
        stdout=subprocess.PIPE,
        cwd=_HERE,
        text=True,
    ) as process:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise AssertionError("the writer did not start")
        time.sleep(seconds)
        process.kill()
        return {line[:-1] for line in process.stdout if line.endswith("\n")}


def _look(store: BlobStore, acknowledged: set[str], tally: Tally) -> None:
    kept = {each.key for each in store.list("crash/")}
    tally.acknowledged += len(acknowledged)
    tally.kept += len(kept)
    tally.faults += [f"acknowledged but missing: {key}" for key in acknowledged - kept]
    for key in kept:
        if measure(store, key).sha256 != key.split("/")[-1]:
            tally.faults.append(f"not what its key says: {key}")
        store.delete(key)


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
