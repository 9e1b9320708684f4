"""The two kinds of transaction, and that a failed one is really over."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from service.db import Database, Tx

Fail = Callable[[Database], None]


@pytest.fixture
def db(tmp_path: Path) -> Database:
    made = Database(f"sqlite:///{tmp_path}/test.db")
    with made.write() as tx:
        tx.execute(text("create table parents (id integer primary key)"))
        tx.execute(text("create table children (parent integer references parents deferrable initially deferred)"))
    return made


def orphan(tx: Tx) -> None:
    """What only the commit finds wrong."""
    tx.execute(text("insert into children values (1)"))


def by_block(db: Database) -> None:
    with db.write() as tx:
        orphan(tx)


def by_boundary(db: Database) -> None:
    tx = db.begin_write()
    orphan(tx)
    db.finish(tx, keep=True)


@pytest.mark.parametrize("fail", [by_block, by_boundary])
def test_a_commit_that_failed_holds_no_lock(db: Database, tmp_path: Path, fail: Fail) -> None:
    with pytest.raises(IntegrityError):
        fail(db)
    other = sqlite3.connect(tmp_path / "test.db", timeout=0, isolation_level=None)
    other.execute("begin immediate")
    other.close()
    with db.write() as tx:
        assert tx.scalar(text("select count(*) from children")) == 0
    db.close()


def test_reading_cannot_write(db: Database) -> None:
    with pytest.raises(OperationalError, match="readonly"), db.read() as tx:
        orphan(tx)
    db.close()


def test_reading_sees_one_moment(db: Database) -> None:
    with db.read() as reading:
        before = reading.scalar(text("select count(*) from parents"))
        with db.write() as writing:
            writing.execute(text("insert into parents values (1)"))
        assert reading.scalar(text("select count(*) from parents")) == before == 0
    with db.read() as reading:
        assert reading.scalar(text("select count(*) from parents")) == 1
    db.close()


def test_a_time_without_a_zone_is_refused(db: Database) -> None:
    from service.db import UtcDateTime

    with pytest.raises(ValueError, match="without a zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), db.engine.dialect)  # noqa: DTZ001 - the point of it
    db.close()
