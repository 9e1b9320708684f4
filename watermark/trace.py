"""Read the forensic mark from a found file, whatever it is: runs inside the sandbox's child, on a stranger's bytes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from watermark.errors import BadSource, RenderStopped
from watermark.forensic import codec
from watermark.ingest import CLEAN
from watermark.limits import Limits
from watermark.pipeline import Deadline, Pixels, run
from watermark.rendering import renderer_for
from watermark.results import Reading, Readings
from watermark.sniff import source_of

PAGES: Final = 12
"""Pages of a document that are searched."""
SHARE: Final = 0.8
"""Of the time left for the search; the rest is for ending it in order."""


def trace(file: BinaryIO, keys: Sequence[bytes], limits: Limits, deadline: Deadline) -> Readings:
    """All link ids in the first pages, the surest first. Raises BadSource for what can't be decoded, MemoryError."""
    source = source_of(file)
    if source.size == 0:
        raise BadSource(code="empty_file")
    opened = renderer_for(source.media_type).open(source, limits)
    end = time.monotonic() + SHARE * (deadline.at - time.monotonic())
    readings: dict[int, Reading] = {}
    complete = opened.page_count <= PAGES
    for number in range(1, min(opened.page_count, PAGES) + 1):
        try:
            pixels = run(opened.page(number, deadline), CLEAN, deadline).pixels
        except (BadSource, RenderStopped):
            if number == 1:
                raise
            complete = False
            continue
        for reading in _read(pixels, number, keys, end):
            readings.setdefault(reading.payload, reading)
        if time.monotonic() >= end:
            complete = False
            break
    ordered = sorted(readings.values(), key=lambda reading: -reading.confidence)
    return Readings(tuple(ordered[:64]), complete, source.media_type, opened.page_count)


def _read(pixels: Pixels, page: int, keys: Sequence[bytes], end: float) -> Iterator[Reading]:
    for number, key in enumerate(keys):
        left = end - time.monotonic()
        if left <= 0:
            return
        for payload, confidence in codec.extract_all(pixels, key, deadline=left):
            yield Reading(payload, float(confidence), page, number)
