"""Every test runs: none is skipped, or expected to fail."""

from __future__ import annotations

import ast

from tests.rules.sources import python_files

EVASIONS = {"skip", "skipif", "xfail", "importorskip", "skipUnless", "skipIf", "SkipTest"}


def evasions(source: str) -> list[int]:
    """The lines that let a test not run, or not count."""
    return sorted(
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Attribute) and node.attr in EVASIONS and _is_about_tests(node.value))
        or (
            isinstance(node, ast.ImportFrom)
            and node.module in {"pytest", "unittest"}
            and EVASIONS & {n.name for n in node.names}
        )
    )


def _is_about_tests(node: ast.expr) -> bool:
    return ast.unparse(node) in {"pytest", "pytest.mark", "unittest"}


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    assert [f"{path}:{line}" for path, source in python_files("tests") for line in evasions(source)] == []


def test_the_rule_can_fail() -> None:
    assert evasions("import pytest\npytest.skip('no browser')") == [2]
    assert evasions("@pytest.mark.xfail\ndef test(): ...") == [1]
    assert evasions("@pytest.mark.skipif(True, reason='x')\ndef test(): ...") == [1]
    assert evasions("from pytest import importorskip") == [1]
    assert evasions("rows.skip(3)") == []
