"""The documents say what the code does: settings, commands, routes, error codes, links between pages, the version."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from fastapi import FastAPI

from service import errors
from service.app import create_app
from service.cli import command_line
from service.settings import describe, load
from service.web.problems import MethodNotAllowed
from service.wiring import Wiring
from tests.bench.write_report import HEAD, PAGE, merged, sections_of
from tests.leaks.routes import declared
from tests.rules.sources import HERE, python_files, texts

DOCS = HERE / "infra" / "docs"
FOR_PROGRAMS = ("/api/v1/", "/s/", "/d/", "/healthz", "/readyz", "/metrics")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    wiring = Wiring(load({}, data_dir=tmp_path))
    yield create_app(wiring)
    wiring.close()


def _rows(page: str, cells: int) -> list[list[str]]:
    """The cells of each table row of a page that begins with a code word and has so many cells."""
    found = [
        line.strip().strip("|").split(" | ") for line in (DOCS / page).read_text().splitlines() if line[:3] == "| `"
    ]
    return [[cell.strip().strip("`") for cell in row] for row in found if len(row) == cells]


def test_every_setting_is_described() -> None:
    told = {name: (default, words) for name, default, words in _rows("settings.md", 3)}
    assert told == {name: (default or "empty", words) for name, default, words in describe()}


def _commands(group: click.Group, before: str = "tillpaid ") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def test_every_command_and_option_is_described() -> None:
    told = dict(_rows("operating.md", 2))
    known = {}
    for name, command in _commands(command_line()):
        arguments = [p.make_metavar(click.Context(command)) for p in command.params if isinstance(p, click.Argument)]
        known[" ".join([name, *arguments])] = [p.opts[0] for p in command.params if isinstance(p, click.Option)]
    assert {words for words in told if words.startswith("tillpaid ")} == set(known)
    silent = [
        (name, option) for name, options in known.items() for option in options if f"`{option}`" not in told[name]
    ]
    assert not silent


def test_every_route_for_programs_is_described_with_an_example(app: FastAPI) -> None:
    page = (DOCS / "api.md").read_text()
    told = set(re.findall(r"`([A-Z]+ /[^` ]+)`", page))
    known = {
        f"{method} {route.path}"
        for route in declared(app)
        for method in route.methods - {"HEAD"}
        if route.path.startswith(FOR_PROGRAMS) and not route.path.endswith("openapi.json")
    }
    assert told == known
    examples = [
        block for block in re.findall(r"^`[A-Z]+ /.*?(?=^`[A-Z]+ /|^## )", page, re.S | re.M) if "curl " not in block
    ]
    assert not examples, "give each an example with curl"


def test_every_error_code_is_described() -> None:
    told = [(code, int(status)) for code, status, _words in _rows("api.md", 3)]
    assert told == sorted(set(_raised()))


def _raised() -> Iterator[tuple[str, int]]:
    """(code, status) of each error class and of each raise that names a code. Where the code is not written in the
    raise itself, it stands before its words in a table: ("code", N_("words"))."""
    kinds: list[type[errors.TillpaidError]] = [MethodNotAllowed]
    kinds += [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.TillpaidError)
    ]
    yield from ((kind.default_code, kind.status) for kind in kinds)
    statuses = {kind.__name__: kind.status for kind in kinds}
    for path, source in python_files("service"):
        tree = ast.parse(source)
        for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)):
            assert isinstance(call.func, ast.Name)
            status = statuses.get(call.func.id)
            code = next((k.value for k in call.keywords if k.arg == "code"), None)
            if status is None or code is None:
                continue
            for text in [code.value] if isinstance(code, ast.Constant) else _tabled(tree, path):
                yield str(text), status


def _tabled(tree: ast.Module, path: str) -> list[str]:
    constants = {
        node.targets[0].id: str(node.value.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    pairs = [n.elts for n in ast.walk(tree) if isinstance(n, ast.Tuple) and len(n.elts) == 2]
    found = [str(one.value) for one, two in pairs if isinstance(one, ast.Constant) and "N_" in ast.dump(two)]
    assert found or constants.get("CODE"), f"{path}: write the code in the raise, or in a table of (code, N_(words))"
    return found or [constants["CODE"]]


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{path}: {target}"
        for path, text in texts("*.md", "infra/docs/**/*.md")
        for target in re.findall(r"\]\((?!https?://|mailto:|#)([^)#\s]+)", text)
        if not (HERE / path).parent.joinpath(target).exists()
    ]
    assert not broken


def test_the_changelog_begins_with_this_version() -> None:
    version = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]["version"]
    headings = re.findall(r"^## (\S+)", (HERE / "CHANGELOG.md").read_text(), re.M)
    assert headings[0] == version


def test_a_bench_that_was_not_run_again_keeps_its_section() -> None:
    page = PAGE.read_text()
    before = sections_of(page)
    assert "\n".join([HEAD, *merged(before, {}).values()]) == page
    title = next(iter(before))
    assert merged(before, {title: "anew"}) == before | {title: "anew"}
    assert list(merged(before, {title: "anew", "another": "new"})) == [*before, "another"]
