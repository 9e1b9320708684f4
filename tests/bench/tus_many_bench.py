"""A wedding: 300 files of 20 MB by resumable upload, three at once as the browser sends them, against copying each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.report import OUT, Report, Row, arguments
from tests.bench.tus_client import AT_ONCE, Sender
from tests.bench.upload_bench import studio
from tests.faults.server import Server

MB = 1_000_000
SPEED_GOAL = 0.5


def main() -> None:
    quick = arguments(__doc__).quick
    count, size = (30, 20 * MB) if quick else (300, 20 * MB)
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=OUT) as folder:
        delivery, token = studio(Path(folder, "data"))
        source = Path(folder, "source.bin")
        source.write_bytes(os.urandom(size))
        bare = bare_copies(source, Path(folder, "copies"), count)
        os.sync()
        with Server(Path(folder, "data"), worker=False) as server:
            told = json.dumps(Sender(server.port, token, delivery).told())
            began = time.perf_counter()
            command = [sys.executable, "-m", "tests.bench.tus_client", told, str(count), str(size)]
            subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
            ours = time.perf_counter() - began
            peak = server.peak_memory() / 1e6
        kept = [path for path in Path(folder, "data", "vault", "objects").rglob("*") if path.is_file()]
        assert (len(kept), sum(path.stat().st_size for path in kept)) == (count, count * size)
    report(count, size, ours, bare, peak, quick=quick)


def bare_copies(source: Path, place: Path, count: int) -> float:
    """Seconds for so many copies, one after the other, each hashed by sha256sum; the copies are gone afterwards."""
    place.mkdir()
    began = time.perf_counter()
    for number in range(count):
        subprocess.run(["cp", source, place / str(number)], check=True)
        subprocess.run(["sha256sum", place / str(number)], check=True, stdout=subprocess.DEVNULL)
    took = time.perf_counter() - began
    shutil.rmtree(place)
    return took


def report(count: int, size: int, ours: float, bare: float, peak: float, *, quick: bool) -> None:
    made = Report(
        "tus_many",
        f"{count} files of {size // MB} MB by resumable upload, against copying each",
        f"one client, {AT_ONCE} at once over loopback to `tillpaid serve`; no previews made meanwhile; against cp and sha256sum of each, one after the other, "
        "on the same disk; wall time in seconds",
        quick,
        raw={"ours": [ours], "bare": [bare]},
    )
    made.rows.append(Row("bare copies / ours", f"{ours:.1f}", f"{bare:.1f}", bare / ours, SPEED_GOAL))
    made.rows.append(Row("files a second", f"{count / ours:.1f}", f"{count / bare:.1f}", count / ours))
    made.rows.append(Row("server's peak memory, MB", f"{peak:.0f}", "", peak, 200.0, "less"))
    made.remarks.append("each of ours is on the disk, an asset and in the audit log when it is acknowledged")
    made.save()


if __name__ == "__main__":
    main()
