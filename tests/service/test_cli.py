"""The command line ends with a sentence when the machine lacks what a command needs, never with a traceback."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import command_line


def ended(*words: str) -> Result:
    return CliRunner(env={"TILLPAID_BASE_URL": ""}).invoke(command_line(), list(words))


def test_a_port_that_is_taken_is_named_before_anything_else(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = ended("--data-dir", str(tmp_path), "serve", "--port", str(port))
    assert told.exit_code == 1
    assert told.output == f"Error: http://127.0.0.1:{port} cannot be served: address already in use.\n"


@pytest.mark.parametrize("command", ["serve --port 0", "worker", "migrate", "doctor", "demo", "verify-log", "backup x"])
def test_a_data_folder_that_cannot_be_made(tmp_path: Path, command: str) -> None:
    (tmp_path / "a file").write_text("")
    told = ended("--data-dir", str(tmp_path / "a file" / "data"), *command.split())
    assert told.exit_code == 1 and isinstance(told.exception, SystemExit)
    assert told.output.startswith("Error: ") and told.output.count("\n") == 1


@pytest.mark.parametrize("command", ["serve --port 0", "worker", "migrate"])
def test_a_database_that_is_none(tmp_path: Path, command: str) -> None:
    (tmp_path / "tillpaid.db").write_text("not a database, and long enough to be looked at as one")
    told = ended("--data-dir", str(tmp_path), *command.split())
    assert (told.exit_code, told.output) == (1, "Error: The database cannot be used: file is not a database\n")
