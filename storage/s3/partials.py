"""Partials in S3: the power of ``storage.resuming``, by a multipart upload that outlives its writers.

``.partial/NAME/whole`` is the upload's name, and the object it becomes when it is complete. A flush is a part, or, where
it would be shorter than S3 allows, a *tail*: an object beside it, taken into the next part. The progress holds the
upload's id and the ETags of our parts, the older of them in a *book*, an object too. What a forgotten flush or a late
writer left is thereby told from ours (some stores keep both under one number); if it took the place of ours, that is
seen at the end (``Torn``).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import ClientError

from storage.blobstore import AlreadyExists, InvalidKey, NotFound, Reader, Stat, Torn, Unavailable, check_key
from storage.resuming import Progress
from storage.s3.faults import code_of, translated
from storage.s3.place import Place
from storage.s3.read import open_object
from storage.s3.write import PART, begin_upload, copy_to, end_upload, mark_of, send_part

PARTIAL = ".partial/"
LEAST = 5 * 1024 * 1024
RECENT = 40
"""ETags that a progress carries itself; more would not fit into its state."""
MOST_PARTS = 9_000
"""S3 takes 10,000: some are left for flushes that are a little longer than they need be."""


@dataclass(frozen=True)
class Note:
    """What a progress says of the parts: the upload, their ETags (those in the book, then the ``recent`` ones), the tail."""

    upload: str
    book: str = ""
    booked: int = 0
    recent: tuple[str, ...] = ()
    tail: str = ""
    tail_etag: str = ""
    tail_size: int = 0

    @property
    def parts(self) -> int:
        return self.booked + len(self.recent)


def note_of(progress: Progress) -> Note:
    """Raises NotFound when the progress is of no upload."""
    try:
        read = json.loads(progress.state)
        return Note(**{**read, "recent": tuple(read.get("recent", ()))})
    except (ValueError, TypeError):
        raise NotFound(progress.name) from None


class S3Partials(Place):
    """The power ``Resumes`` for the store in S3."""

    def begin_partial(self, name: str, size: int) -> Progress:
        whole = whole_of(name)
        if size < 1:
            raise ValueError("a partial of no bytes")
        return Progress(name, size, 0, _state(Note(begin_upload(self, whole, ""))))

    def resume(self, progress: Progress) -> S3PartialWriter:
        whole = whole_of(progress.name)
        if progress.complete:
            raise ValueError("a complete partial takes no more bytes")
        note = note_of(progress)
        found = self._parts(progress.name, note.upload, after=max(0, note.parts - 1))
        if note.parts and (note.parts, self._etags(progress.name, note)[-1]) not in found:
            raise Torn(f"{progress.name} does not hold the part that was durable")
        return S3PartialWriter(self, whole, progress, note, self._tail(progress.name, note))

    def open_partial(self, progress: Progress, start: int = 0, stop: int | None = None) -> Reader:
        self._make_whole(progress)
        return open_object(self, whole_of(progress.name), start, stop)

    def keep_partial(self, progress: Progress, key: str) -> None:
        check_key(key)
        self._make_whole(progress)
        mark = secrets.token_hex(12)
        try:
            copy_to(self, whole_of(progress.name), key, progress.size, mark, if_absent=True)
        except AlreadyExists:
            if mark_of(self, key) != mark:
                raise

    def drop_partial(self, name: str) -> None:
        folder = whole_of(name).removesuffix("whole")
        with translated("dropping a partial"):
            for upload in self.unfinished(folder):
                with suppress(ClientError):  # it ended by itself
                    self.client.abort_multipart_upload(
                        Bucket=self.address.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                    )
            for found in list(self.listed(folder)):
                self.client.delete_object(Bucket=self.address.bucket, Key=found["Key"])

    def partials(self) -> Iterator[Stat]:
        found: dict[str, Stat] = {}
        with translated("listing partials"):
            for upload in self.unfinished(PARTIAL):
                self._note(found, upload["Key"], 0, upload["Initiated"])
            for lying in self.listed(PARTIAL):
                self._note(found, lying["Key"], int(lying["Size"]), lying["LastModified"])
        return iter(list(found.values()))

    def _note(self, found: dict[str, Stat], key: str, size: int, at: datetime) -> None:
        name = key.removeprefix(f"{self.address.prefix}{PARTIAL}").partition("/")[0]
        before = found.get(name, Stat(name, 0, at.astimezone(UTC)))
        found[name] = Stat(name, before.size + size, max(before.modified_at, at.astimezone(UTC)))

    def _parts(self, name: str, upload: str, *, after: int) -> set[tuple[int, str]]:
        """(number, ETag) of the parts whose numbers are above ``after``. Raises NotFound, and Torn once it is whole."""
        found: set[tuple[int, str]] = set()
        asked = {**self.place(whole_of(name)), "UploadId": upload, "PartNumberMarker": after}
        try:
            with translated("looking at a partial"):
                while True:
                    answer: dict[str, Any] = self.client.list_parts(**asked)
                    found |= {(int(part["PartNumber"]), str(part["ETag"])) for part in answer.get("Parts", [])}
                    if not answer.get("IsTruncated"):
                        return found
                    asked["PartNumberMarker"] = answer["NextPartNumberMarker"]
        except Unavailable as error:
            if not _is_no_upload(error):
                raise
        if self._size_of_whole(name) is None:
            raise NotFound(name)
        raise Torn(f"{name} is complete already")

    def _size_of_whole(self, name: str) -> int | None:
        try:
            with translated("looking at a partial", name):
                return int(self.client.head_object(**self.place(whole_of(name)))["ContentLength"])
        except NotFound:
            return None

    def _tail(self, name: str, note: Note) -> bytes:
        return self.beside(name, note.tail, note.tail_size, IfMatch=note.tail_etag) if note.tail else b""

    def _etags(self, name: str, note: Note) -> list[str]:
        booked: list[str] = json.loads(self.beside(name, note.book)) if note.book else []
        return [*booked, *note.recent]

    def beside(self, name: str, what: str, size: int | None = None, **asked: str) -> bytes:
        """For the writer: an object that lies beside a partial's parts. Raises Torn when it is gone."""
        try:
            with translated("reading a partial", name):
                answer = self.client.get_object(**self.place(f"{PARTIAL}{name}/{what}"), **asked)
                data = bytes(answer["Body"].read())
        except (NotFound, AlreadyExists):
            raise Torn(f"{name} has lost what lay beside it") from None
        if len(data) != (answer["ContentLength"] if size is None else size):
            raise Unavailable("reading a partial: the answer ended early")
        return data

    def put_beside(self, name: str, what: str, data: bytes) -> str:
        """For the writer: the object's ETag."""
        with translated("writing"):
            answer = self.client.put_object(
                **self.place(f"{PARTIAL}{name}/{what}"), Body=data, **self.address.encryption
            )
        return str(answer["ETag"])

    def _make_whole(self, progress: Progress) -> None:
        """Makes one object of the parts, if that was not done before."""
        whole = whole_of(progress.name)
        if not progress.complete:
            raise ValueError("a partial that is not complete")
        note = note_of(progress)
        size = self._size_of_whole(progress.name)
        if size is None:
            etags = self._etags(progress.name, note)
            if not set(enumerate(etags, 1)) <= self._parts(progress.name, note.upload, after=0):
                raise Torn(f"{progress.name} has not the parts that were durable")
            with suppress(AlreadyExists):  # another call of ours was quicker, or its answer was lost
                end_upload(self, whole, note.upload, etags, if_absent=False)
            size = self._size_of_whole(progress.name)
        if size != progress.size:
            raise Torn(f"{progress.name} has not the size that was durable")


class S3PartialWriter:
    """Adds parts to one upload. Holds a part at most."""

    def __init__(self, store: S3Partials, whole: str, progress: Progress, note: Note, tail: bytes) -> None:
        self._store, self._whole = store, whole
        self._durable, self._note = progress, note
        self._gathered = bytearray(tail)
        self._at = progress.offset
        self._least = max(LEAST, -(-progress.size // MOST_PARTS))
        self._open = True

    @property
    def step(self) -> int:
        return max(PART, self._least)

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        self._check_open()
        view = memoryview(data).cast("B")
        try:
            if self._at + len(view) > self._durable.size:
                raise ValueError("more bytes than the partial was begun for")
            rest = view
            while rest:
                taken = rest[: self.step - len(self._gathered)]
                self._gathered += taken
                rest = rest[len(taken) :]
                if len(self._gathered) == self.step:
                    self._send()
        except BaseException:
            self.close()
            raise
        self._at += len(view)
        return len(view)

    def flush(self) -> Progress:
        self._check_open()
        if self._at == self._durable.offset:
            return self._durable
        try:
            if len(self._gathered) >= self._least or (self._at == self._durable.size and self._gathered):
                self._send()
            elif self._gathered:
                self._put_tail()
        except BaseException:
            self.close()
            raise
        self._durable = replace(self._durable, offset=self._at, state=_state(self._note))
        return self._durable

    def close(self) -> None:
        self._open = False
        self._gathered = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def _check_open(self) -> None:
        if not self._open:
            raise ValueError("this writer is closed")

    def _send(self) -> None:
        body, self._gathered = bytes(self._gathered), bytearray()
        try:
            etag = send_part(self._store, self._whole, self._note.upload, self._note.parts + 1, body)
        except Unavailable as error:
            if _is_no_upload(error):
                raise Torn(f"{self._durable.name} takes no more parts") from error
            raise
        note = self._note
        self._note = Note(note.upload, note.book, note.booked, (*note.recent, etag))
        if len(self._note.recent) == RECENT:
            self._turn_over()

    def _turn_over(self) -> None:
        """Puts the recent ETags into a new book; the older book stays, for the progress that names it."""
        name, note = self._durable.name, self._note
        booked = [*(json.loads(self._store.beside(name, note.book)) if note.book else []), *note.recent]
        book = f"book-{len(booked)}-{secrets.token_hex(6)}"
        self._store.put_beside(name, book, json.dumps(booked).encode())
        self._note = Note(note.upload, book, len(booked))

    def _put_tail(self) -> None:
        """Beside the parts, under a name that nobody else makes; the older tail stays, for the progress that names it."""
        tail = f"tail-{self._at}-{secrets.token_hex(6)}"
        etag = self._store.put_beside(self._durable.name, tail, bytes(self._gathered))
        self._note = replace(self._note, tail=tail, tail_etag=etag, tail_size=len(self._gathered))


def whole_of(name: str) -> str:
    """Where a partial lies; raises InvalidKey."""
    if "/" in check_key(name):
        raise InvalidKey(f"not the name of a partial: {name!r}")
    return f"{PARTIAL}{name}/whole"


def _state(note: Note) -> str:
    return json.dumps({name: value for name, value in asdict(note).items() if value}, separators=(",", ":"))


def _is_no_upload(error: Unavailable) -> bool:
    return isinstance(error.__cause__, ClientError) and code_of(error.__cause__) in {"NoSuchUpload", "404"}
