"""Writing an object to S3: a small one in a single put, a large one in parts of 8 MiB, one of them under way.

A writer learns its key at the commit, and S3 wants one at the beginning. So the parts of a large object go under a
temporary name; at the commit the store itself copies them to the key, on a condition, without the bytes passing
here. Where the key is known from the start (``put``) there is no copy.

Each object carries the mark of its writer. When an answer got lost and a repeated request finds the key taken, the
mark tells "by us" from "by another".
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import ClientError

from storage.blobstore import AlreadyExists, NotFound, StorageError, Stored, Unavailable, check_key
from storage.s3.faults import LOST, code_of, status_of, translated
from storage.s3.place import Place

PART = 8 * 1024 * 1024
"""Parts may be 10,000: room for 78 GiB. S3 wants at least 5 MiB."""
COPY_PART = 256 * 1024 * 1024
MARK = "writer"


class S3Writer:
    """See the module. ``key`` is where the object will be kept, if that is known already."""

    def __init__(self, store: Place, key: str = "") -> None:
        self._store, self._known = store, key
        self._mark = secrets.token_hex(12)
        self._name = key or store.temporary(self._mark)
        self._digest, self._size = hashlib.sha256(), 0
        self._gathered = bytearray()
        self._upload_id = ""
        self._etags: list[str] = []
        self._pending: Future[str] | None = None
        self._ended = self._whole = False

    @property
    def so_far(self) -> Stored:
        return Stored(self._size, self._digest.hexdigest())

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        view = memoryview(data).cast("B")
        with self._aborting():
            self._digest.update(view)
            self._size += len(view)
            rest = view
            while rest:
                taken = rest[: PART - len(self._gathered)]
                self._gathered += taken
                rest = rest[len(taken) :]
                if len(self._gathered) == PART:
                    self._send_part()
        return len(view)

    def commit(self, key: str, *, if_absent: bool = True) -> Stored:
        with self._aborting():
            if check_key(key) != (self._known or key):
                raise ValueError("this writer was begun for another key")
            try:
                self._commit(key, if_absent=if_absent)
            except AlreadyExists:
                if not self._is_ours(key):
                    raise
        self.abort()
        return self.so_far

    def abort(self) -> None:
        if self._ended:
            return
        self._ended = True
        self._gathered = bytearray()
        if self._pending is not None:
            self._pending.cancel()
            with suppress(StorageError, ClientError, *LOST):
                self._settle()
        with suppress(ClientError, *LOST):  # what stays is swept
            if self._whole:
                self._store.client.delete_object(**self._store.place(self._name))
            elif self._upload_id:
                self._store.client.abort_multipart_upload(**self._store.place(self._name), UploadId=self._upload_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.abort()

    @contextmanager
    def _aborting(self) -> Iterator[None]:
        if self._ended:
            raise ValueError("this writer has ended")
        try:
            yield
        except BaseException:
            self.abort()
            raise

    def _send_part(self) -> None:
        """Hands what was gathered to a thread, once the part before has arrived."""
        if not self._upload_id:
            self._upload_id = begin_upload(self._store, self._name, self._mark)
        self._settle()
        body, self._gathered = self._gathered, bytearray()
        self._pending = self._store.threads.submit(
            send_part, self._store, self._name, self._upload_id, len(self._etags) + 1, bytes(body)
        )

    def _settle(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            self._etags.append(pending.result())

    def _commit(self, key: str, *, if_absent: bool) -> None:
        if not self._upload_id:
            put_small(self._store, key, bytes(self._gathered), self._mark, if_absent=if_absent)
            return
        if self._gathered:
            self._send_part()
        self._settle()
        if self._known:
            end_upload(self._store, key, self._upload_id, self._etags, if_absent=if_absent)
            self._upload_id = ""
            return
        end_upload(self._store, self._name, self._upload_id, self._etags, if_absent=False)
        self._whole = True
        copy_to(self._store, self._name, key, self._size, self._mark, if_absent=if_absent)

    def _is_ours(self, key: str) -> bool:
        return mark_of(self._store, key) == self._mark


def condition(*, if_absent: bool) -> dict[str, str]:
    return {"IfNoneMatch": "*"} if if_absent else {}


def put_small(store: Place, key: str, body: bytes, mark: str, *, if_absent: bool) -> None:
    """One request, tried again when somebody else writes to the key at that moment."""
    for _ in range(3):
        try:
            with translated(f"keeping {key}", key):
                store.client.put_object(
                    **store.place(key),
                    Body=body,
                    Metadata={MARK: mark},
                    **condition(if_absent=if_absent),
                    **store.address.encryption,
                )
        except Unavailable as error:
            if not isinstance(error.__cause__, ClientError) or status_of(error.__cause__) != 409:
                raise
        else:
            return
    raise Unavailable(f"keeping {key}: others write to it all the time")


def begin_upload(store: Place, name: str, mark: str) -> str:
    with translated("beginning a write"):
        answer: dict[str, Any] = store.client.create_multipart_upload(
            **store.place(name), Metadata={MARK: mark}, **store.address.encryption
        )
    return str(answer["UploadId"])


def send_part(store: Place, name: str, upload_id: str, number: int, body: bytes) -> str:
    """The part's ETag. The client sends a checksum along, which the store compares."""
    with translated("writing"):
        answer = store.client.upload_part(**store.place(name), UploadId=upload_id, PartNumber=number, Body=body)
    return str(answer["ETag"])


def end_upload(store: Place, name: str, upload_id: str, etags: list[str], *, if_absent: bool) -> None:
    """Makes the parts one object. Raises AlreadyExists, and that also when an earlier try of ours made it."""
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
    try:
        with translated(f"keeping {name}", name):
            store.client.complete_multipart_upload(
                **store.place(name),
                UploadId=upload_id,
                MultipartUpload={"Parts": parts},
                **condition(if_absent=if_absent),
            )
    except Unavailable as error:
        cause = error.__cause__
        if isinstance(cause, ClientError) and (code_of(cause) == "NoSuchUpload" or status_of(cause) == 409):
            raise AlreadyExists(name) from error
        raise


def copy_to(store: Place, name: str, key: str, size: int, mark: str, *, if_absent: bool) -> None:
    """Has the store copy a large object to ``key``, as parts of a new one, so that the condition holds at its end."""
    upload_id = begin_upload(store, key, mark)
    try:
        spans = [(at, min(at + COPY_PART, size)) for at in range(0, size, COPY_PART)]
        if len(spans) > 1 and spans[-1][1] - spans[-1][0] < PART:  # the last one may be short, but a tiny one is silly
            spans[-2:] = [(spans[-2][0], size)]
        copies = [
            store.threads.submit(_copy_part, store, name, key, upload_id, number, span)
            for number, span in enumerate(spans, 1)
        ]
        end_upload(store, key, upload_id, [copy.result() for copy in copies], if_absent=if_absent)
    except BaseException:
        with suppress(ClientError, *LOST):
            store.client.abort_multipart_upload(**store.place(key), UploadId=upload_id)
        raise


def _copy_part(store: Place, name: str, key: str, upload_id: str, number: int, span: tuple[int, int]) -> str:
    with translated("keeping"):
        answer = store.client.upload_part_copy(
            **store.place(key),
            UploadId=upload_id,
            PartNumber=number,
            CopySource=store.place(name),
            CopySourceRange=f"bytes={span[0]}-{span[1] - 1}",
        )
    return str(answer["CopyPartResult"]["ETag"])


def mark_of(store: Place, key: str) -> str:
    """The mark of the writer that made the object under ``key``; empty when there is none."""
    try:
        with translated(f"reading {key}", key):
            return str(store.client.head_object(**store.place(key))["Metadata"].get(MARK, ""))
    except NotFound:
        return ""
