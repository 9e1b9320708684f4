"""What was wrong with a form, by field."""

from __future__ import annotations

from service.errors import TillpaidError
from service.web.problems import shown


class Wrong(dict[str, str]):
    """Messages by field name; fields that are right have an empty one."""

    def __missing__(self, field: str) -> str:
        return ""


def wrong(error: TillpaidError | None = None) -> Wrong:
    """The message for each field of a form: that of ``error`` by its field (``""`` for the form as a whole)."""
    return Wrong({error.field or "": shown(error)} if error else {})
