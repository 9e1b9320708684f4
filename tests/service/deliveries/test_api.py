"""Deliveries over the API, as other programs rely on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from stdnum import iso11649

from service.deliveries.models import Asset, Blob
from service.kit.ids import new_id
from service.wiring import Wiring
from tests.actors import StudioActor
from tests.originals import Original


@contextmanager
def queries(wiring: Wiring) -> Iterator[list[str]]:
    """The statements that run inside the block."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    for engine in (wiring.db.engine, wiring.db._read_engine):
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in (wiring.db.engine, wiring.db._read_engine):
            event.remove(engine, "before_cursor_execute", note)


def test_a_delivery_answers_what_was_agreed(studio: StudioActor) -> None:
    made = studio.delivery(amount="1 450,5", due_on="2026-04-01", locale="lv", terms="Tikai priekšskatījumam.")
    assert made == studio.api("GET", f"/deliveries/{made['id']}").json()
    assert (made["state"], made["amount"], made["currency"]) == ("draft", "1450.50", "EUR")
    assert made["client"] == {"name": "Anna Bērziņa", "email": "anna@example.com"}
    assert (made["due_on"], made["locale"], made["terms"]) == ("2026-04-01", "lv", True)
    assert iso11649.is_valid(made["reference"]) and made["reference"][4] != "0"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "1.234"}, "amount"),
        ({"currency": "XXL"}, "currency"),
        ({"title": "  "}, "title"),
        ({"client": {"name": "A", "email": "a@b\r\nBcc: x@y"}}, "client_email"),
        ({"locale": "tlh"}, "locale"),
        ({"client": {}}, "client.name"),
    ],
)
def test_what_cannot_be_used_names_its_field(studio: StudioActor, change: dict[str, object], field: str) -> None:
    body = {"title": "T", "client": {"name": "A"}, "amount": "1.00", "currency": "EUR", **change}
    answer = studio.api("POST", "/deliveries", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_the_list_is_read_to_its_end_by_its_cursor(studio: StudioActor) -> None:
    made = [studio.delivery(f"Nr {n}")["id"] for n in range(5)]
    seen, after = [], None
    while True:
        page = studio.api("GET", "/deliveries", params={"limit": 2, **({"after": after} if after else {})}).json()
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(seen) == sorted(made) and len(seen) == 5


def test_assets_and_events_are_paged_in_order(studio: StudioActor) -> None:
    delivery = studio.delivery()["id"]
    added = studio.upload(delivery, *(Original(f"{n}.bin", b"%d" % n, ()) for n in range(3)))
    first = studio.api("GET", f"/deliveries/{delivery}/assets", params={"limit": 2}).json()
    rest = studio.api("GET", f"/deliveries/{delivery}/assets", params={"limit": 2, "after": first["next"]}).json()
    assert [a["id"] for a in first["items"] + rest["items"]] == [a["id"] for a in added]
    assert rest["next"] is None and {a["state"] for a in added} == {"queued"}
    events = studio.api("GET", f"/deliveries/{delivery}/events").json()["items"]
    assert [e["kind"] for e in events] == ["delivery.created"] + ["asset.added"] * 3


def test_the_number_of_queries_does_not_grow_with_the_rows(studio: StudioActor, wiring: Wiring) -> None:
    delivery = studio.delivery()["id"]
    studio.upload(delivery, Original("0.bin", b"0", ()))
    paths = ("/deliveries", f"/deliveries/{delivery}")

    def counted() -> list[int]:
        counts = []
        for path in paths:
            with queries(wiring) as seen:
                assert studio.page("GET", path).status_code == 200
            counts.append(len(seen))
            with queries(wiring) as seen:
                assert studio.api("GET", path if path == "/deliveries" else f"{path}/assets").status_code == 200
            counts.append(len(seen))
        return counts

    few = counted()
    for n in range(9):
        studio.delivery(f"Nr {n}")
    with wiring.db.write() as tx:
        blob = tx.query(Blob).first()
        for n in range(1, 40):
            tx.add(_asset(studio, delivery, blob, n, wiring))
    assert counted() == few


def _asset(studio: StudioActor, delivery: str, blob: Blob, n: int, wiring: Wiring) -> Asset:
    return Asset(
        id=new_id("ast"),
        studio_id=studio.studio_id,
        delivery_id=delivery,
        blob_id=blob.id,
        sha256=blob.sha256,
        size=1,
        filename=f"{n}.bin",
        mark_key_id="k",
        position=n + 1,
        state="ready",
        created_at=wiring.clock(),
    )
