"""The tus protocol's headers, read and written. Pure: no rows, no store.

https://tus.io/protocols/resumable-upload, version 1.0.0.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from service.errors import ChecksumMismatch, Malformed, PreconditionFailed, UnsupportedMedia
from service.kit.translate import N_

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,checksum,termination"
ALGORITHMS = ("sha1", "sha256")
BYTES = "application/offset+octet-stream"
MAX_METADATA = 4096
_BIGGEST = 2**62


def check_version(headers: Mapping[str, str]) -> None:
    """Raises PreconditionFailed unless the client speaks our version."""
    if headers.get("tus-resumable") != VERSION:
        raise PreconditionFailed


def check_media_type(headers: Mapping[str, str]) -> None:
    """Raises UnsupportedMedia unless the body is a piece of an upload."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() != BYTES:
        raise UnsupportedMedia(N_("Send pieces of a file as Content-Type: application/offset+octet-stream."))


def number(headers: Mapping[str, str], name: str) -> int:
    """A header that must be a whole number of bytes; raises Malformed."""
    text = headers.get(name.lower(), "")
    if not (text.isascii() and text.isdecimal()) or len(text) > 19 or int(text) > _BIGGEST:
        raise Malformed(N_("The header %(name)s must be a number of bytes."), name=name, field=name)
    return int(text)


def metadata(headers: Mapping[str, str]) -> dict[str, str]:
    """Upload-Metadata: keys, each with the text that its Base64 stands for. Raises Malformed."""
    line = headers.get("upload-metadata", "")
    wrong = Malformed(
        N_("Upload-Metadata must be keys with Base64 values, separated by commas."), field="Upload-Metadata"
    )
    if len(line) > MAX_METADATA or not line.isascii():
        raise wrong
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in line.split(","))):
        key, _, value = pair.partition(" ")
        try:
            text = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise wrong from None
        if not key or key in found or "\0" in text:
            raise wrong
        found[key] = text
    return found


@dataclass
class Checksum:
    """What a piece must hash to."""

    expected: bytes
    so_far: Any = field(repr=False)

    def update(self, data: bytes) -> None:
        self.so_far.update(data)

    def check(self) -> None:
        """Raises ChecksumMismatch."""
        if self.so_far.digest() != self.expected:
            raise ChecksumMismatch


def checksum(headers: Mapping[str, str]) -> Checksum | None:
    """Upload-Checksum, or None where there is none; raises Malformed for an algorithm that is not ours."""
    line = headers.get("upload-checksum")
    if line is None:
        return None
    name, _, value = line.strip().partition(" ")
    if name not in ALGORITHMS:
        raise Malformed(N_("Checksums are taken by %(names)s."), names=", ".join(ALGORITHMS), code="checksum_algorithm")
    so_far = hashlib.new(name, usedforsecurity=False)
    try:
        expected = base64.b64decode(value.strip(), validate=True)
    except binascii.Error:
        expected = b""
    if len(expected) != so_far.digest_size:
        raise Malformed(N_("Upload-Checksum must be an algorithm and a Base64 digest."), field="Upload-Checksum")
    return Checksum(expected, so_far)


def http_date(moment: datetime) -> str:
    """As in RFC 9110, for Upload-Expires."""
    return format_datetime(moment, usegmt=True)
