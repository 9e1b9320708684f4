"""Every bench, one after the other, each in a process of its own; then one table of what came out.

    python tests/bench/run.py [--quick] [--only download,pages]

A bench is a module tests/bench/<name>_bench.py that leaves build/bench/<name>.json. The two long ones about the
marks, `visible` and `trace`, need photographs in build/bench/photos and run only when they are named.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
OUT = ROOT / "build" / "bench"
PHOTOS = OUT / "photos"
MARKS = {
    "visible": [
        "-m",
        "tests.bench.visible.bench",
        "--images",
        str(PHOTOS),
        "--out",
        str(OUT / "visible-standard.json"),
    ],
    "trace": ["-m", "tests.bench.trace.bench", "--images", str(PHOTOS), "--out", str(OUT / "trace.json")],
}
QUICK: dict[str, list[str]] = {
    "ingest": ["3"],
    "visible": [],
    "trace": ["--limit", "2", "--blank", "100", "--pairs", "4"],
}
"""How a bench is asked to be short, where that is not by --quick; ``visible`` has no short form."""


def main() -> None:
    benches = sorted(path.stem.removesuffix("_bench") for path in HERE.glob("*_bench.py"))
    options = arguments(benches)
    chosen = options.only.split(",") if options.only else benches
    unknown = sorted(set(chosen) - {*benches, *MARKS})
    if unknown:
        sys.exit(f"There is no bench called {', '.join(unknown)}. There are: {', '.join([*benches, *MARKS])}")
    failed = [name for name in chosen if not done(name, quick=options.quick)]
    table([name for name in chosen if name not in failed])
    if failed:
        sys.exit(f"These did not end well: {', '.join(failed)}")


def arguments(benches: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help=f"names, comma-separated: {', '.join([*benches, *MARKS])}")
    parser.add_argument("--quick", action="store_true", help="smaller and fewer, for developing; not for quoting")
    return parser.parse_args()


def done(name: str, *, quick: bool) -> bool:
    """Runs one bench; whether it ended well."""
    command = MARKS.get(name) or ["-m", f"tests.bench.{name}_bench"]
    if quick:
        command = [*command, *QUICK.get(name, ["--quick"])]
    print(f"\n== {name}", flush=True)
    if name in MARKS and not PHOTOS.is_dir():
        print(f"needs photographs in {PHOTOS.relative_to(ROOT)}")
        return False
    started = time.monotonic()
    code = subprocess.run([sys.executable, *command], cwd=ROOT, check=False).returncode
    print(f"   ({time.monotonic() - started:.0f} s)", flush=True)
    return code == 0


def table(names: list[str]) -> None:
    """The rows of every report, under each other."""
    sys.path.insert(0, str(ROOT))  # this file is run by its path
    from tests.bench.adapt import all_reports
    from tests.bench.report import line

    print(f"\n{'':48} {'ours':>20} {'against':>20} {'ratio':>8}")
    reports = all_reports()
    for name in names:
        found = [report for stem, report in reports.items() if stem == name or stem.startswith(f"{name}-")]
        for report in found:
            print(report["title"])
            for row in report["rows"]:
                print("  " + line(row) + ("  (quick)" if report["quick"] else ""))
        if not found:
            print(f"{name}: left no report")


if __name__ == "__main__":
    main()
