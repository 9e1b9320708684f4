"""What happened, in plain words: what one person added at one go is one line, however much it is."""

from __future__ import annotations

import pytest

from service.audit.record import record
from service.wiring import Wiring
from tests.actors import StudioActor


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
