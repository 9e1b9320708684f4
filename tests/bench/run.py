"""Every bench, one after the other, each in a process of its own; then one table of what came out.

    python tests/bench/run.py [--quick] [--only download,pages]

A bench is a module tests/bench/<name>_bench.py that leaves build/bench/<name>.json. The two about the marks, `visible`
and `trace`, take the better part of an hour; they fetch their photographs with apt-get.
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
VISIBLE = [
    ["-m", "tests.bench.visible.bench", "--strength", strength, "--out", str(OUT / f"visible-{strength}.json")]
    for strength in ("light", "standard", "strong", "fixed_tile")
]
MARKS = {
    "visible": [
        *VISIBLE,
        ["-m", "tests.bench.visible.curve"],
        ["-m", "tests.bench.visible.contact_sheet"],
    ],
    "trace": [["-m", "tests.bench.trace.bench", "--out", str(OUT / "trace.json")]],
}
"""The commands of each, and the pictures in the docs that are drawn from what they leave."""
QUICK: dict[str, list[list[str]]] = {
    "ingest": [["-m", "tests.bench.ingest_bench", "3"]],
    "visible": [[*command, "--only", "Wood,astronaut"] for command in VISIBLE[:3]],
    "trace": [[*MARKS["trace"][0], "--limit", "2", "--blank", "96", "--pairs", "9"]],
}
"""How a bench is asked to be short, where that is not by --quick."""


def main() -> None:
    benches = sorted(path.stem.removesuffix("_bench") for path in HERE.glob("*_bench.py"))
    options = arguments(benches)
    chosen = options.only.split(",") if options.only else [*benches, *MARKS]
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
    plain = ["-m", f"tests.bench.{name}_bench"]
    commands = MARKS.get(name) or [plain]
    if quick:
        commands = QUICK.get(name, [[*plain, "--quick"]])
    if name in MARKS:
        commands = [["-m", "tests.bench.visible.photos", str(PHOTOS)], *commands]
    print(f"\n== {name}", flush=True)
    started = time.monotonic()
    well = all(
        subprocess.run([sys.executable, *command], cwd=ROOT, check=False).returncode == 0 for command in commands
    )
    print(f"   ({time.monotonic() - started:.0f} s)", flush=True)
    return well


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
