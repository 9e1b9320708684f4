"""Files for the uploader, and how a person drops a folder on it."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import CDPSession

from tests.journeys.person import Person


def folder_of_files(place: Path, count: int, size: int) -> list[Path]:
    """So many files of random bytes, every third one in a folder inside; in the order of their paths."""
    inside = place / "rīts"
    inside.mkdir(parents=True)
    for number in range(count):
        file = (inside if number % 3 == 0 else place) / f"IMG_{number:04}.bin"
        file.write_bytes(os.urandom(size + number))
    return sorted((path for path in place.rglob("*") if path.is_file()), key=str)


def drag(person: Person, place: Path, *steps: str) -> None:
    """Drags a real folder or file from outside the browser: dragEnter, dragOver, drop, dragCancel."""
    area = person.find("[data-drop]")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box
    data = {"items": [], "files": [str(place)], "dragOperationsMask": 1}
    session = person.context.new_cdp_session(person.page)
    for step in steps:
        at = {"type": step, "x": box["x"] + 30, "y": box["y"] + 30, "data": data}
        session.send("Input.dispatchDragEvent", at)


def slow_down(person: Person, bytes_a_second: float) -> CDPSession:
    """Hotel Wi-Fi; ``-1`` is the full speed again."""
    session = person.context.new_cdp_session(person.page)
    line = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
    session.send("Network.emulateNetworkConditions", line)
    return session


def words_of(person: Person) -> list[str]:
    """What stands beside each file."""
    return person.find("[data-list] .upload-state").all_inner_texts()
