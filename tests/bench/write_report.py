"""Writes infra/docs/benchmarks.md from the reports in build/bench: `python -m tests.bench.write_report`.

A bench that has left no report here keeps the section that the page has of it, so that one can be run again alone.
"""

from __future__ import annotations

from typing import Any

from tests.bench.adapt import all_reports
from tests.bench.report import OUT

PAGE = OUT.parents[1] / "infra" / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Every figure is a ratio, or a pair of figures, measured side by side in one run on one machine; nothing is taken
from elsewhere. Written by `python -m tests.bench.write_report` from what `make bench` left in `build/bench`; a bench
that was not run again keeps its section. Do not edit by hand. `make bench ARGS="--only download"` runs one; `--quick` is for developing and not for quoting.
"""
ORDER = ("ingest", "preview", "download", "zip", "upload", "tus", "tus_many", "pages", "load", "jobs")


def main() -> None:
    ours = list(all_reports().values())
    ours.sort(key=lambda report: (ORDER.index(report["name"]) if report["name"] in ORDER else 99, report["name"]))
    written = {report["title"]: section(report) for report in ours}
    PAGE.write_text("\n".join([HEAD, *merged(sections_of(PAGE.read_text()), written).values()]))
    short = [row["what"] for report in ours for row in report["rows"] if row["met"] is False]
    print(f"{PAGE}: {len(ours)} benches; " + (f"falls short: {', '.join(short)}" if short else "every goal met"))


def sections_of(page: str) -> dict[str, str]:
    """The sections of the page as it is, by their titles, in their order."""
    _head, *sections = page.split("\n## ")
    return {text.partition("\n")[0]: f"## {text.rstrip()}\n" for text in sections}


def merged(before: dict[str, str], written: dict[str, str]) -> dict[str, str]:
    """What was written in the place of what was there before; what is new at the end."""
    return {title: written.get(title, text) for title, text in before.items()} | written


def section(report: dict[str, Any]) -> str:
    quick = " **Quick run: not for quoting.**" if report["quick"] else ""
    how = report["how"][0].upper() + report["how"][1:]
    lines = [f"## {report['title']}", "", f"{how}.{quick}", ""]
    lines += ["| | ours | against | figure | goal | |", "|---|---:|---:|---:|---:|---|"]
    lines += [row_line(row) for row in report["rows"]]
    lines += [""] + [f"- {remark}" for remark in report["remarks"]]
    lines += [f"- {report['machine']}; {report['at']}", ""]
    return "\n".join(lines)


def row_line(row: dict[str, Any]) -> str:
    sign = "at least" if row["better"] == "more" else "at most"
    goal = "" if row["goal"] is None else f"{sign} {row['goal']:g}"
    verdict = {None: "", True: "met", False: "**falls short**"}[row["met"]]
    cells = [row["what"], row["ours"], row["theirs"], f"{row['figure']:.2f}", goal, verdict]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
