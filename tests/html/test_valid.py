"""Every page that the application can answer with is valid HTML, as html-validate's standard rules say (WHATWG's living
standard, and what of WCAG can be told from the text alone)."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.leaks import test_access_table as access
from tests.leaks.access_table import TABLE
from tests.rules.sources import HERE

scene = access.scene
"""A released delivery and all that names a part of it."""
FOR_MAIL_PROGRAMS = "/settings/emails/{kind}/html"
"""What MJML writes: tables and attributes that the standard has given up and old mail programs still need."""

PROGRAM = HERE / "tests" / "html" / "node_modules" / ".bin" / "html-validate"
RULES = HERE / "tests" / "html" / "htmlvalidate.json"


def faults(folder: Path) -> list[str]:
    """What html-validate has against the files in a folder."""
    ran = subprocess.run(
        [PROGRAM, "--config", RULES, "--formatter", "json", *sorted(map(str, folder.glob("*.html")))],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode in {0, 1}, ran.stderr
    return [
        f"{Path(file['filePath']).name}:{told['line']}: {told['ruleId']}: {told['message']}"
        for file in json.loads(ran.stdout)
        for told in file["messages"]
    ]


@pytest.mark.timeout(900)
def test_every_page_is_valid_html(scene: access.Scene, tmp_path: Path) -> None:
    kept = 0
    for person in ("client", "owner", "nobody"):
        for (method, path), row in TABLE.items():
            if method != "GET" or path.startswith(("/api/", "/static/", "/d/")) or path == FOR_MAIL_PROGRAMS:
                continue
            answer = access._call(scene, person, method, path, row)
            if answer.headers.get("content-type", "").startswith("text/html") and answer.text:
                kept += 1
                name = re.sub(r"\W+", "-", path).strip("-") or "front"
                (tmp_path / f"{person}-{name}-{answer.status_code}.html").write_text(answer.text)
    assert kept > 40, kept
    assert faults(tmp_path) == []


def test_the_validator_sees_a_fault(tmp_path: Path) -> None:
    (tmp_path / "wrong.html").write_text("<!doctype html><html lang='en'><title>x</title><p><div></div></p></html>")
    assert faults(tmp_path)
