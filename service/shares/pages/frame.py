"""What every page of an unlocked link hands to its template."""

from __future__ import annotations

from typing import Any

from service.shares.look import look_version
from service.shares.open_link import OpenedLink


def frame(opened: OpenedLink, path: str) -> dict[str, Any]:
    """The link and what it leads to; nobody is signed in on these pages; ``path`` is the share page's, ``look`` the version
    of the studio's colour."""
    return {
        "opened": opened,
        "delivery": opened.delivery,
        "studio": opened.studio,
        "member": None,
        "path": path,
        "look": look_version(opened.studio.colour),
    }
