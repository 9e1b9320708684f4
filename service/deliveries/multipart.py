"""A multipart/form-data body (RFC 7578) as a stream of small events: nothing is collected, nothing waits.

python-multipart does the parsing; this turns its callbacks into events and its complaints into ours.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from service.errors import BadInput
from service.kit.translate import N_

MAX_BOUNDARY = 200
_NAME_ESCAPES = ((b"%22", b'"'), (b"%0D", b" "), (b"%0A", b" "))  # what browsers escape in names (HTML, 4.10.21.8)


@dataclass(frozen=True)
class PartBegan:
    """A part's headers were read. ``filename`` is None for a plain field."""

    name: str
    filename: str | None


@dataclass(frozen=True)
class PartData:
    """Some of the part's content, at most one network read long."""

    data: bytes


@dataclass(frozen=True)
class PartEnded:
    """The part is whole."""


Event = PartBegan | PartData | PartEnded


def not_understood() -> BadInput:
    return BadInput(
        N_("This upload could not be read. Send it as multipart/form-data with the files in the field named file."),
        code="not_multipart",
    )


def cut_short() -> BadInput:
    return BadInput(
        N_("The upload ended before it was complete. Nothing was kept; please try again."), code="cut_short"
    )


def boundary_of(content_type: str) -> bytes:
    """The boundary that separates the parts; raises BadInput when the body is something else."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 1 <= len(boundary) <= MAX_BOUNDARY:
        raise not_understood()
    return boundary


async def parts(stream: AsyncIterator[bytes], boundary: bytes) -> AsyncIterator[Event]:
    """The events of a body; raises BadInput when it is malformed, or ends before its closing boundary."""
    reading = _Reading(boundary)
    try:
        async for chunk in stream:
            reading.parser.write(chunk)
            for event in reading.take():
                yield event
    except FormParserError as error:
        raise not_understood() from error
    except ClientDisconnect as error:
        raise cut_short() from error
    if not reading.complete:
        raise cut_short()


class _Reading:
    """The parser's callbacks, gathered into events."""

    def __init__(self, boundary: bytes) -> None:
        self.complete = False
        self._events: list[Event] = []
        self._header = [b"", b""]
        self._disposition = b""
        callbacks: Any = {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._more(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._more(1, data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": lambda data, start, end: self._events.append(PartData(data[start:end])),
            "on_part_end": lambda: self._events.append(PartEnded()),
            "on_end": self._end,
        }
        self.parser = MultipartParser(boundary, callbacks)

    def take(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def _begin(self) -> None:
        self._disposition, self._header = b"", [b"", b""]

    def _more(self, which: int, data: bytes) -> None:
        self._header[which] += data

    def _header_end(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = [b"", b""]

    def _headers_finished(self) -> None:
        kind, options = parse_options_header(self._disposition)
        if kind != b"form-data" or b"name" not in options:
            raise not_understood()
        filename = options.get(b"filename")
        self._events.append(PartBegan(_text(options[b"name"]), None if filename is None else _text(filename)))

    def _end(self) -> None:
        self.complete = True


def _text(raw: bytes) -> str:
    for escaped, plain in _NAME_ESCAPES:
        raw = raw.replace(escaped, plain).replace(escaped.lower(), plain)
    return raw.decode("utf-8", "replace")
