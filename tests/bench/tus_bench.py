"""Resumable upload of a large original, against cp plus sha256sum; and the server's memory from 64 MiB to 8 GiB.

Two clients over loopback, in turn: curl with the whole file in one PATCH, and a program that sends 32 MiB at a time, as the
browser's uploader does. Ours ends when the last answer has come: hashed twice over, on the disk, an asset. The tus project's
own server for Node takes the same PATCH in turn: it neither hashes nor waits for the disk.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.node_peers import PEERS, node_peers
from tests.bench.report import OUT, Report, Row, arguments, spread
from tests.bench.tus_client import Sender
from tests.bench.upload_bench import copy_and_hash, random_file, renew, studio
from tests.faults.server import Server

SPEED_GOAL = 0.5
MEMORY_GOAL = 200.0
"""Megabytes (10^6) of resident memory at most."""


def main() -> None:
    quick = arguments(__doc__).quick
    size, rounds, huge = (256, 2, 1024) if quick else (1024, 3, 8192)
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=OUT) as folder:
        delivery, token = studio(Path(folder, "data"))
        file = random_file(Path(folder, "large.bin"), size)
        with Server(Path(folder, "data")) as server, tus_project(Path(folder, "theirs")) as theirs:
            sender = Sender(server.port, token, delivery)
            peaks = {"idle": server.peak_memory() / 1e6}
            sender.generated(64)
            peaks["64 MiB"] = server.peak_memory() / 1e6
            speeds: dict[str, list[float]] = {"one": [], "pieces": [], "cp": [], "cp and sync": []}
            speeds |= {"their server": []} if theirs else {}
            for turn in range(rounds):
                renew(file, turn)
                for who in speeds if turn % 2 else reversed(speeds):
                    os.sync()
                    speeds[who].append(
                        size / seconds(who, theirs if who == "their server" and theirs else sender, file)
                    )
                    renew(file, 1000 + turn)  # or the second upload would find the first one's content
            began = time.perf_counter()
            sender.generated(huge)
            took = time.perf_counter() - began
            peaks[f"{huge} MiB"] = server.peak_memory() / 1e6
    report(size, rounds, speeds, peaks, huge / took, quick=quick)


@contextmanager
def tus_project(folder: Path) -> Iterator[Sender | None]:
    """The tus project's server for Node over ``folder``, with a client for it; None where it can't be installed."""
    if not node_peers():
        print("the tus project's server could not be installed")
        yield None
        return
    folder.mkdir()
    command = ["node", str(PEERS / "tus_server.mjs"), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        yield Sender(int(running.stdout.readline()), "", "", "/files")
        running.kill()


def seconds(who: str, sender: Sender, file: Path) -> float:
    """One upload, or one copy with its hash."""
    if who.startswith("cp"):
        return copy_and_hash(file, sync=who != "cp")
    began = time.perf_counter()
    if who in {"one", "their server"}:
        sender.by_curl(file)
    else:
        command = [sys.executable, "-m", "tests.bench.tus_client", json.dumps(sender.told()), str(file)]
        subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
    return time.perf_counter() - began


def report(
    size: int, rounds: int, speeds: dict[str, list[float]], peaks: dict[str, float], huge: float, *, quick: bool
) -> None:
    made = Report(
        "tus",
        f"Resumable upload of a {size} MiB original, against cp plus sha256sum",
        f"over loopback to `tillpaid serve`, {rounds} interleaved rounds on the same disk, content new in every one, file in the "
        "page cache, `sync` before each; medians in MiB/s (range)",
        quick,
        raw=speeds,
    )
    middle = {who: statistics.median(values) for who, values in speeds.items()}
    for who, words in (("one", "one PATCH"), ("pieces", "32 MiB at a time")):
        for peer, said, goal in (
            ("cp", "cp + sha256sum", SPEED_GOAL),
            ("cp and sync", "cp and sync + sha256sum", None),
            *(
                [("their server", "the tus project's server", None)]
                if who == "one" and "their server" in speeds
                else []
            ),
        ):
            ours, theirs = spread(speeds[who], digits=0), spread(speeds[peer], digits=0)
            made.rows.append(Row(f"{words}, MiB/s, ours / {said}", ours, theirs, middle[who] / middle[peer], goal))
    idle = peaks.pop("idle")
    for what, peak in peaks.items():
        said = f"server's peak memory after {what}, MB"
        made.rows.append(Row(said, f"{peak:.0f}", f"idle {idle:.0f}", peak, MEMORY_GOAL, "less"))
    made.remarks.append(f"the largest one, made up on the fly, came in at {huge:.0f} MiB/s")
    made.remarks.append("our upload is on the disk when it is acknowledged; plain cp is in the page cache only")
    made.remarks.append("the tus project's server (@tus/server, @tus/file-store) neither hashes nor waits for the disk")
    made.save()


if __name__ == "__main__":
    main()
