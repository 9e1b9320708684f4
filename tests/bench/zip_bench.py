"""A ZIP of originals through the real server, from disk and from S3, against nginx sending the same bytes.

One client (curl to /dev/null) over loopback, all in turn. The bytes are in the page cache. nginx sends one file as long
as the ZIP with sendfile; for S3 there is also curl straight from the S3 server, which is as fast as it can be here.
Afterwards a ZIP that broke off in the middle is taken up by Range and compared with a whole one.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

from service.settings import load
from service.wiring import Wiring
from storage.blobstore import LocalPath, Presigns
from tests.bench.download_bench import fetch, nginx, released
from tests.bench.report import OUT, Report, Row, arguments, spread
from tests.faults.server import Server
from tests.s3_server import S3Server

MIB = 1024 * 1024
GOAL = 0.6
EACH = 64


def main() -> None:
    quick = arguments(__doc__).quick
    size, pairs = (512, 3) if quick else (5120, 3)
    OUT.mkdir(parents=True, exist_ok=True)
    report = Report(
        "zip",
        f"ZIP of {size} MiB of originals of {EACH} MiB, against nginx with sendfile",
        f"curl over loopback, {pairs} interleaved rounds after one warm-up each, in the page cache; medians in MiB/s (range)",
        quick,
    )
    with tempfile.TemporaryDirectory(dir=OUT) as folder, ExitStack() as stack:
        place = Path(folder)
        store = stack.enter_context(S3Server(place / "s3"))
        disk = stack.enter_context(_serving(place / "disk", size, ""))
        s3 = stack.enter_context(_serving(place / "in-s3", size, store.url()))
        theirs = stack.enter_context(nginx(place, disk.same.parent))
        one = stack.enter_context(_serving(place / "one", EACH, store.url(), each=EACH))
        ways = {
            "disk": (f"{disk.server.url}{disk.path}", None),
            "s3": (f"{s3.server.url}{s3.path}", None),
            "nginx": (f"{theirs}/{disk.same.name}", size),
            "one from s3": (f"{one.server.url}{one.path}", None),
            "s3 itself": (one.signed, EACH),
        }
        speeds: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(pairs + 1):
            for name, (address, mib) in ways.items():
                speed = fetch(address, mib)
                if turn:
                    speeds[name].append(speed)
        report.raw = speeds
        middle = {name: statistics.median(each) for name, each in speeds.items()}
        texts = {name: spread(each, digits=0) for name, each in speeds.items()}
        for name in ("disk", "s3"):
            ratio = middle[name] / middle["nginx"]
            report.rows.append(Row(f"ZIP from {name}, MiB/s, ours / nginx", texts[name], texts["nginx"], ratio, GOAL))
        ratio = middle["one from s3"] / middle["s3 itself"]
        report.rows.append(
            Row("one original through us / from the S3 server", texts["one from s3"], texts["s3 itself"], ratio)
        )
        for name, each in (("disk", disk), ("s3", s3)):
            report.remarks.append(f"{name}: peak resident memory {each.server.peak_memory() / MIB:.0f} MiB")
            report.remarks.append(f"{name}: {_resumed(f'{each.server.url}{each.path}')}")
    report.save()


class _Serving:
    """A server over a released delivery; where its ZIP is (or its one original), and a plain file of the same length."""

    def __init__(self, server: Server, path: str, same: Path, signed: str) -> None:
        self.server, self.path, self.same, self.signed = server, path, same, signed


@contextmanager
def _serving(data: Path, size: int, url: str, *, each: int = EACH) -> Iterator[_Serving]:
    environ = {"TILLPAID_STORAGE_URL": url} if url else {}
    path, keys = released(data, each, count=size // each, environ=environ)
    same, signed = data / "same.bin", ""
    wiring = Wiring(load(environ, data_dir=data))
    if isinstance(wiring.store, LocalPath):
        with same.open("wb") as joined:
            for key in keys:
                joined.write(wiring.store.local_path(key).read_bytes())
    elif isinstance(wiring.store, Presigns):
        signed = wiring.store.presign(
            keys[0], lasts=timedelta(seconds=60), disposition="attachment", media_type="application/zip"
        )
    wiring.close()
    with Server(data, worker=False, environ=environ) as server:
        yield _Serving(server, path, same, signed)


def _resumed(address: str) -> str:
    """A download that is cut off in the middle and taken up again gives the same bytes as a whole one."""
    whole, cut = hashlib.sha256(), hashlib.sha256()
    size = _curl(address, whole)
    half = size // 2 + 12345
    assert _curl(address, cut, "--range", f"0-{half - 1}") == half
    assert _curl(address, cut, "--range", f"{half}-") == size - half
    assert cut.digest() == whole.digest()
    return f"taken up at byte {half} of {size}: the same bytes"


def _curl(address: str, digest: hashlib._Hash, *options: str) -> int:
    process = subprocess.Popen(["curl", "-sf", *options, address], stdout=subprocess.PIPE)
    assert process.stdout is not None
    size = 0
    while piece := process.stdout.read(MIB):
        digest.update(piece)
        size += len(piece)
    assert process.wait() == 0
    return size


if __name__ == "__main__":
    os.environ.pop("TILLPAID_STORAGE_URL", None)
    main()
