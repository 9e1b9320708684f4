"""Promise 20: each write of PostgreSQL and of the S3 store fails once, with ENOSPC and with EIO, while the service is at work on them.

As ``test_failing_writes.py``, but the calls that fail are the servers' own (``refused_calls.py``). PostgreSQL answers some with an
error and ends over others, to come back by recovery; SeaweedFS has to be started again after some. The service says 503 or 507 meanwhile, loses nothing and does nothing
twice.
"""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import load
from service.wiring import Wiring
from storage.blobstore import StorageError
from tests.conftest import MovableClock
from tests.faults.ledger import Look
from tests.faults.refused_calls import RefusedCalls
from tests.faults.test_failing_writes import STEP, Trial, each_fails, form, payments, pieces, previews
from tests.postgres_server import Postgres, set_moment
from tests.s3_server import S3Server
from tests.until import until

PATIENCE = 120.0


def written_out(trial: Trial, delivery: str) -> None:
    """Two payments and the release; then PostgreSQL writes all of it to its tables' files."""
    payments(trial, delivery)
    until(lambda: done(lambda: checkpoint(trial.wiring.settings.database_url)))


FEWER = 1 if STEP == 1 else 12
"""Of the store's, in CI: it is started again after each."""
CASES = [
    *(("postgresql", what, STEP) for what in (form, pieces, payments, previews, written_out)),
    *(("s3", what, FEWER) for what in (form, pieces)),
]
"""What fails while what is done, and every which write."""


@contextmanager
def trying(folder: Path, failing: str) -> Iterator[tuple[Trial, RefusedCalls]]:
    """A service over both servers, of which one may fail."""
    with ExitStack() as stack:
        clock, postgres, store = MovableClock(), Postgres(durable=True), S3Server(folder / "s3")
        server: Postgres | S3Server = postgres if failing == "postgresql" else store
        data = postgres.data if failing == "postgresql" else folder / "s3" / "data"
        server.behind = stack.enter_context(RefusedCalls(data))
        stack.enter_context(postgres)
        stack.enter_context(store)
        postgres.make_template()
        url = postgres.create("failing")
        environ = {"TILLPAID_BASE_URL": "http://testserver", "TILLPAID_DATABASE_URL": url}
        wiring = Wiring(load({**environ, "TILLPAID_STORAGE_URL": store.url()}, data_dir=folder / "data"), clock=clock)
        stack.callback(wiring.close)
        client = TestClient(create_app(wiring), raise_server_exceptions=False, follow_redirects=False)
        trial = Trial(wiring, stack.enter_context(client), clock, PATIENCE)
        if failing == "s3":
            trial.mended = lambda: restarted(store, wiring)
            trial.until_back = lambda: until(lambda: all_there(wiring))
        else:
            trial.until_back = lambda: until(postgres.answers)
        clock.follow = lambda moment: until(lambda: done(lambda: set_moment(url, moment)))
        clock.move(seconds=1)
        yield trial, server.behind


def restarted(store: S3Server, wiring: Wiring) -> None:
    """SeaweedFS's table of names takes nothing more once a write of its journal has failed, until it is started again."""
    store.kill()
    store.start()
    until(lambda: all_there(wiring))


def all_there(wiring: Wiring) -> bool:
    """The store takes writes a little before it has found all its volumes."""
    try:
        for stat in wiring.store.list("originals/"):
            with closing(wiring.store.open(stat.key)) as reader:
                reader.read(1)
    except StorageError:
        return False
    return True


def done(by_postgresql: Callable[[], object]) -> bool:
    """Whether PostgreSQL did it."""
    try:
        by_postgresql()
    except psycopg.Error:
        return False
    return True


def checkpoint(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")


@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("failing", "what", "by"), CASES)
def test_promise_20_each_write_of_a_server_fails_once(
    tmp_path: Path, failing: str, what: Callable[[Trial, str], None], by: int
) -> None:
    failed: Counter[str] = Counter()
    with trying(tmp_path, failing) as (trial, calls):
        look = Look(trial.wiring)
        for error in (errno.ENOSPC, errno.EIO):
            failed += each_fails(trial, calls, what, error, look, by)
        assert look.faults(trial.ledger, everything=True) == []
    assert failed or STEP > 1
    print(
        f"\n{failing}, {what.__name__}: {failed.total()} writes failed ({dict(failed)}); told {dict(trial.told)}; lost 0, half 0"
    )
