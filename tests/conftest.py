"""Fixtures for every test: a service over a fresh data directory, and a clock that tests can move."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from starlette.testclient import TestClient

from service.app import create_app
from service.logs import set_up_logs
from service.migrate import migrate
from service.settings import load
from service.wiring import Wiring
from tests.in_groups import InGroups
from tests.s3_server import S3Server


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> InGroups:
    return InGroups(config, log)


set_up_logs("text")
structlog.configure(cache_logger_on_first_use=False)  # each test has a standard output of its own


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def wiring(tmp_path: Path, clock: MovableClock) -> Iterator[Wiring]:
    """Real SQLite and a real folder, migrated, with nobody in it."""
    made = Wiring(load({"TILLPAID_BASE_URL": "http://testserver"}, data_dir=tmp_path / "data"), clock=clock)
    migrate(made.db)
    yield made
    made.close()


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
