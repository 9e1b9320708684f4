"""What is remembered of an error holds no secret."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.jobs.blame import LONGEST, blame
from service.wiring import Wiring


def test_class_and_words_on_one_line() -> None:
    assert blame(ValueError("no\n  such\tthing")) == "ValueError: no such thing"
    assert blame(KeyError()) == "KeyError"


def test_addresses_are_left_out() -> None:
    said = blame(RuntimeError("GET https://host/s/secret-token failed; smtp://me:pw@host too"))
    assert said == "RuntimeError: GET (address) failed; (address) too"


def test_a_database_errors_parameters_are_left_out(wiring: Wiring) -> None:
    with wiring.db.read() as tx, pytest.raises(DBAPIError) as caught:
        tx.execute(text("select * from nothing where secret = :secret"), {"secret": "hunter2"})
    assert "hunter2" in str(caught.value)
    assert "hunter2" not in blame(caught.value)


def test_it_is_short() -> None:
    assert len(blame(ValueError("x" * 10_000))) <= LONGEST
