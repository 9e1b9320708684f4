"""Malformed files through the real sandbox: `make fuzz`, or `python -m tests.fuzz.hostile_run --files 25000`.

Every file must end as a rendition, a card or a clear error; the parent must live, no file may take longer than its
deadline, and none more than a gigabyte. What breaks a rule, and what crashed its child, is kept in build/fuzz.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.report import machine
from tests.fuzz.mutate import mutated
from tests.samples.every import all_kinds
from tests.samples.moving import FILMS, SOUNDS, film, sound
from watermark import Clip, Header, Limits, Page, Recipe, Sandbox, WatermarkError, confined_program, sandbox
from watermark.child_process import GRACE_SECONDS, ChildProcess
from watermark.errors import PUBLIC_TEXTS
from watermark.outside import ffmpeg, office
from watermark.outside.office import ENDINGS

OUT = Path(__file__).parents[2] / "build" / "fuzz"
LIMITS = Limits(pages=3, wall_seconds=20, cpu_seconds=15)
SLACK_SECONDS = 10.0
"""A busy machine may come late to the clock by as much."""
GIB = 1 << 30
BY_PROGRAM = {"JPEG XL", *FILMS, *SOUNDS, *(ending.upper() for ending in ENDINGS.values())}
PROGRAM_SECONDS = 300.0
"""What is read by an outside program has that program's clock."""
OFTENER = 2
"""Samples that our own child reads come so many times as often as those that cost a dozen runs of a program each."""
MARK = "tests.watermark.fake_marks:fake_mark"
PACKAGED = ("skimage/data", "matplotlib/mpl-data", "numpy", "psd_tools", "PIL", "babel", "cv2")
LARGEST_SAMPLE = 200_000
OF_A_KIND = 8
"""Packages ship hundreds of small PNGs and next to nothing else; so many of each kind are taken."""


@dataclass
class Tally:
    """What became of the files. ``wrong`` says what broke a rule; empty is good."""

    files: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    by_format: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)
    longest: float = 0.0
    peak: int = 0
    program_peak: int = 0
    seconds: float = 0.0


class Watching(ChildProcess):
    """As the real one; also asks what a child that ended by itself had used at most."""

    peak = program_peak = 0

    def close(self) -> None:
        if self._leash.fileno() >= 0:
            try:
                self._leash.settimeout(0.5)
                Watching.peak = max(Watching.peak, int(json.loads(self._leash.recv(1024))["peak_kib"]) * 1024)
            except (OSError, ValueError):  # it still runs, and the next line ends it
                pass
        super().close()


def watched_run(*told: Any, **named: Any) -> confined_program.Finished:
    """As the real one; also notes what a program that ended by itself had used at most."""
    done = confined_program.run(*told, **named)
    Watching.program_peak = max(Watching.program_peak, done.peak_bytes)
    return done


@contextmanager
def watching() -> Iterator[None]:
    """While this lasts, memory is watched: that of our own children, and of the programs outside."""
    before = ffmpeg.run, office.run
    sandbox.ChildProcess = Watching  # type: ignore[misc]
    ffmpeg.run = office.run = watched_run
    try:
        yield
    finally:
        sandbox.ChildProcess = ChildProcess  # type: ignore[misc]
        ffmpeg.run, office.run = before


def seeds() -> list[tuple[str, bytes]]:
    """(Format, content): the project's own samples, and small pictures and fonts that packages ship. Always the same."""
    own = [sample for sample in all_kinds() if sample.format not in {*FILMS, *SOUNDS}]
    found = [(sample.format, sample.content) for sample in own if sample.format not in BY_PROGRAM]
    kinds = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".webp", ".svg", ".ttf", ".otf", ".pdf"}
    for folder in PACKAGED:
        for place in {path for root in sys.path for path in [Path(root, folder)] if path.is_dir()}:
            for path in sorted(place.rglob("*")):
                kind, size = f"{path.suffix[1:]} from a package", path.stat().st_size
                taken = sum(name == kind for name, _ in found)
                if path.suffix in kinds and 0 < size < LARGEST_SAMPLE and taken < OF_A_KIND:
                    found.append((kind, path.read_bytes()))
    programs = [(sample.format, sample.content) for sample in own if sample.format in BY_PROGRAM]
    programs += [(kind, film(kind, 0.6, "-vf scale=160:106")) for kind in FILMS]
    programs += [(kind, sound(kind, 1.0)) for kind in SOUNDS]
    return [*found * OFTENER, *programs]


def ended(box: Sandbox, content: bytes, tally: Tally) -> str:
    """How one file ends: `rendition`, `card: CODE`, `error: CODE`; anything else is noted as wrong."""
    with os.fdopen(os.memfd_create("hostile", os.MFD_CLOEXEC), "w+b") as file:
        file.write(content)
        file.flush()
        try:
            with box.ingest(file.fileno(), filename="a", recipe=Recipe("plain"), key=b"k") as parts:
                header, *pages = parts
        except WatermarkError as fault:
            if fault.code in ("bad_answer", "sandbox_unavailable", "bad_recipe", "mark_failed"):
                tally.wrong.append(fault.code)
            return f"error: {fault.code}"
    assert isinstance(header, Header)
    if header.kind == "card":
        assert header.reason in PUBLIC_TEXTS and not pages
        return f"card: {header.reason}"
    shown = [page for page in pages if not isinstance(page, Clip)]
    assert shown and all(isinstance(page, Page) and len(page.renditions) == 3 for page in shown)
    return "rendition"


def run(numbers: Iterable[int], threads: int = 2, only: Container[str] | None = None) -> Tally:
    """The files of these numbers, through one parent; with `only`, those made from samples of these formats."""
    tally, samples = Tally(), seeds()
    contents = [content for _, content in samples]
    started = time.monotonic()
    with watching(), Sandbox(LIMITS, marker=MARK) as box:
        box.preview(Recipe("plain"))
        parent = box.zygote_pid
        with ThreadPoolExecutor(threads) as pool:
            todo = [(samples[number % len(samples)][0], number) for number in numbers]
            todo = [one for one in todo if only is None or one[0] in only]
            list(pool.map(lambda one: _one(box, one[0], contents, one[1], tally), todo))
        if box.zygote_pid != parent:
            tally.wrong.append("the parent died")
    tally.seconds = time.monotonic() - started
    tally.peak, tally.program_peak = Watching.peak, Watching.program_peak
    if max(tally.peak, tally.program_peak) > GIB:
        tally.wrong.append(f"a child held {tally.peak}, a program {tally.program_peak} bytes")
    return tally


def _one(box: Sandbox, kind: str, contents: list[bytes], number: int, tally: Tally) -> None:
    content = mutated(contents, number)
    began, before = time.monotonic(), len(tally.wrong)
    try:
        end = ended(box, content, tally)
    except Exception as fault:  # noqa: BLE001 - whatever else reaches the caller is what is looked for
        end = f"leaked: {type(fault).__name__}"
        tally.wrong.append(f"{number}: {fault!r}")
    took = time.monotonic() - began
    tally.longest = max(tally.longest, took)
    allowed = PROGRAM_SECONDS if kind in BY_PROGRAM else LIMITS.wall_seconds + GRACE_SECONDS
    if took > allowed + SLACK_SECONDS:
        tally.wrong.append(f"{number}: hung for {took:.0f} s")
    tally.files += 1
    tally.ended[end] += 1
    tally.by_format.setdefault(kind, Counter())[end] += 1
    if len(tally.wrong) > before or end in ("error: crashed", "error: timed_out", "error: forbidden"):
        OUT.mkdir(parents=True, exist_ok=True)
        (OUT / f"{number}-{end.split()[-1]}-{kind.split(maxsplit=1)[0]}").write_bytes(content)
        tally.crashed.append(f"{number} {kind}: {end}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=25_000)
    parser.add_argument("--from", type=int, default=0, dest="first", help="the number of the first file")
    parser.add_argument(
        "--only", nargs="+", help="formats of the samples: MP4 FLV, or `programs`: what outside programs read"
    )
    options = parser.parse_args()
    only = BY_PROGRAM if options.only == ["programs"] else options.only
    tally = run(range(options.first, options.first + options.files), only=only)
    print(f"{tally.files:,} malformed files in {tally.seconds:.0f} s; {machine()}")
    print(
        f"longest {tally.longest:.1f} s; most memory of one child {tally.peak / (1 << 20):.0f} MiB, "
        f"of a program {tally.program_peak / (1 << 20):.0f} MiB"
    )
    for end, count in tally.ended.most_common():
        print(f"  {count:7,}  {end}")
    for kind, ends in sorted(tally.by_format.items()):
        print(f"  {kind:24} " + ", ".join(f"{count} {end}" for end, count in ends.most_common()))
    print("\n".join(["crashed or stopped:", *tally.crashed[:60]]) if tally.crashed else "no child crashed")
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "tally.json").write_text(json.dumps({**vars(tally), "machine": machine()}, indent=1) + "\n")
    if tally.wrong:
        sys.exit("WRONG:\n" + "\n".join(tally.wrong[:60]))


if __name__ == "__main__":
    main()
