"""The systemd units: every one hardened alike, and what they start is what there is."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from service.cli import command_line

UNITS = Path(__file__).parents[2] / "infra" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
HARDENED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectControlGroups": "yes",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "UMask": "0077",
    "User": "tillpaid",
}


def read(unit: Path) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        if "=" in line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            told.setdefault(name, []).append(value)
    return told


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_is_hardened_and_starts_a_command_that_there_is(unit: Path) -> None:
    told = read(unit)
    assert {name: told.get(name) for name in HARDENED} == {name: [value] for name, value in HARDENED.items()}
    assert {"seccomp", "landlock_restrict_self"} <= set(told["SystemCallFilter"][0].split()), "the decoder's own walls"
    for command in [*told["ExecStart"], *told.get("ExecStartPost", [])]:
        program, *arguments = command.split()
        assert program == "/opt/tillpaid/.venv/bin/tillpaid"
        found = command_line().commands[arguments[0]]
        context = click.Context(found)
        found.parse_args(context, arguments[1:])
    assert unit.name in unit.read_text().splitlines()[0]


def test_every_timer_has_its_service() -> None:
    timers = {unit.stem for unit in UNITS.glob("*.timer")}
    assert timers == {"tillpaid-backup", "tillpaid-scrub"}
    assert timers <= {unit.stem for unit in SERVICES}
