"""A ZIP of originals through the real server, from disk and from S3, against nginx sending the same bytes.

One client (curl to /dev/null) over loopback, in turn. nginx sends the very files that the ZIP is made of, with sendfile
over one connection, so that both read the same pages of the cache; what was written is on the disk before the first round. For
S3 there are two more: nginx passing on the very objects that the ZIP is made of, and curl straight from the S3 server, which
runs on the same cores and is as fast as it can be here.
Afterwards a ZIP that broke off in the middle is taken up by Range and compared with a whole one.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

from service.settings import load
from service.wiring import Wiring
from storage.blobstore import BlobStore, LocalPath, Presigns
from tests.bench.download_bench import fetch, nginx, nginx_before, released
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
        theirs = stack.enter_context(nginx(place, place / "disk" / "vault" / "objects"))
        files = [f"{theirs}/{file.parent.name}/{file.name}" for file in disk.files]
        speeds: dict[str, list[float]] = {}
        ours: dict[str, Callable[[], float]] = {"disk": lambda: fetch(f"{disk.server.url}{disk.path}", None)}
        _in_turn(speeds, pairs, {**ours, "nginx": lambda: _fetch_all(files, size)})
        s3 = stack.enter_context(_serving(place / "in-s3", size, store.url()))
        one = stack.enter_context(_serving(place / "one", EACH, store.url(), each=EACH))
        (place / "before").mkdir()
        before = stack.enter_context(nginx_before(place / "before", store.endpoint.removeprefix("http://")))
        _in_turn(
            speeds,
            pairs,
            {
                "s3": lambda: fetch(f"{s3.server.url}{s3.path}", None),
                "nginx beside s3": lambda: _fetch_all(files, size),
                "nginx before s3": lambda: _fetch_all(
                    [each.replace(store.endpoint, before) for each in s3.signed()], size
                ),
                "s3 itself": lambda: _fetch_all(s3.signed(), size),
                "one from s3": lambda: fetch(f"{one.server.url}{one.path}", None),
                "one from s3 itself": lambda: _fetch_all(one.signed(), EACH),
            },
        )
        report.raw = speeds
        middle = {name: statistics.median(each) for name, each in speeds.items()}
        texts = {name: spread(each, digits=0) for name, each in speeds.items()}
        for name, peer in (("disk", "nginx"), ("s3", "nginx beside s3")):
            ratio = middle[name] / middle[peer]
            report.rows.append(
                Row(f"ZIP from {name}, MiB/s, ours / nginx from disk", texts[name], texts[peer], ratio, GOAL)
            )
        for what, name, peer, goal in (
            ("ZIP from s3, MiB/s, ours / nginx passing on the same objects", "s3", "nginx before s3", GOAL),
            ("ZIP from s3, MiB/s, ours / the S3 server itself", "s3", "s3 itself", None),
            (
                "the S3 server itself / nginx from disk: what anything behind it can reach",
                "s3 itself",
                "nginx beside s3",
                None,
            ),
            ("one original through us / from the S3 server", "one from s3", "one from s3 itself", None),
        ):
            report.rows.append(Row(what, texts[name], texts[peer], middle[name] / middle[peer], goal))
        for name, each in (("disk", disk), ("s3", s3)):
            report.remarks.append(f"{name}: peak resident memory {each.server.peak_memory() / MIB:.0f} MiB")
            report.remarks.append(f"{name}: {_resumed(f'{each.server.url}{each.path}')}")
    report.save()


def _in_turn(speeds: dict[str, list[float]], rounds: int, ways: dict[str, Callable[[], float]]) -> None:
    """So many rounds of all of them after one to warm up."""
    os.sync()
    for turn in range(rounds + 1):
        for name, way in ways.items():
            speed = way()
            if turn:
                speeds.setdefault(name, []).append(speed)


def _fetch_all(addresses: list[str], mib: int) -> float:
    """All of them one after the other over one connection; MiB a second."""
    asked = [part for address in addresses for part in ("-o", "/dev/null", address)]
    began = time.perf_counter()
    done = subprocess.run(
        ["curl", "-sf", "-w", "%{size_download}\n", *asked], check=True, capture_output=True, text=True
    )
    took = time.perf_counter() - began
    assert sum(map(int, done.stdout.split())) == mib * MIB
    return mib / took


class _Serving:
    """A server over a released delivery; where its ZIP is (or its one original), and the files that it is made of."""

    def __init__(self, server: Server, path: str, files: list[Path], keys: list[str], store: BlobStore) -> None:
        self.server, self.path, self.files, self._keys, self._store = server, path, files, keys, store

    def signed(self) -> list[str]:
        """An address of each object at the S3 server itself, for a minute from now."""
        assert isinstance(self._store, Presigns)
        asked = {"lasts": timedelta(seconds=60), "disposition": "attachment", "media_type": "application/zip"}
        return [self._store.presign(key, **asked) for key in self._keys]  # type: ignore[arg-type]


@contextmanager
def _serving(data: Path, size: int, url: str, *, each: int = EACH) -> Iterator[_Serving]:
    environ = {"TILLPAID_STORAGE_URL": url} if url else {}
    path, keys = released(data, each, count=size // each, environ=environ)
    wiring = Wiring(load(environ, data_dir=data))
    files = [wiring.store.local_path(key) for key in keys] if isinstance(wiring.store, LocalPath) else []
    with Server(data, worker=False, environ=environ) as server:
        yield _Serving(server, path, files, keys, wiring.store)
    wiring.close()


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
