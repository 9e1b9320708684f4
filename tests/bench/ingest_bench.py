"""Ingest of a 24-megapixel JPEG against a bare decode and against peers: `python -m tests.bench.ingest_bench [rounds]`.

One core (this process and all it starts are pinned), one thread each, all contestants in turn in every round. 1.0 is
libjpeg-turbo's scaled decode plus one quality-80 encode at 2048 pixels, no mark. Prints a table, writes
build/bench/ingest.json. Times are wall times: on a busy machine read the ratios of the minima.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import cv2
import simplejpeg
from PIL import Image

from tests.bench.node_peers import PEERS, node_peers
from tests.bench.samples import photo_jpeg
from watermark import Limits, Recipe, Sandbox
from watermark.ingest import ingest
from watermark.pipeline import Deadline
from watermark.steps.resize import scale_to
from watermark.visible.mark import apply_mark

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"
RECIPE, KEY = Recipe("PROOF Anna Berzina"), b"k" * 32

Contestant = Callable[[], float]
"""Does the job once; the milliseconds it took."""


def timed(work: Callable[[], object]) -> Contestant:
    def once() -> float:
        start = time.perf_counter()
        work()
        return (time.perf_counter() - start) * 1000

    return once


def bare(path: Path) -> None:
    pixels = simplejpeg.decode_jpeg(path.read_bytes(), "RGB", min_width=2048, min_height=1365)
    simplejpeg.encode_jpeg(scale_to(pixels, 2048, 1365), 80, "RGB", "420")


def draft(path: Path) -> None:
    with Image.open(path) as picture:
        picture.draft("RGB", (2048, 1365))
        small = picture.resize((2048, 1365), Image.Resampling.BICUBIC)
    small.save(io.BytesIO(), "JPEG", quality=80)


def in_process(path: Path, mark: object = apply_mark) -> None:
    limits = Limits()
    with path.open("rb") as file:
        list(ingest(file, path.name, RECIPE, KEY, mark, limits, Deadline.after(600)))  # type: ignore[arg-type]


def one_bit(picture, recipe, key, page):  # type: ignore[no-untyped-def]
    """The cheapest thing that counts as a mark: shows what all the rest costs."""
    return cv2.bitwise_not(picture)


def in_sandbox(box: Sandbox, path: Path) -> None:
    with box.ingest(path, filename=path.name, recipe=RECIPE, key=KEY) as parts:
        list(parts)


def peer(stack: ExitStack, command: list[str]) -> Contestant:
    """A program that does the job once for each line it is sent."""
    running = stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    stack.callback(running.kill)

    def once() -> float:
        assert running.stdin and running.stdout
        print("go", file=running.stdin, flush=True)
        return float(running.stdout.readline())

    return once


def peers(stack: ExitStack, path: Path) -> dict[str, Contestant]:
    """Those that can be installed here; what can't is said."""
    found: dict[str, Contestant] = {}
    if node_peers():
        node = ["node", str(PEERS / "sharp_mark.mjs"), str(path)]
        found["sharp, 2048 only"] = peer(stack, [*node, "[]"])
        found["sharp, 2048 960 480"] = peer(stack, [*node, "[960,480]"])
    else:
        print("sharp could not be installed")
    python = BUILD / "thumbor" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(BUILD / "thumbor")], check=False)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "thumbor"], check=False)
    if subprocess.run([str(python), "-c", "import thumbor"], check=False, capture_output=True).returncode == 0:
        found["thumbor's engine, 2048 only"] = peer(stack, [str(python), str(PEERS / "thumbor_mark.py"), str(path)])
    else:
        print("thumbor could not be installed")
    return found


def main(rounds: int = 11) -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    path = photo_jpeg(BUILD / "bench")
    with ExitStack() as stack:
        box = stack.enter_context(Sandbox())
        contestants: dict[str, Contestant] = {
            "bare scaled decode + encode": timed(lambda: bare(path)),
            "Pillow draft, no mark": timed(lambda: draft(path)),
            "ours without the mark's drawing": timed(lambda: in_process(path, one_bit)),
            "ours, in process": timed(lambda: in_process(path)),
            "ours, sandboxed": timed(lambda: in_sandbox(box, path)),
            **peers(stack, path),
        }
        times: dict[str, list[float]] = {name: [] for name in contestants}
        for number in range(rounds + 1):
            for name, once in contestants.items():
                took = once()
                if number:  # the first round warms up
                    times[name].append(took)
    report(path, times)


def report(path: Path, times: dict[str, list[float]]) -> None:
    base = times["bare scaled decode + encode"]
    rows = {
        name: {
            "min_ms": min(took),
            "median_ms": statistics.median(took),
            "ratio_min": min(took) / min(base),
            "ratio_median": statistics.median(a / b for a, b in zip(took, base, strict=True)),
        }
        for name, took in times.items()
    }
    print(
        f"{path.name}, {path.stat().st_size / 1e6:.1f} MB, {len(base)} rounds, one core, load {os.getloadavg()[0]:.1f}"
    )
    print(f"{'':34}{'min ms':>9}{'median':>9}{'x min':>8}{'x median':>10}")
    for name, row in rows.items():
        print(f"{name:34}{row['min_ms']:9.1f}{row['median_ms']:9.1f}{row['ratio_min']:8.2f}{row['ratio_median']:10.2f}")
    out = BUILD / "bench" / "ingest.json"
    out.write_text(
        json.dumps({"source_bytes": path.stat().st_size, "load": os.getloadavg()[0], "rows": rows}, indent=2)
    )


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:2]))
