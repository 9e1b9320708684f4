"""The deliveries page, a delivery's page and the share page with 10 and with 10,000 rows: queries and time.

Whole HTTP requests in this process, without a network; every statement that reaches the database is counted.
"""

from __future__ import annotations

import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine, event, insert
from starlette.testclient import TestClient

from service.app import create_app
from service.audit.models import AuditEvent
from service.db import Tx
from service.deliveries.models import Asset, Blob, Delivery, Invoice
from service.kit.ids import new_id
from service.migrate import migrate
from service.previews.models import Proof, Rendition
from service.settings import load
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, share_path
from tests.bench.report import Report, Row, arguments

FEW, WINDOW, MANY = 10, 60, 10_000
GOAL = 2.0
Fetch = Callable[[], Any]


@dataclass(frozen=True)
class Measured:
    """Median milliseconds of a request, and how many statements it takes."""

    ms: float
    queries: int


def main() -> None:
    quick = arguments(__doc__).quick
    many, requests = (1_000, 10) if quick else (MANY, 60)
    with tempfile.TemporaryDirectory() as folder:
        wiring = Wiring(load({"TILLPAID_BASE_URL": "http://testserver"}, data_dir=Path(folder)))
        migrate(wiring.db)
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        with TestClient(create_app(wiring), follow_redirects=False) as client:
            sizes = (FEW, WINDOW, many)
            pages = {size: fetches(wiring, client, size) for size in sizes}
            found = {name: {size: measured(requests, pages[size][name]) for size in sizes} for name in pages[FEW]}
        wiring.close()
    report(found, many, requests, quick=quick)


def report(found: dict[str, dict[int, Measured]], many: int, requests: int, *, quick: bool) -> None:
    made = Report(
        "pages",
        f"Pages with {FEW} and with {many:,} rows",
        f"whole requests in process, median of {requests} each after 5 to warm up, the sizes in turn; milliseconds, "
        "and SQL statements with the transaction's own",
        quick,
    )
    for name, by_size in found.items():
        few, window, large = by_size[FEW], by_size[WINDOW], by_size[many]
        told = [f"{each.ms:.1f} ms, {each.queries} q" for each in (large, few)]
        made.rows.append(Row(f"{name}: {many:,} against {FEW}", *told, large.ms / few.ms, GOAL, "less"))
        made.rows.append(
            Row(f"{name}: more queries", str(large.queries), str(few.queries), large.queries - few.queries, 0, "less")
        )
        made.remarks.append(
            f"{name}: with {WINDOW} rows, about as many as one page shows, {window.ms:.1f} ms; "
            f"{many:,} take {large.ms / window.ms:.2f} of that"
        )
    made.save()


def fetches(wiring: Wiring, client: TestClient, size: int) -> dict[str, Fetch]:
    """The pages of a studio with ``size`` deliveries, the newest of which has ``size`` assets."""
    studio = new_studio(wiring, client, f"Studio {size}")
    newest = studio.delivery()
    link = studio.link(newest["id"])
    with wiring.db.write() as tx:
        more_deliveries(tx, studio, newest["id"], size - 1)
        more_assets(tx, studio, newest["id"], size)
    share = share_path(link)
    return {
        "deliveries page": lambda: studio.page("GET", "/deliveries"),
        "deliveries by API": lambda: studio.api("GET", "/deliveries"),
        "delivery page": lambda: studio.page("GET", f"/deliveries/{newest['id']}"),
        "share page": lambda: client.get(share, headers={"Accept": "text/html"}),
    }


def more_deliveries(tx: Tx, studio: StudioActor, like_id: str, count: int) -> None:
    """Copies of a delivery, a minute older each, with their invoices and one event."""
    like = tx.get_one(Delivery, like_id)
    rows = [
        {**columns(like), "id": new_id("dlv"), "created_at": like.created_at - timedelta(minutes=n + 1)}
        for n in range(count)
    ]
    invoices = [
        {
            "id": new_id("inv"), "studio_id": studio.studio_id, "delivery_id": row["id"], "amount_minor": 45000,
            "currency": "EUR", "reference": f"RF00{n}", "created_at": row["created_at"],
        }
        for n, row in enumerate(rows)
    ]  # fmt: skip
    events = [
        {
            "studio_id": studio.studio_id, "seq": 1000 + n, "at": row["created_at"], "kind": "delivery.created",
            "actor": "system", "delivery_id": row["id"], "data": "{}", "previous": "", "hash": "",
        }
        for n, row in enumerate(rows)
    ]  # fmt: skip
    for table, values in ((Delivery, rows), (Invoice, invoices), (AuditEvent, events)):
        if values:
            tx.execute(insert(table), values)


def more_assets(tx: Tx, studio: StudioActor, delivery_id: str, count: int) -> None:
    """Assets with a proof and three renditions each, and what the log says of them."""
    now = tx.get_one(Delivery, delivery_id).created_at
    made: dict[type, list[dict[str, Any]]] = {Blob: [], Asset: [], Proof: [], Rendition: [], AuditEvent: []}
    for n in range(count):
        asset, blob, digest = new_id("ast"), new_id("blb"), f"{n:064x}"
        made[Blob].append(
            {"id": blob, "studio_id": studio.studio_id, "sha256": digest, "size": 9_000_000, "crc32": 1,
             "storage_key": f"originals/{studio.studio_id}/{digest}", "created_at": now}
        )  # fmt: skip
        made[Asset].append(
            {"id": asset, "studio_id": studio.studio_id, "delivery_id": delivery_id, "blob_id": blob, "sha256": digest,
             "size": 9_000_000, "filename": f"kāzas {n:05}.jpg", "state": "ready", "media_type": "image/jpeg",
             "page_count": 1, "mark_key_id": "k", "position": n + 1, "created_at": now}
        )  # fmt: skip
        made[Proof].append(
            {"id": new_id("prf"), "asset_id": asset, "page": 1, "width": 2048, "height": 1365,
             "media_type": "image/jpeg", "storage_key": f"proofs/{asset}", "recipe_digest": "d", "created_at": now}
        )  # fmt: skip
        made[Rendition] += [
            {"id": new_id("ren"), "asset_id": asset, "page": 1, "size": size, "recipe_digest": "d",
             "byte_count": 100_000, "storage_key": f"renditions/{asset}/{size}", "created_at": now}
            for size in (480, 960, 2048)
        ]  # fmt: skip
        made[AuditEvent].append(
            {"studio_id": studio.studio_id, "seq": 100_000 + n, "at": now, "kind": "asset.added", "actor": "system",
             "delivery_id": delivery_id, "data": f'{{"name":"kāzas {n:05}.jpg","size":9000000}}', "previous": "",
             "hash": ""}
        )  # fmt: skip
    for table, values in made.items():
        tx.execute(insert(table), values)


def columns(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}


def measured(requests: int, fetch: Fetch) -> Measured:
    """Median time and number of statements, the same every time or the largest."""
    for _ in range(5):
        answer = fetch()
        assert answer.status_code == 200, answer.text
    times, counts = [], set()
    for _ in range(requests):
        with counting() as statements:
            began = time.perf_counter()
            fetch()
            times.append(time.perf_counter() - began)
        counts.add(len(statements))
    return Measured(statistics.median(times) * 1000, max(counts))


@contextmanager
def counting() -> Iterator[list[str]]:
    """Collects every statement sent to any database."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


if __name__ == "__main__":
    main()
