"""Where a store's objects are in S3, and who asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from storage.s3.address import Address

INCOMING = ".incoming/"
END = "~"


class Place:
    """A prefix in a bucket, and a client that may work there."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.client = address.client()
        self.threads = ThreadPoolExecutor(8, thread_name_prefix="s3")

    def place(self, name: str) -> dict[str, str]:
        """Where an object is, as boto3 wants to be told: by its key, or by a name of ours that begins with a dot."""
        end = "" if name.startswith(".") else END
        return {"Bucket": self.address.bucket, "Key": f"{self.address.prefix}{name}{end}"}

    def temporary(self, mark: str) -> str:
        """A name for a large object that has no key yet."""
        return f"{INCOMING}{mark}"

    def listed(self, prefix: str) -> Iterator[dict[str, Any]]:
        """Every object there, as S3 tells of it."""
        asked = {"Bucket": self.address.bucket, "Prefix": f"{self.address.prefix}{prefix}"}
        for page in self.client.get_paginator("list_objects_v2").paginate(**asked):
            yield from page.get("Contents", [])

    def unfinished(self, prefix: str = "") -> Iterator[dict[str, Any]]:
        """Every multipart upload that has not ended."""
        asked = {"Bucket": self.address.bucket, "Prefix": f"{self.address.prefix}{prefix}"}
        for page in self.client.get_paginator("list_multipart_uploads").paginate(**asked):
            yield from page.get("Uploads", [])
