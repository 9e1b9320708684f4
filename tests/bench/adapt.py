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


VISIBLE_GOALS: dict[str, dict[str, float]] = {
    "light": {"usability": 0.85, "best": 0.50},
    "standard": {"usability": 0.62, "best": 0.36, "worst": 0.60},
}
FOILED = (
    "many images, one matte",
    "template, own upload",
    "template, leaked key",
    "notch",
    "collusion, mean",
    "collusion, median",
    "collusion, min",
    "collusion, max",
)
"""Attacks that must come to nothing, and how little that is."""
NOTHING, NEW_ATTACK, ORACLE_ON_STRONG = 0.05, 0.30, 0.50


def _visible(name: str, found: dict[str, Any]) -> Report:
    mark = found["mark"]
    goals = VISIBLE_GOALS.get(mark, {})
    report = Report(
        name,
        f"Taking the visible mark off: {mark.replace('_', ' ')}",
        f"attacks on {found['photographs']} photographs by somebody who may also upload to a studio of their own; "
        "figures are shares of the marked area that comes out clean, mean and worst photograph (tests/bench/visible)",
        quick=found["photographs"] < 20,
    )
    ours = mark in ("light", "standard", "strong")
    report.rows.append(Row("usability of a marked preview (SSIM)", "", "", found["usability"], goals.get("usability")))
    best, new = found["best"], found["best_new"]
    report.rows.append(
        Row(
            f"best known attack: {best['attack']}",
            "",
            f"worst {best['worst']:.2f}",
            best["mean"],
            goals.get("best"),
            "less",
        )
    )
    report.rows.append(Row("the same on the worst photograph", "", "", best["worst"], goals.get("worst"), "less"))
    for label in FOILED:
        row = found["attacks"][label]
        goal = NOTHING if ours else None
        report.rows.append(Row(label, "", f"worst {row['worst']:.3f}", row["clean"], goal, "less"))
    report.rows.append(
        Row(
            f"best of our own attacks: {new['attack']}",
            "",
            f"worst {new['worst']:.2f}",
            new["mean"],
            NEW_ATTACK if ours else None,
            "less",
        )
    )
    goal = ORACLE_ON_STRONG if mark == "strong" else None
    report.rows.append(
        Row("inpainting by one who knows the original", "", "", found["oracle_inpainting"], goal, "less")
    )
    report.rows.append(Row("ms for one mark of 1600 x 1066", "", "", 1000 * found["seconds"]))
    return report


def _trace(found: dict[str, Any]) -> Report:
    report = Report(
        "trace",
        "Reading the forensic mark back",
        f"{found['photographs']} photographs marked, put through every transform, read; share of payloads read exactly "
        "(tests/bench/trace)",
        quick=found["photographs"] < 20,
    )
    for group, told, goal in (("large", "1280 pixels and more", 0.99), ("small", "700 to 1000 pixels", 0.90)):
        report.rows += _readings(found[group], told, goal)
    blank = found["blank"]
    tried = blank["unmarked"] + blank["other_key"]
    report.rows.append(Row(f"found where nothing is, of {tried:,}", "", "", blank["hits"], 0, "less"))
    mixes = found["collusion"].values()
    pairs = sum(sum(mix.values()) for mix in mixes)
    for outcome in ("innocent", "both", "one", "nobody"):
        share = sum(mix[outcome] for mix in mixes) / max(1, pairs)
        goal = 0 if outcome == "innocent" else None
        report.rows.append(Row(f"two links' copies mixed, {pairs} pairs: named {outcome}", "", "", share, goal, "less"))
    return report


def _readings(group: dict[str, Any], told: str, goal: float) -> list[Row]:
    """The rows of one group of sizes."""
    cost = {kind: spread.get("median", 0.0) for kind, spread in group["extract ms per megapixel"].items()}
    return [
        Row(f"read exactly, {told}, of {group['readings']:,}", "", "", group["exact"], goal),
        Row(f"read wrongly, {told}", "", "", group["wrong"], 0, "less"),
        Row(f"PSNR, {told}, dB", "", f"least {group['psnr']['min']:.1f}", group["psnr"]["mean"], 46),
        Row(f"SSIM, the least, {told}", "", "", group["ssim"]["min"], 0.985),
        Row(f"embedding, {told}, ms a megapixel", "", "", group["embed ms per megapixel"], 60, "less"),
        Row(f"reading, found, {told}, ms a megapixel", "", "", cost["hit"], 1000, "less"),
        Row(f"reading, missed, {told}, ms a megapixel", "", "", cost["miss"], 1000, "less"),
    ]
