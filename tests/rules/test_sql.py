"""SQL only in ``repository.py`` and a few named places; only the transaction boundary commits."""

from __future__ import annotations

import ast

from tests.rules.sources import python_files

SQL_ALLOWED = {
    "service/db.py": "the transaction boundary",
    "service/audit/record.py": "appends to the chain",
    "service/audit/verify_chain.py": "reads the chain from its first link to its last",
    "service/migrate.py": "brings the tables up to date",
}
COMMIT_ALLOWED = {"service/db.py": "the transaction boundary"}
QUERY_BUILDERS = {"select", "insert", "update", "delete", "text", "func", "exists", "union", "union_all"}
FOR_TABLES = {"text", "func"}
"""What ``models.py`` may use of them: conditions of indexes and server defaults are written so."""
SESSION_CALLS = {
    *("execute", "executemany", "exec_driver_sql", "scalar", "scalars", "get", "get_one", "query", "stream"),
    *("add", "add_all", "delete", "merge", "flush", "refresh", "expunge"),
}
SESSION_NAMES = {"tx", "session", "connection", "conn"}
SESSION_TYPES = {"Tx", "Session", "Connection"}


def speaks_sql(source: str, *, describes_tables: bool = False) -> list[int]:
    """The lines that build a query, or ask a session or a connection for something."""
    builders = QUERY_BUILDERS - FOR_TABLES if describes_tables else QUERY_BUILDERS
    tree = ast.parse(source)
    names = SESSION_NAMES | {
        node.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.arg) and _type_name(node.annotation) in SESSION_TYPES
    }
    return sorted(node.lineno for node in ast.walk(tree) if _builds(node, builders) or _asks(node, names))


def commits(source: str) -> list[int]:
    """The lines that end a transaction: ``commit()`` with nothing in it (a store's writer is given a key)."""
    return sorted(
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
        and not node.args
        and not node.keywords
    )


def _builds(node: ast.AST, builders: set[str]) -> bool:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").startswith("sqlalchemy") and not builders.isdisjoint(n.name for n in node.names)
    attribute = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    return attribute and node.value.id in {"sqlalchemy", "sa"} and node.attr in builders


def _asks(node: ast.AST, names: set[str]) -> bool:
    if (
        not isinstance(node, ast.Call)
        or not isinstance(node.func, ast.Attribute)
        or node.func.attr not in SESSION_CALLS
    ):
        return False
    asked = node.func.value
    last = asked.attr if isinstance(asked, ast.Attribute) else asked.id if isinstance(asked, ast.Name) else ""
    return last in names


def _type_name(annotation: ast.expr | None) -> str:
    return ast.unparse(annotation).strip("'\"").split(".")[-1] if annotation else ""


def _is_free(path: str) -> bool:
    return path.startswith(("service/migrations/", "service/jobs/backends/"))


def test_sql_is_only_in_repositories() -> None:
    found = [
        f"{path}:{line}"
        for path, source in python_files("service", "watermark", "storage")
        if not (path.endswith("/repository.py") or path in SQL_ALLOWED or _is_free(path))
        for line in speaks_sql(source, describes_tables=path.endswith("/models.py"))
    ]
    assert found == []


def test_only_the_boundary_ends_a_transaction() -> None:
    found = [
        f"{path}:{line}"
        for path, source in python_files("service")
        if path not in COMMIT_ALLOWED and not _is_free(path)
        for line in commits(source)
    ]
    assert found == []


def test_the_rules_can_fail() -> None:
    assert speaks_sql("from sqlalchemy import Column, select") == [1]
    assert speaks_sql("from sqlalchemy.orm import Session\nfrom sqlalchemy.sql import text") == [2]
    assert speaks_sql("import sqlalchemy as sa\nsa.update(t)") == [2]
    assert speaks_sql("def f(tx):\n    return tx.get(Asset, 1)") == [2]
    assert speaks_sql("def f(here: Tx):\n    here.add(x)") == [2]
    assert speaks_sql("def f(ctx):\n    ctx.session.scalars(q)") == [2]
    assert (
        speaks_sql("from sqlalchemy import String\ndef f(found: dict, seen: set):\n    found.get(1)\n    seen.add(2)")
        == []
    )
    assert speaks_sql("from sqlalchemy import select", describes_tables=True) == [1]
    assert speaks_sql("from sqlalchemy import text", describes_tables=True) == []
    assert commits("def f(tx):\n    tx.commit()") == [2]
    assert commits("def f(tx):\n    self.tx.rollback()") == [2]
    assert commits("def f(writer):\n    writer.commit(key)") == []
