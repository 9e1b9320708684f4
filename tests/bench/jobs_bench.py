"""The job queue on SQLite and on PostgreSQL: jobs a second, and how long from the enqueue to the handler's start.

`Worker` with four threads in this process, as `tillpaid worker` has them; the handler only finishes its job. First a pile that
waits already, then one job at a time beside an idle worker. Beside it the least that a job can cost there: one row
written and one changed, in two transactions.
"""

from __future__ import annotations

import logging
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from sqlalchemy import text

from service.jobs.queue import Work
from service.migrate import migrate
from service.settings import load
from service.wiring import Wiring
from service.worker import Worker
from tests.bench.report import OUT, Report, Row, arguments, spread
from tests.postgres_server import Postgres

KIND = "bench.count"
THREADS = 4


def main() -> None:
    quick = arguments(__doc__).quick
    pile, singles, rounds = (200, 20, 2) if quick else (2000, 200, 3)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    OUT.mkdir(parents=True, exist_ok=True)
    report = Report(
        "jobs",
        "The job queue: jobs a second, and from enqueue to start",
        f"{THREADS} worker threads in one process; {pile} waiting jobs that do nothing, {rounds} rounds; then {singles} jobs one at a time "
        "beside an idle worker; commits reach the disk (synchronous=FULL, fsync on); against two bare transactions, one thread",
        quick,
    )
    with tempfile.TemporaryDirectory(dir=OUT) as folder, Postgres(durable=True) as postgres:
        postgres.make_template()
        for name, url in (("SQLite", ""), ("PostgreSQL", postgres.create("jobs"))):
            with _wiring(Path(folder, name), url) as wiring:
                bare = [_bare(wiring, pile // 4) for _ in range(rounds)]
                piles = [_pile(wiring, pile) for _ in range(rounds)]
                waits = _singles(wiring, singles)
            report.raw |= {f"{name} jobs a second": piles, f"{name} seconds to start": waits}
            ratio = statistics.median(piles) / statistics.median(bare)
            report.rows.append(
                Row(f"{name}: jobs a second / bare", spread(piles, digits=0), spread(bare, digits=0), ratio)
            )
            late = statistics.quantiles(waits, n=100, method="inclusive")[98] * 1000
            middle = statistics.median(waits) * 1000
            report.rows.append(
                Row(f"{name}: enqueue to start, p50 and p99", f"{middle:.1f} ms", f"{late:.1f} ms", late)
            )
    report.save()


@contextmanager
def _wiring(folder: Path, url: str) -> Iterator[Wiring]:
    made = Wiring(load({"TILLPAID_DATABASE_URL": url, "TILLPAID_WORKERS": str(THREADS)}, data_dir=folder))
    migrate(made.db)
    with made.db.write() as tx:
        tx.execute(text("create table bench_bare (id integer primary key, state text)"))
    yield made
    made.close()


def _bare(wiring: Wiring, count: int) -> float:
    """Pairs of transactions a second: a row, and its change."""
    began = time.perf_counter()
    for number in range(count):
        with wiring.db.write() as tx:
            tx.execute(text("insert into bench_bare values (:id, 'waiting')"), {"id": number})
        with wiring.db.write() as tx:
            tx.execute(text("update bench_bare set state = 'done' where id = :id"), {"id": number})
    took = time.perf_counter() - began
    with wiring.db.write() as tx:
        tx.execute(text("delete from bench_bare"))
    return count / took


def _pile(wiring: Wiring, count: int) -> float:
    """Jobs a second from the worker's start to the last one's end."""
    with wiring.db.write() as tx:
        for number in range(count):
            wiring.queue.enqueue(tx, KIND, {"n": number})
    left, over = [count], threading.Event()
    guard = threading.Lock()

    def handler(work: Work) -> None:
        with work.finish():
            pass
        with guard:
            left[0] -= 1
            if left[0] == 0:
                over.set()

    worker = Worker(wiring, {KIND: handler})
    began = time.perf_counter()
    worker.start()
    assert over.wait(600), left
    took = time.perf_counter() - began
    worker.stop()
    return count / took


def _singles(wiring: Wiring, count: int) -> list[float]:
    """Seconds from just before the enqueue's transaction to the handler's first line; the worker is idle each time."""
    started: list[float] = []
    begun = threading.Event()

    def handler(work: Work) -> None:
        started.append(time.perf_counter())
        with work.finish():
            begun.set()

    worker = Worker(wiring, {KIND: handler})
    worker.start()
    time.sleep(1)
    waits = []
    for number in range(count):
        begun.clear()
        asked = time.perf_counter()
        with wiring.db.write() as tx:
            wiring.queue.enqueue(tx, KIND, {"n": number})
        assert begun.wait(60)
        waits.append(started[-1] - asked)
        time.sleep(0.05)
    worker.stop()
    return waits


if __name__ == "__main__":
    main()
