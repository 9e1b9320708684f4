"""A machine with other secret keys than the rest is told at its start; rotation passes."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import command_line
from service.health.agree_on_keys import OtherKeys, agree_on_keys, replace_keys
from service.settings import load
from service.wiring import Wiring

OLD, NEW, STRANGE = (f"{name}-0123456789abcdefghijklmnopqrstuv" for name in ("old", "new", "strange"))


def machine(wiring: Wiring, *keys: str) -> Wiring:
    """Another one over the same database."""
    environ = {"TILLPAID_SECRET_KEYS": ",".join(keys), "TILLPAID_DATABASE_URL": wiring.settings.database}
    made = Wiring(load(environ, data_dir=wiring.settings.data_dir), clock=wiring.clock)
    made.__dict__["db"] = wiring.db
    return made


def refused(one: Wiring) -> bool:
    try:
        agree_on_keys(one)
    except OtherKeys as error:
        assert "replace-keys" in str(error)
        assert not any(key in str(error) for key in (OLD, NEW, STRANGE))
        return True
    return False


def test_the_same_keys_are_fine_and_others_are_not(wiring: Wiring) -> None:
    assert not refused(machine(wiring, OLD))
    assert not refused(machine(wiring, OLD))
    assert refused(machine(wiring, STRANGE))
    assert refused(machine(wiring, STRANGE, NEW))
    assert not refused(machine(wiring, OLD))


def test_rotation_passes_machine_by_machine(wiring: Wiring) -> None:
    first, second = machine(wiring, OLD), machine(wiring, NEW, OLD)
    for one in (first, second, first, second):
        assert not refused(one)
    retired = machine(wiring, NEW)
    assert not refused(retired), "the old one is taken away"
    assert refused(first)


def test_whoever_comes_first_of_two_with_other_keys_wins(wiring: Wiring) -> None:
    answers: list[bool] = []
    both = [
        threading.Thread(target=lambda key=key: answers.append(refused(machine(wiring, key)))) for key in (OLD, NEW)
    ]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert sorted(answers) == [False, True]


def test_keys_can_be_given_up(wiring: Wiring) -> None:
    assert not refused(machine(wiring, OLD))
    replace_keys(machine(wiring, STRANGE))
    assert not refused(machine(wiring, STRANGE))
    assert refused(machine(wiring, OLD))


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_the_program_ends_with_what_to_do(wiring: Wiring, tmp_path: Path, command: str) -> None:
    agree_on_keys(machine(wiring, OLD))
    environ = {"TILLPAID_SECRET_KEYS": NEW, "TILLPAID_DATABASE_URL": wiring.settings.database}
    ended = CliRunner().invoke(command_line(), ["--data-dir", str(tmp_path / "other"), command], env=environ)
    assert ended.exit_code == 1
    assert "has none of the secret keys" in ended.output
    done = CliRunner().invoke(command_line(), ["--data-dir", str(tmp_path / "other"), "replace-keys"], env=environ)
    assert done.exit_code == 0, done.output
    assert not refused(machine(wiring, NEW))
