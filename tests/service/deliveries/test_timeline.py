"""What happened, in plain words: what one person added at one go is one line, however much it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from service.audit.models import AuditEvent
from service.audit.record import record
from service.deliveries.timeline import tell
from service.kit.translate import using
from service.wiring import Wiring
from tests.actors import StudioActor

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("count", [1, 2, 49, 50, 51, 120])
def test_files_that_came_together_are_one_line(studio: StudioActor, wiring: Wiring, count: int) -> None:
    """The page shows fifty events; a line that is cut there still counts all of its files."""
    delivery = str(studio.delivery()["id"])
    actor = f"member:{studio.member_id}"
    with wiring.db.write() as tx:
        for number, kind in ((0, "asset.added"), (0, "delivery.changed"), *((n, "asset.added") for n in range(count))):
            record(
                tx,
                wiring,
                studio.studio_id,
                kind,
                actor=actor,
                delivery_id=delivery,
                data={"name": f"IMG_{number}.jpg"},
            )
    page = studio.page("GET", f"/deliveries/{delivery}").text
    assert page.count("files were added.") == (1 if count > 1 else 0)
    assert f"{count} files were added." in page or count == 1
    assert page.count("IMG_0.jpg was added.") == (2 if count == 1 else 1 if count < 49 else 0)


def test_files_of_two_people_are_two_lines(studio: StudioActor, wiring: Wiring) -> None:
    delivery = str(studio.delivery()["id"])
    with wiring.db.write() as tx:
        for actor in ("member:a", "member:a", "member:b", "member:b", "member:b"):
            record(
                tx, wiring, studio.studio_id, "asset.added", actor=actor, delivery_id=delivery, data={"name": "a.jpg"}
            )
    page = studio.page("GET", f"/deliveries/{delivery}").text
    assert "2 files were added." in page and "3 files were added." in page


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", ("Delivery agreed: €1,450.00.", "A reminder was planned for March 20, 2026.")),
        ("lv", ("Piegāde norunāta: 1 450,00 €.", "Ieplānots atgādinājums: 2026. gada 20. marts.")),
        ("ru", ("Заказ создан: 1 450,00 €.", "Запланировано напоминание на 20 марта 2026 г.")),
    ],
)
def test_money_and_days_are_written_as_the_reader_writes_them(locale: str, said: tuple[str, str]) -> None:
    events = [
        AuditEvent(
            seq=1, at=NOW, actor="member:a", kind="delivery.created", data='{"amount":"1450.00","currency":"EUR"}'
        ),
        AuditEvent(seq=2, at=NOW, actor="member:a", kind="reminder.planned", data='{"day":"2026-03-20"}'),
    ]
    with using(locale):
        assert [re.sub(r"\s", " ", line.text) for line in tell(events)] == list(said)
