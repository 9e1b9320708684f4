"""A capability scopes its query: what a caller names by id is looked for inside what the caller holds."""

from __future__ import annotations

import ast

from tests.rules.sources import python_files

NAMED_BY_CALLERS = {
    *(
        "asset_id",
        "link_id",
        "payment_id",
        "message_id",
        "session_id",
        "token_id",
        "grant_id",
        "blob_id",
        "rendition_id",
    ),
    *("invoice_id", "passkey_id", "case_id"),
}
SCOPES = {
    "studio_id",
    "member_id",
    "delivery_id",
    "release_id",
    "link_id",
    "studio",
    "member",
    "delivery",
    "release",
    "link",
    "grant",
}
EXCUSED = {
    "service/previews/repository.py:put_pages": "the worker's: the id comes from a job's row, never from a caller",
    "service/previews/repository.py:replace_pictures": "the worker's: the id comes from a job's row, never from a caller",
    "service/previews/repository.py:replace_clip": "a job's own asset",
    "service/previews/repository.py:work_on": "the worker's: the id comes from a job's row, never from a caller",
    "service/previews/repository.py:removed_asset": "the worker's: the id comes from a job's row, never from a caller",
    "service/releases/repository.py:chain_of": "redeem's: the id comes out of a signed token, and the rows found decide",
    "service/shares/repository.py:link_by_id": "open_link's: the id comes out of a signed token, and the row found decides",
    "service/vault/repository.py:still_freeable": "the sweep's: the id comes from a row that it has just read",
    "service/shares/repository.py:opened_by": "of a link that is held already",
}
"""Functions that look by a bare id, and why no caller can name one. An excuse that is no longer needed must go."""


def unscoped(path: str, source: str) -> list[str]:
    """The public functions that take a thing's id and nothing that the thing must belong to."""
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            names = {each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
            sought = names & NAMED_BY_CALLERS
            bare = {name for name in sought if not SCOPES & (names - {name})}
            if bare and not (bare < sought and bare <= SCOPES):  # a link's id may be what scopes the other
                found.append(f"{path}:{node.name}")
    return found


def test_every_query_by_id_is_scoped() -> None:
    found = {
        each
        for path, source in python_files("service")
        if path.endswith("/repository.py")
        for each in unscoped(path, source)
    }
    assert sorted(found - EXCUSED.keys()) == []
    assert sorted(EXCUSED.keys() - found) == [], "excused, but scoped or gone"


def test_a_delivery_is_sought_within_its_studio() -> None:
    source = next(text for path, text in python_files("service/deliveries") if path.endswith("/repository.py"))
    [found] = [
        node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == "delivery_of"
    ]
    assert {"studio_id", "delivery_id"} <= {each.arg for each in found.args.args}


def test_the_rule_can_fail() -> None:
    assert unscoped("r.py", "def asset(tx, asset_id): ...") == ["r.py:asset"]
    assert unscoped("r.py", "def link(tx, *, link_id): ...") == ["r.py:link"]
    assert unscoped("r.py", "def asset_of(tx, delivery_id, asset_id): ...") == []
    assert unscoped("r.py", "def asset_of(tx, link_id, asset_id): ...") == []
    assert unscoped("r.py", "def asset_of(tx, blob_id, asset_id): ...") == ["r.py:asset_of"]
    assert unscoped("r.py", "def rendition_for(tx, link, asset_id): ...") == []
