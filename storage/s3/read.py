"""Reading an object from S3: small ones whole at once, large ones as a stream that goes on after a broken connection."""

from __future__ import annotations

import io
import time
from typing import Any

from botocore.exceptions import ClientError

from storage.blobstore import Unavailable
from storage.ranged import Ranged
from storage.s3.faults import LOST, status_of, translated
from storage.s3.place import Place

AT_ONCE = 1024 * 1024
"""What is asked for and not longer than this is read before ``open`` returns: one request, nothing left open."""
TRIES = 4


def open_object(store: Place, key: str, start: int, stop: int | None) -> io.RawIOBase | io.BytesIO:
    """Bytes ``start`` to ``stop`` of an object. Raises NotFound and Unavailable."""
    start = max(0, start)
    if stop is not None and stop <= start:
        with translated(f"reading {key}", key):
            store.client.head_object(**store.place(key))
        return io.BytesIO()
    for attempt in range(TRIES):
        stream = _Stream(store, key, start, stop)
        if stream.length > AT_ONCE:
            return stream
        with stream:
            try:
                return io.BytesIO(stream.once())
            except LOST as error:  # replaced while it was read, or the connection broke: from the beginning
                if attempt == TRIES - 1:
                    raise Unavailable(f"reading {key}: {type(error).__name__}") from error
        time.sleep(0.1 * 2**attempt)
    raise AssertionError("not reached")


class _Stream(Ranged):
    """A seekable view of the bytes asked for. The object's ETag is pinned: what replaced it is never mixed in."""

    def __init__(self, store: Place, key: str, start: int, stop: int | None) -> None:
        super().__init__(0)  # how much there is, the first answer says
        self._store, self._key, self._start = store, key, start
        self._body_at = 0
        self._body: Any = None
        self._etag = ""
        self._begin(start, stop)

    def once(self) -> bytes:
        """All of it, in one go; raises what the connection raises, also when too little came."""
        data = bytes(self._body.read()) if self._body is not None else b""
        if len(data) != self.length:
            raise OSError("the answer ended early")
        return data

    def close(self) -> None:
        self._drop()
        super().close()

    def _some(self, want: int) -> bytes:
        """At least one byte and at most ``want`` from where we are; begins again where a connection broke off."""
        fault = "the answer ended early"
        for attempt in range(TRIES):
            if self._body is None or self._body_at != self._at:
                self._begin_again()
            try:
                piece = bytes(self._body.read(want))
            except LOST as error:
                piece, fault = b"", type(error).__name__
            if piece:
                self._body_at += len(piece)
                return piece
            self._drop()
            time.sleep(0.1 * 2**attempt)
        raise Unavailable(f"reading {self._key}: {fault}")

    def _begin(self, start: int, stop: int | None) -> None:
        """The first request, which also says how much there is."""
        asked = {} if start == 0 and stop is None else {"Range": f"bytes={start}-{'' if stop is None else stop - 1}"}
        try:
            with translated(f"reading {self._key}", self._key):
                answer = self._store.client.get_object(**self._store.place(self._key), **asked)
        except Unavailable as error:
            if isinstance(error.__cause__, ClientError) and status_of(error.__cause__) == 416:  # nothing at or after it
                return
            raise
        self._etag, self.length = answer["ETag"], int(answer["ContentLength"])
        self._body = answer["Body"]

    def _begin_again(self) -> None:
        self._drop()
        first, last = self._start + self._at, self._start + self.length - 1
        with translated(f"reading {self._key}"):
            answer = self._store.client.get_object(
                **self._store.place(self._key), Range=f"bytes={first}-{last}", IfMatch=self._etag
            )
        self._body, self._body_at = answer["Body"], self._at

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
