"""What a bench hands on: rows of figures, how they were measured, and where it falls short. One JSON file each."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

OUT = Path(__file__).parents[2] / "build" / "bench"


@dataclass(frozen=True)
class Row:
    """One comparison. ``goal`` is a bound on ``ratio`` (or on ``figure``, when there is nothing to compare with)."""

    what: str
    ours: str
    theirs: str
    figure: float
    goal: float | None = None
    better: Literal["more", "less"] = "more"

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        return self.figure >= self.goal if self.better == "more" else self.figure <= self.goal


@dataclass
class Report:
    """A bench's whole result. ``quick`` figures are for developing, not for quoting."""

    name: str
    title: str
    how: str
    quick: bool
    rows: list[Row] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    raw: dict[str, Sequence[float]] = field(default_factory=dict)

    def save(self) -> None:
        """Writes ``build/bench/<name>.json`` and prints the figures."""
        OUT.mkdir(parents=True, exist_ok=True)
        rows = [{**asdict(row), "met": row.met} for row in self.rows]
        whole = {**asdict(self), "rows": rows, "machine": machine(), "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"}
        (OUT / f"{self.name}.json").write_text(json.dumps(whole, indent=1) + "\n")
        print(f"{self.title}\n  {self.how}")
        for row in self.rows:
            print(f"  {line(asdict(row) | {'met': row.met})}")
        for remark in self.remarks:
            print(f"  {remark}")


def line(row: dict[str, object]) -> str:
    """One row as text: what, ours, theirs, the figure and whether it meets its goal."""
    goal, met = row["goal"], row["met"]
    sign = ">=" if row["better"] == "more" else "<="
    verdict = "" if goal is None else f"  goal {sign} {goal:g}: {'met' if met else 'FALLS SHORT'}"
    return f"{row['what']:46} {row['ours']:>20} {row['theirs']:>20} {row['figure']:8.2f}{verdict}"


def spread(values: Sequence[float], unit: str = "", digits: int = 2) -> str:
    """Median and range as text."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f}{unit} ({low:.{digits}f} to {high:.{digits}f})"


def machine() -> str:
    """What it was measured on, and how busy that was."""
    model = next(
        (text.split(":", 1)[1].strip() for text in _cpuinfo() if text.startswith("model name")), platform.machine()
    )
    load = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f} at the end"


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.is_file() else []


def arguments(doc: str | None) -> argparse.Namespace:
    """``--quick``, the one option that every bench has."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller and fewer, for developing; not for quoting")
    return parser.parse_args()
