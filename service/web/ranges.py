"""What a request has already, and which range of bytes it asks for (RFC 9110, 13.1.2 and 14); several ranges at once are
answered whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.requests import Request

_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


@dataclass(frozen=True)
class ByteRange:
    """Bytes ``start`` to ``stop`` (exclusive); ``whole`` when no range was asked for or it cannot be honoured."""

    start: int
    stop: int
    whole: bool
    satisfiable: bool = True


def ranged(request: Request, size: int, validator: str) -> ByteRange:
    """What this request asks for of ``size`` bytes, by Range and If-Range."""
    whole = ByteRange(0, size, whole=True)
    match = _RANGE.match(request.headers.get("range", "").strip())
    if match is None or request.headers.get("if-range", validator) != validator:
        return whole
    first, last = match.groups()
    if first:
        start, stop = int(first), min(int(last) + 1 if last else size, size)
        bad = last and int(last) < int(first)
    elif last:
        start, stop, bad = max(0, size - int(last)), size, int(last) == 0
    else:
        return whole
    if bad or start >= size:
        return ByteRange(0, 0, whole=False, satisfiable=False)
    return ByteRange(start, stop, whole=False)


def is_known(request: Request, etag: str) -> bool:
    """Whether the reader has this very thing already (If-None-Match, which compares weakly)."""
    sent = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return etag in sent
