"""The end of a link as people choose and read it: a day, in the studio's time zone. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.kit.translate import shown_date, shown_time


def end_of(day: date, zone: str) -> datetime:
    """The moment after the last one of ``day`` in ``zone``."""
    return datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(zone))


def shown_end(end: datetime | None, zone: str) -> str:
    """The last day, or day and time, in the current locale; "" for a link without an end."""
    if end is None:
        return ""
    local = end.astimezone(ZoneInfo(zone))
    return shown_date(local.date() - timedelta(days=1)) if local.time() == time(0) else shown_time(end, zone)
