"""The part of the contract about sudden death between two pieces: whoever adds to partials is killed at random moments.

After each kill the next process goes on from the progress that was kept last (printed, so known), as a server does
from its database. In the end every object is byte for byte what was sent, and no progress said more than was there.
"""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from storage.blobstore import AlreadyExists, Busy, measure
from storage.crash import Tally
from storage.opening import open_store
from storage.resuming import Progress, Resumes

_HERE = Path(__file__).parent.parent
_LONGEST_LIFE = 0.15
_SIZE = 2_000_003
_PIECES = (1, 1000, 65_536, 300_000)


def kill_appenders(url: str, *, kills: int, seed: int = 0, longest_life: float = _LONGEST_LIFE) -> Tally:
    """Starts a process that adds to partials on the store at ``url`` and kills it (SIGKILL), ``kills`` times.
    ``longest_life`` in seconds: a store over a network needs more.

    ``acknowledged`` counts the progresses that were kept, ``kept`` the objects that were completed on the way.
    """
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    store, tally, numbers = open_store(url), Tally(), iter(range(1_000_000_000))
    current: Progress | None = None
    while tally.kills < kills:
        current = current or cast(Resumes, store).begin_partial(f"crash-{seed}-{next(numbers)}", _SIZE)
        lines = _killed_appender(url, current, chance.random() * longest_life)
        tally.kills += 1
        tally.acknowledged += len(lines)
        kept = Progress(**json.loads(lines[-1])) if lines else current
        if kept.offset < current.offset:
            tally.faults.append(f"went back: {kept} after {current}")
        current = kept
        if current.complete:
            tally.faults += _finish(store, current)
            tally.kept += 1
            current = None
    return tally


def content(name: str, size: int) -> bytes:
    """What is sent under this name: known to whoever knows the name."""
    return random.Random(name).randbytes(size)  # noqa: S311 - a test's dice


def _finish(store: Any, progress: Progress) -> list[str]:
    key = f"crash/{progress.name}"
    store.keep_partial(progress, key)
    store.drop_partial(progress.name)
    right = measure(store, key).sha256 == hashlib.sha256(content(progress.name, progress.size)).hexdigest()
    store.delete(key)
    return [] if right else [f"not what was sent: {progress}"]


def _killed_appender(url: str, progress: Progress, seconds: float) -> list[str]:
    """The progresses that an appender kept in its short life, oldest first."""
    with subprocess.Popen(  # noqa: S603 - this very file
        [sys.executable, "-W", "error", "-m", "storage.resuming_crash", url, json.dumps(asdict(progress))],
        stdout=subprocess.PIPE,
        cwd=_HERE,
        text=True,
    ) as process:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise AssertionError("the appender did not start")
        time.sleep(seconds)
        process.kill()
        return [line for line in process.stdout if line.endswith("\n")]


def _append_until_killed(url: str, progress: Progress) -> None:
    store = cast(Resumes, open_store(url))
    data, chance = content(progress.name, progress.size), random.Random(progress.offset)  # noqa: S311 - a test's dice
    print("ready", flush=True)  # noqa: T201 - the parent reads it
    while not progress.complete:
        try:
            with store.resume(progress) as writer:
                for _piece in range(chance.randrange(1, 4)):
                    size = chance.choice(_PIECES)
                    writer.write(data[progress.offset : progress.offset + size])
                    progress = writer.flush()
                    print(json.dumps(asdict(progress)), flush=True)  # noqa: T201 - the progress is kept now
                    if progress.complete:
                        break
        except (Busy, AlreadyExists):  # the one before us is not quite gone
            time.sleep(0.01)
    time.sleep(10)  # the parent ends it


if __name__ == "__main__":
    _append_until_killed(sys.argv[1], Progress(**json.loads(sys.argv[2])))
