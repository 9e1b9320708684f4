"""The set-up scripts do what the Makefile relies on, and say plainly what they cannot do."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

from tests.rules.sources import HERE

SETUP = HERE / "infra" / "setup"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SETUP / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(script: str, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", SETUP / script, *args], capture_output=True, text=True, env=environment, check=False
    )


def test_static_files_and_fonts_are_copied_with_their_licences(tmp_path: Path) -> None:
    fetch_static = load("fetch_static")
    for name in fetch_static.COPIES:
        (tmp_path / "node_modules" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "node_modules" / name).write_text(name)
    assert fetch_static.fetch(tmp_path / "node_modules", tmp_path) == []
    for name, place in fetch_static.COPIES.items():
        assert (tmp_path / place).read_text() == name
    packages = {name.split("/")[0] for name in fetch_static.COPIES}
    told = {name.split("/")[0] for name in fetch_static.COPIES if name.endswith(("LICENSE", "thumbhash/package.json"))}
    assert packages == told


def test_a_package_that_lacks_a_file_is_named_and_nothing_is_copied(tmp_path: Path) -> None:
    fetch_static = load("fetch_static")
    missing = fetch_static.fetch(tmp_path, tmp_path)
    assert "htmx.org/dist/htmx.min.js" in missing
    assert list(tmp_path.iterdir()) == []


def test_what_is_fetched_is_never_committed() -> None:
    ignored = (HERE / ".gitignore").read_text().splitlines()
    fetch_static = load("fetch_static")
    assert {f"/{fetch_static.VENDOR}/", f"/{fetch_static.FONTS}/"} <= set(ignored)


def test_where_nothing_can_be_installed_it_says_what_to_install(tmp_path: Path) -> None:
    done = run("install_packages.sh", "Chromium", "chromium", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "Chromium is missing" in done.stderr
    assert "sudo apt-get install chromium" in done.stderr


def test_the_named_browser_is_taken_or_refused_by_name(tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\n")
    assert run("ensure_browser.sh", TILLPAID_CHROMIUM=str(browser)).stderr.startswith("TILLPAID_CHROMIUM")
    browser.chmod(0o755)
    assert run("ensure_browser.sh", TILLPAID_CHROMIUM=str(browser)).stdout == f"{browser}\n"


def test_every_target_is_explained() -> None:
    text = (HERE / "Makefile").read_text()
    phony = text.split(".PHONY:")[1].split("\n")[0].split()
    explained = subprocess.run(["make", "-s", "help"], cwd=HERE, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in explained.splitlines()} == set(phony)
