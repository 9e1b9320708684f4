"""Lock files say what, by hash, and never where: no registry's address, no option that names one."""

from __future__ import annotations

import json
import re

from tests.rules.sources import HERE, texts

OPTIONS = re.compile(r"^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host|-e|--editable)\b", re.MULTILINE)
ADDRESS = re.compile(r"(https?|git\+\w+|file)://")


def faults_of_requirements(text: str) -> list[str]:
    """Lines that name a place, and requirements without a version or a hash."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    found = [line for line in lines if OPTIONS.search(line) or ADDRESS.search(line)]
    entries = re.split(r"\n(?=\S)", "\n".join(lines).strip())
    return found + [entry.split()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]


def faults_of_npm(text: str) -> list[str]:
    """Packages that say where they come from, or carry no digest."""
    found = []
    for name, package in json.loads(text)["packages"].items():
        if "resolved" in package or (name and "sha512-" not in package.get("integrity", "")):
            found.append(name)
    return found


def test_python_locks_hold_hashes_and_no_place() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert faults_of_requirements((HERE / name).read_text()) == []


def test_the_npm_lock_holds_hashes_and_no_place() -> None:
    for name in ("package-lock.json", "tests/html/package-lock.json", "tests/lighthouse/package-lock.json"):
        assert faults_of_npm((HERE / name).read_text()) == []


def test_no_settings_file_names_a_registry() -> None:
    found = [
        path
        for path, text in texts(".npmrc", "pip.conf", "Makefile")
        if ADDRESS.search(text.replace("http://127.", ""))
    ]
    assert found == []


def test_the_rules_can_fail() -> None:
    good = "click==8.3 \\\n    --hash=sha256:abc\n    # via tillpaid\n"
    assert faults_of_requirements(good) == []
    assert faults_of_requirements(f"--index-url https://example.org\n{good}")
    assert faults_of_requirements(f"{good}babel==2.18\n") == ["babel==2.18"]
    assert faults_of_requirements(good.replace("==", ">="))
    assert faults_of_npm('{"packages": {"": {}, "a": {"integrity": "sha512-x"}}}') == []
    assert faults_of_npm('{"packages": {"a": {"integrity": "sha512-x", "resolved": "https://example.org/a"}}}') == ["a"]
    assert faults_of_npm('{"packages": {"a": {}}}') == ["a"]
