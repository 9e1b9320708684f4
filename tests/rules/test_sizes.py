"""Files to 300 lines, functions to 40 (their docstrings not counted): past that, a new idea is hiding in it."""

from __future__ import annotations

import ast

from tests.rules.sources import python_files

FILE_LINES = 300
FUNCTION_LINES = 40
EXCUSED: dict[str, str] = {}
"""Path, or path and function (``a/b.py:name``), to the reason. An excuse that is no longer needed must go."""


def too_large(path: str, source: str) -> list[str]:
    """What in this file is over its limit: the file itself, or ``path:function``."""
    found = [path] if len(source.splitlines()) > FILE_LINES else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _lines(node) > FUNCTION_LINES:
            found.append(f"{path}:{node.name}")
    return found


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if said else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def test_files_and_functions_are_small() -> None:
    found = {
        large
        for path, source in python_files("service", "watermark", "storage")
        if not path.startswith("service/migrations/")
        for large in too_large(path, source)
    }
    assert sorted(found - EXCUSED.keys()) == []
    assert sorted(EXCUSED.keys() - found) == [], "excused, but no longer large"


def test_the_rule_can_fail() -> None:
    body = "    x = 1\n" * FUNCTION_LINES
    assert too_large("a.py", f"def f():\n{body}") == ["a.py:f"]
    assert too_large("a.py", f"class C:\n  async def f(self):\n{body}") == ["a.py:f"]
    assert too_large("a.py", "x = 1\n" * (FILE_LINES + 1)) == ["a.py"]
    assert too_large("a.py", f'def f():\n    """One\n{"    more" * 50}\n"""\n{body[:-10]}') == []
