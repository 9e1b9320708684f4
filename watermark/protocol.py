"""What goes between the service and the child: length-prefixed JSON headers with byte blobs behind. No pickle.

A frame is `>II` (header bytes, blob count), the header in JSON, then each blob as `>I` and its bytes. Lengths are
checked before anything is read, so a child that has been taken over can neither fill the memory nor smuggle objects.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from typing import Any, Final

from watermark.errors import RenderStopped
from watermark.limits import MIB

HEADER_BYTES: Final = 2 * MIB
MAX_BLOBS: Final = 8
_PREFIX: Final = struct.Struct(">II")
_LENGTH: Final = struct.Struct(">I")


class Closed(Exception):
    """The other side closed the channel before a whole frame came."""


def send_frame(channel: socket.socket, header: dict[str, Any], blobs: list[bytes] | None = None) -> None:
    """Write one frame. Raises OSError if nobody listens any more."""
    blobs = blobs or []
    encoded = json.dumps(header, separators=(",", ":")).encode()
    channel.sendall(_PREFIX.pack(len(encoded), len(blobs)) + encoded)
    for blob in blobs:
        channel.sendall(_LENGTH.pack(len(blob)))
        channel.sendall(blob)


def receive_frame(
    channel: socket.socket, max_bytes: int, until: float | None = None
) -> tuple[dict[str, Any], list[bytes]]:
    """Read one frame of at most `max_bytes` in blobs, by `until` on the monotonic clock (None: no limit).

    Raises Closed, TimeoutError, RenderStopped (`bad_answer`).
    """
    header_length, count = _PREFIX.unpack(_exactly(channel, _PREFIX.size, until))
    if header_length > HEADER_BYTES or count > MAX_BLOBS:
        raise RenderStopped(code="bad_answer")
    try:
        header = json.loads(_exactly(channel, header_length, until))
    except (ValueError, RecursionError) as fault:
        raise RenderStopped(code="bad_answer") from fault
    if not isinstance(header, dict):
        raise RenderStopped(code="bad_answer")
    blobs = []
    for _ in range(count):
        (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size, until))
        max_bytes -= length
        if max_bytes < 0:
            raise RenderStopped(code="bad_answer")
        blobs.append(_exactly(channel, length, until))
    return header, blobs


def _exactly(channel: socket.socket, length: int, until: float | None) -> bytes:
    buffer = bytearray(length)
    view, got = memoryview(buffer), 0
    while got < length:
        if until is not None:  # anew for each piece, else a child that drips bytes would never be late
            channel.settimeout(max(0.001, until - time.monotonic()))
        try:
            received = channel.recv_into(view[got:])
        except ConnectionError as fault:
            raise Closed from fault
        if received == 0:
            raise Closed
        got += received
    return bytes(buffer)
