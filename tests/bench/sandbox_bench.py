"""What the sandbox costs: each format decoded, marked and encoded in a confined child, against the same in this process;
and the memory of the whole tree while many photographs are ingested at once.

    python -m tests.bench.sandbox_bench [--quick]
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import cv2
import simplejpeg
from PIL import Image
from pypdf import PdfWriter

from tests.bench.report import OUT, Report, Row, arguments, spread
from tests.bench.samples import photo_jpeg
from watermark import Limits, Recipe, Sandbox
from watermark.ingest import ingest
from watermark.pipeline import Deadline
from watermark.results import Wanted
from watermark.steps.resize import scale_to
from watermark.visible.mark import apply_mark
from watermark.warm_up import warm_up

RECIPE, KEY = Recipe("PROOF Anna Berzina"), b"k" * 32
LARGE = {"JPEG": {"quality": 90}, "PNG": {"compress_level": 1}, "WebP": {"quality": 85, "method": 1}}
LARGE |= {"TIFF": {"compression": "tiff_lzw"}, "AVIF": {"quality": 60, "speed": 10}, "PDF": {"quality": 90}}
RATIO_GOAL, TREE_GOAL = 1.25, 1024
LONG = 200
MIB = 1 << 20


def main() -> None:
    options = arguments(__doc__)
    cv2.setNumThreads(1)
    rounds, photographs = (3, 20) if options.quick else (7, 300)
    report = Report(
        "sandbox",
        "What the sandbox costs",
        f"in a confined child against the same work in one process, warmed up, {rounds} rounds, each file in both ways by "
        "turns, one core; medians of the ratios of pairs. 12-megapixel files but for the 24-megapixel JPEG and the small PNG",
        options.quick,
    )
    folder = OUT / "sandbox"
    folder.mkdir(parents=True, exist_ok=True)
    with Sandbox() as box:
        warm_up(apply_mark)
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {max(cores)})
        try:
            for name, path in files(folder).items():
                compare(report, name, path, box, rounds)
        finally:
            os.sched_setaffinity(0, cores)
        first_page(report, folder, box, rounds)
    many(report, photo_jpeg(OUT), photographs)
    report.save()


def files(folder: Path) -> dict[str, Path]:
    """One file of each format, drawn once and kept."""
    photograph = Image.open(photo_jpeg(OUT))
    twelve = photograph.resize((4240, 2830), Image.Resampling.BOX)
    found = {"JPEG, 24 megapixels": photo_jpeg(OUT)}
    for kind, how in LARGE.items():
        path = folder / f"twelve.{kind.lower()}"
        if not path.exists():
            twelve.save(path, kind, **how)  # type: ignore[arg-type]
        found[f"{kind}, 12 megapixels"] = path
    small = folder / "small.png"
    if not small.exists():
        twelve.resize((600, 400)).save(small)
    return {**found, "PNG, 0.2 megapixels": small}


def compare(report: Report, name: str, path: Path, box: Sandbox, rounds: int) -> None:
    inside, outside = [], []
    for number in range(rounds + 1):
        began = time.perf_counter()
        with box.ingest(path, filename=path.name, recipe=RECIPE, key=KEY) as parts:
            assert len(list(parts)) > 1
        middle = time.perf_counter()
        with path.open("rb") as file:
            list(ingest(file, path.name, RECIPE, KEY, apply_mark, Limits(), Deadline.after(600)))
        if number:  # the first round warms up
            inside.append((middle - began) * 1000)
            outside.append((time.perf_counter() - middle) * 1000)
    ratio = statistics.median(a / b for a, b in zip(inside, outside, strict=True))
    goal = None if "0.2" in name else RATIO_GOAL
    report.rows.append(Row(name, spread(inside, " ms", 0), spread(outside, " ms", 0), ratio, goal, "less"))
    report.raw |= {f"{name}: inside": inside, f"{name}: outside": outside}
    if goal is None:
        more = statistics.median(a - b for a, b in zip(inside, outside, strict=True))
        report.remarks.append(f"{name}: {more:.0f} ms more in the sandbox")


def first_page(report: Report, folder: Path, box: Sandbox, rounds: int) -> None:
    """The first page of 200, as an ingest has it, against the only page of a document that is that page."""
    one, whole = folder / "twelve.pdf", folder / "long.pdf"
    if not whole.exists():
        with ProcessPoolExecutor(1) as apart:  # whose memory is not counted below
            apart.submit(repeat, one, whole).result()
    seconds: dict[Path, list[float]] = {one: [], whole: []}
    for _ in range(rounds + 1):
        for path, found in seconds.items():
            began = time.perf_counter()
            with box.ingest(path, filename=path.name, recipe=RECIPE, key=KEY, wanted=Wanted(last=1)) as parts:
                assert len(list(parts)) == 2
            found.append((time.perf_counter() - began) * 1000)
    ratio = statistics.median(a / b for a, b in zip(seconds[whole][1:], seconds[one][1:], strict=True))
    cells = spread(seconds[whole][1:], " ms", 0), spread(seconds[one][1:], " ms", 0)
    size = whole.stat().st_size / MIB
    report.rows.append(Row(f"first page of a PDF of {LONG} ({size:.0f} MiB) / of one", *cells, ratio, 2.0, "less"))


def repeat(page: Path, whole: Path) -> None:
    writer = PdfWriter()
    for _ in range(LONG):
        writer.append(str(page))
    writer.write(whole)


def many(report: Report, path: Path, count: int) -> None:
    """`count` ingests of one photograph, two at a time, while the memory of this process's whole tree is watched."""
    with Sandbox() as box, ThreadPoolExecutor(2) as pool:
        box.preview(RECIPE)
        with watched_tree() as peak:
            began = time.perf_counter()
            list(pool.map(lambda _: discard(box, path), range(count)))
            seconds = time.perf_counter() - began
    bare = [bare_seconds(path) for _ in range(5)]
    ours, theirs = count / seconds, 2 / statistics.median(bare)
    what = f"memory of the tree, {count} photographs of 24 megapixels, two at a time, MiB"
    report.rows.append(Row(what, f"{peak[0]:.0f} MiB", "", peak[0], TREE_GOAL, "less"))
    how = "photographs a second on two cores, against bare decode and encode"
    report.rows.append(Row(how, f"{ours:.1f} /s", f"{theirs:.1f} /s", ours / theirs))
    report.remarks.append(
        "memory is PSS, summed over the client, the sandbox's parent and its children every 50 ms: shared pages count once; "
        "bare is one core's decode at scale and one encode at 2048 pixels, doubled"
    )


def discard(box: Sandbox, path: Path) -> None:
    with box.ingest(path, filename=path.name, recipe=RECIPE, key=KEY) as parts:
        for _ in parts:
            pass


def bare_seconds(path: Path) -> float:
    began = time.perf_counter()
    pixels = simplejpeg.decode_jpeg(path.read_bytes(), "RGB", min_width=2048, min_height=1365)
    simplejpeg.encode_jpeg(scale_to(pixels, 2048, 1365), 80, "RGB", "420")
    return time.perf_counter() - began


@contextmanager
def watched_tree() -> Iterator[list[float]]:
    """The most that this process and all below it hold together, MiB, looked at every 50 ms; a list of one."""
    peak, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            peak[0] = max(peak[0], sum(_held(pid) for pid in tree(os.getpid())) / MIB)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def tree(pid: int) -> list[int]:
    found, below = [], [pid]
    while below:
        one = below.pop()
        found.append(one)
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                below += [int(child) for child in (task / "children").read_text().split()]
        except OSError:  # it has just ended
            continue
    return found


def _held(pid: int) -> int:
    """Proportional set size, bytes."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


if __name__ == "__main__":
    main()
