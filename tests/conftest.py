"""Fixtures for every test: a service over a fresh data directory and database, and a clock that tests can move.

``--databases=sqlite,postgresql`` runs each test that has a database once on each; the default is SQLite alone.
``--both=tests/service/jobs,...`` adds PostgreSQL for the tests under these folders.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session
from starlette.testclient import TestClient

from service.app import create_app
from service.logs import set_up_logs
from service.migrate import migrate
from service.settings import Settings, load
from service.wiring import Wiring
from tests.in_groups import InGroups
from tests.postgres_server import Postgres, set_moment
from tests.s3_server import S3Server

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--databases", default="sqlite", help="sqlite, postgresql, or both with a comma")
    parser.addoption("--both", default="", help="folders whose tests run on both databases, with commas")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("databases").split(",")
        folders = tuple(f"{folder}/" for folder in metafunc.config.getoption("both").split(",") if folder)
        if metafunc.definition.nodeid.startswith(folders):
            chosen = ["sqlite", "postgresql"]
        metafunc.parametrize("database", chosen, indirect=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> InGroups:
    return InGroups(config, log)


set_up_logs("text")
structlog.configure(cache_logger_on_first_use=False)  # each test has a standard output of its own


class MovableClock:
    """A clock that stands still until it is moved. ``follow`` is told every new moment."""

    def __init__(self) -> None:
        self._now = START
        self.follow: Callable[[datetime], None] = lambda _moment: None

    @property
    def now(self) -> datetime:
        return self._now

    @now.setter
    def now(self, moment: datetime) -> None:
        self._now = moment
        self.follow(moment)

    def __call__(self) -> datetime:
        return self._now

    def move(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server of this test process, with the template that each test's database is copied from."""
    with Postgres() as server:
        server.make_template()
        yield server


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a fresh database with this version's tables; empty for SQLite in the data directory."""
    if request.param == "sqlite":
        yield ""
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"test_{secrets.token_hex(8)}"
    yield server.create(name)
    server.drop(name)


def resettled(wiring: Wiring, **environ: str) -> Settings:
    """Settings from ``environ`` over the same data directory and database."""
    known = {"TILLPAID_DATABASE_URL": wiring.settings.database_url}
    return load({**known, **environ}, data_dir=wiring.settings.data_dir)


@pytest.fixture
def wiring(tmp_path: Path, clock: MovableClock, database: str) -> Iterator[Wiring]:
    """A real database and a real folder, migrated, with nobody in it."""
    environ = {"TILLPAID_BASE_URL": "http://testserver", "TILLPAID_DATABASE_URL": database}
    made = Wiring(load(environ, data_dir=tmp_path / "data"), clock=clock)
    if database:
        set_moment(database, clock.now)
        clock.follow = lambda moment: set_moment(database, moment)
    else:
        migrate(made.db)
    with no_locks_while_reading(made):
        yield made
    made.close()


@contextmanager
def no_locks_while_reading(wiring: Wiring) -> Iterator[None]:
    """PostgreSQL refuses a row lock in a read-only transaction and SQLite knows none: here both refuse it, so that the
    fast suite finds it."""

    def look(state: ORMExecuteState) -> None:
        if state.session.bind is wiring.db._read_engine and getattr(state.statement, "_for_update_arg", None):
            raise AssertionError(f"a row lock in a transaction that only reads: {state.statement}")

    event.listen(Session, "do_orm_execute", look)
    yield
    event.remove(Session, "do_orm_execute", look)


@pytest.fixture
def client(wiring: Wiring) -> Iterator[TestClient]:
    """A browser without cookies; errors come back as answers."""
    with TestClient(create_app(wiring), raise_server_exceptions=False, follow_redirects=False) as made:
        yield made


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server for the whole run. Who stops it uses one of their own."""
    with S3Server(tmp_path_factory.mktemp("s3")) as made:
        yield made
