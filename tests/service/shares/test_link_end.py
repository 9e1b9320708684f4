"""The end of a link in the studio's days."""

from __future__ import annotations

from datetime import UTC, date, datetime

from service.kit.translate import using
from service.shares.link_end import end_of, shown_end


def test_a_day_ends_at_midnight_where_the_studio_is() -> None:
    assert end_of(date(2026, 3, 31), "Europe/Riga").astimezone(UTC) == datetime(2026, 3, 31, 21, 0, tzinfo=UTC)


def test_the_last_day_is_shown_not_the_midnight_after_it() -> None:
    assert shown_end(end_of(date(2026, 3, 31), "Europe/Riga"), "Europe/Riga") == "March 31, 2026"
    with using("lv"):
        assert "31. marts" in shown_end(end_of(date(2026, 3, 31), "Europe/Riga"), "Europe/Riga")


def test_another_moment_is_shown_with_its_time() -> None:
    assert "11:30" in shown_end(datetime(2026, 3, 31, 8, 30, tzinfo=UTC), "Europe/Riga")


def test_no_end_is_nothing() -> None:
    assert shown_end(None, "UTC") == ""
