"""Files are named for an action or a thing; files named for a role swell without end."""

from __future__ import annotations

from pathlib import PurePath

from tests.rules.sources import python_files

ROLES = {
    "service",
    "services",
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "managers",
    "misc",
    "core",
    "lib",
}


def named_for_a_role(path: str) -> bool:
    *folders, name = PurePath(path).parts
    return PurePath(name).stem in ROLES or not ROLES.isdisjoint(folders[1:])


def test_no_file_or_folder_is_named_for_a_role() -> None:
    assert [path for path, _ in python_files("service", "watermark", "storage") if named_for_a_role(path)] == []


def test_the_rule_can_fail() -> None:
    assert named_for_a_role("service/deliveries/service.py")
    assert named_for_a_role("watermark/utils/blur.py")
    assert not named_for_a_role("service/deliveries/create.py")
