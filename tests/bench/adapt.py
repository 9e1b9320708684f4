"""The reports of the benches that write in a shape of their own, brought into that of report.py."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.report import OUT, Report, Row, machine

INGEST_GOAL = 2.5


def report_of(path: Path) -> dict[str, Any] | None:
    """What lies in ``path`` as a report; None when it is not the report of a bench."""
    found = json.loads(path.read_text())
    if not isinstance(found, dict):
        return None
    if {"rows", "how", "title"} <= found.keys():
        return found
    if path.stem == "ingest" and isinstance(found.get("rows"), dict):
        return _finished(_ingest(found), path)
    if path.stem.startswith("visible-") and "usability" in found:
        return _finished(_visible(path.stem, found), path)
    if path.stem == "trace" and "large" in found:
        return _finished(_trace(found), path)
    return None


def all_reports() -> dict[str, dict[str, Any]]:
    """Every report in build/bench by its name."""
    found = {path.stem: report_of(path) for path in sorted(OUT.glob("*.json"))}
    return {name: report for name, report in found.items() if report}


def _finished(report: Report, path: Path) -> dict[str, Any]:
    rows = [{**asdict(row), "met": row.met} for row in report.rows]
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return {**asdict(report), "rows": rows, "machine": machine().rpartition(",")[0], "at": f"{at:%Y-%m-%d %H:%M} UTC"}


def _ingest(found: dict[str, Any]) -> Report:
    report = Report(
        "ingest",
        "Ingest of a 24-megapixel JPEG, against peers",
        "one core and one thread each, all contestants in turn in every round; 1.0 is libjpeg-turbo's scaled decode "
        "plus one encode at 2048 pixels, without a mark; medians",
        quick=False,
    )
    bare, ours = found["rows"]["bare scaled decode + encode"], "ours, sandboxed"
    for name, row in found["rows"].items():
        goal = INGEST_GOAL if name == ours else None
        figures = f"{row['median_ms']:.0f} ms", f"{bare['median_ms']:.0f} ms"
        report.rows.append(Row(name, *figures, row["ratio_median"], goal, "less"))
    report.remarks.append(
        f"by the fastest round of each, ours in the sandbox takes {found['rows'][ours]['ratio_min']:.2f}"
    )
    report.remarks.append(f"load of the machine while measuring: {found['load']:.1f}")
    return report


def _visible(name: str, found: dict[str, Any]) -> Report:
    report = Report(
        name,
        f"Taking the visible mark off: {found['mark']}",
        f"attacks on {found['photographs']} photographs by somebody who may also upload to a studio of their own; "
        "figures are shares of the marked area that comes out clean (tests/bench/visible)",
        quick=False,
    )
    report.rows.append(Row("usability of a marked preview (SSIM)", "", "", found["usability"]))
    for label, text in (("best", "known attacks"), ("best_new", "new attacks")):
        best = found[label]
        report.rows.append(Row(f"best of the {text}: {best['attack']}", "", f"worst {best['worst']:.2f}", best["mean"]))
    return report


def _trace(found: dict[str, Any]) -> Report:
    report = Report(
        "trace",
        "Reading the forensic mark back",
        "photographs marked, put through every transform, read; share of payloads read exactly (tests/bench/trace)",
        quick=False,
    )
    for group, told in (("large", "1280 pixels and more"), ("small", "700 to 1000 pixels")):
        report.rows.append(Row(f"read exactly, {told}", "", "", found[group]["exact"]))
        report.rows.append(Row(f"read wrongly, {told}", "", "", found[group]["wrong"], 0, "less"))
        report.rows.append(Row(f"PSNR against the unmarked, {told}, dB", "", "", found[group]["psnr"]["mean"]))
    blank = found["blank"]
    tried = blank["unmarked"] + blank["other_key"]
    report.rows.append(Row(f"found where nothing is, of {tried:,}", "", "", blank["hits"], 0, "less"))
    return report
