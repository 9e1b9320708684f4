"""``s3://bucket/prefix?endpoint_url=...``: objects in an S3-compatible store; the options are in :mod:`storage.s3.address`.

The object of key ``a/b`` is ``prefix/a/b~`` there: the mark at the end keeps it apart from the folder ``a/b/``, which
some stores cannot have beside it. Names without it are no keys: ``.incoming/`` holds large objects between their last
byte and their key. Both they and unfinished uploads of dead processes are swept; a rule of the bucket that ends
unfinished uploads after some days is wise too.

The store must honour ``If-None-Match: *`` on a put and on the end of a multipart upload: ``honours_conditions`` asks
it. At that end AWS decides between two writers in one step; SeaweedFS 4.48 looks first and writes then (10 of 40 races
had two winners), so that there the later of two large objects in the same moment may stand. Whole it is in each case,
and what we keep for good is named by its content, so that both are the same bytes. The store must let us list: without
that right S3 says "forbidden" of what is absent, which is a fault and no answer.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, BinaryIO

from botocore.exceptions import ClientError

from storage.blobstore import (
    AlreadyExists,
    InvalidKey,
    NotFound,
    Reader,
    Stat,
    Stored,
    check_key,
    check_prefix,
    chunks,
)
from storage.s3.address import parse
from storage.s3.faults import translated
from storage.s3.partials import PARTIAL, S3Partials
from storage.s3.place import END, INCOMING
from storage.s3.read import open_object
from storage.s3.write import S3Writer

LONGEST_LIFE = timedelta(seconds=60)


def open_backend(url: str) -> S3Store:
    """The store at ``url``. Asks nothing of it: a server may start while its store is away."""
    return S3Store(parse(url))


class S3Store(S3Partials):
    """A prefix in a bucket. Any number of machines may share it."""

    def put(self, key: str, stream: BinaryIO | Iterable[bytes], *, if_absent: bool = True) -> Stored:
        with S3Writer(self, check_key(key)) as writer:
            for piece in chunks(stream):
                writer.write(piece)
            return writer.commit(key, if_absent=if_absent)

    def begin(self) -> S3Writer:
        return S3Writer(self)

    def open(self, key: str, start: int = 0, stop: int | None = None) -> Reader:
        return open_object(self, check_key(key), start, stop)

    def stat(self, key: str) -> Stat:
        try:
            with translated(f"reading {key}", check_key(key)):
                found = self.client.head_object(**self.place(key))
        except NotFound:
            self._check_bucket()  # its absence looks the same
            raise
        return Stat(key, int(found["ContentLength"]), found["LastModified"].astimezone(UTC))

    def exists(self, key: str) -> bool:
        try:
            self.stat(key)
        except NotFound:
            return False
        return True

    def delete(self, key: str) -> None:
        with translated(f"deleting {key}"):
            self.client.delete_object(**self.place(check_key(key)))

    def list(self, prefix: str = "") -> Iterator[Stat]:
        check_prefix(prefix)
        with translated("listing"):
            yield from self._keys(prefix)

    def _keys(self, prefix: str) -> Iterator[Stat]:
        for found in self.listed(prefix):
            name, _, rest = found["Key"].removeprefix(self.address.prefix).partition(END)
            with suppress(InvalidKey):  # names of our own, or somebody else's
                if found["Key"].endswith(END) and not rest:
                    yield Stat(check_key(name), int(found["Size"]), found["LastModified"].astimezone(UTC))

    def sweep(self, older_than: timedelta = timedelta(days=2)) -> int:
        """Ends unfinished uploads and removes large objects that never got their key. Nobody holds a lock here, so
        "unfinished" can only be told by age: ``older_than`` must be longer than any upload takes."""
        latest, count = datetime.now(UTC) - older_than, 0
        with translated("sweeping"):
            for found in self.listed(INCOMING):
                if found["LastModified"] <= latest:
                    self.client.delete_object(Bucket=self.address.bucket, Key=found["Key"])
                    count += 1
            for upload in self.unfinished():
                partial = upload["Key"].startswith(f"{self.address.prefix}{PARTIAL}")  # its owner says when it ends
                if upload["Initiated"] <= latest and not partial:
                    with suppress(ClientError):  # it ended by itself
                        self.client.abort_multipart_upload(
                            Bucket=self.address.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                        )
                        count += 1
        return count

    def presign(self, key: str, *, lasts: timedelta, disposition: str, media_type: str) -> str:
        """See ``storage.blobstore.Presigns``. Signs here, asks nothing of the store."""
        if not timedelta(seconds=1) <= lasts <= LONGEST_LIFE:
            raise ValueError("a signed address lives a second to a minute")
        asked = {
            **self.place(check_key(key)),
            "ResponseContentDisposition": disposition,
            "ResponseContentType": media_type,
            "ResponseCacheControl": "private, no-store",
        }
        with translated("signing"):
            return str(
                self._public_client.generate_presigned_url(
                    "get_object", Params=asked, ExpiresIn=int(lasts.total_seconds())
                )
            )

    def honours_conditions(self) -> bool:
        """Whether "only if absent" holds here; a store that ignores the condition would let one upload replace
        another. Writes and removes one small object."""
        name = f"probes/{secrets.token_hex(12)}"
        self.put(name, [b"first"])
        try:
            self.put(name, [b"second"])
        except AlreadyExists:
            return True
        finally:
            self.delete(name)
        return False

    @cached_property
    def _public_client(self) -> Any:
        return self.address.client(public=True)

    def _check_bucket(self) -> None:
        with translated("looking for the bucket"):
            self.client.head_bucket(Bucket=self.address.bucket)
