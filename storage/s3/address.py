"""From ``s3://bucket/prefix?endpoint_url=...`` to a place and a client.

Options, all optional::

    endpoint_url         of a store that is not AWS; path-style addresses are used then
    region               default us-east-1
    profile              a section of the AWS credentials file: two stores, two identities
    sse                  AES256 or aws:kms, asked for with every object; kms_key_id names a key
    public_endpoint_url  where clients reach the store, if not by endpoint_url: for signed addresses only

Credentials come from where boto3 looks (environment, file, the machine's role), from ``profile``, or stand in the
address: ``s3://KEY:SECRET@bucket/prefix``, each percent-encoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from storage.blobstore import BadAddress
from storage.s3.hang import Hang

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
_OPTIONS = {"endpoint_url", "region", "profile", "sse", "kms_key_id", "public_endpoint_url"}
_SHAPE = "it should be like s3://bucket/prefix?endpoint_url=https://host"
SILENCE_SECONDS = 30.0
"""How long a store may say nothing; what it puts together from many parts takes it a while."""
TRIES = 3
"""How often a request is tried in all, with growing pauses between (boto's standard mode: about 1 and 2 s at most)."""


@dataclass(frozen=True)
class Address:
    """A place in a store. ``prefix`` is empty or ends with a slash. ``key_id`` and ``secret`` empty: boto3 finds them."""

    bucket: str
    prefix: str = ""
    key_id: str = ""
    secret: str = field(default="", repr=False)
    options: dict[str, str] = field(default_factory=dict)

    @property
    def encryption(self) -> dict[str, str]:
        """The arguments that ask for encryption at rest, for every call that makes an object."""
        asked = {}
        if "sse" in self.options:
            asked["ServerSideEncryption"] = self.options["sse"]
        if "kms_key_id" in self.options:
            asked["SSEKMSKeyId"] = self.options["kms_key_id"]
        return asked

    def client(self, *, public: bool = False) -> Any:
        """A thread-safe client of boto3; with ``public`` one whose signed addresses clients can reach."""
        endpoint = self.options.get("endpoint_url")
        if public:
            endpoint = self.options.get("public_endpoint_url", endpoint)
        try:
            session = boto3.session.Session(profile_name=self.options.get("profile"))
            client = session.client(
                "s3",
                endpoint_url=endpoint,
                region_name=self.options.get("region", session.region_name or "us-east-1"),
                aws_access_key_id=self.key_id or None,
                aws_secret_access_key=self.secret or None,
                config=_config(own_endpoint=endpoint is not None),
            )
            Hang(client, SILENCE_SECONDS)
            return client
        except (BotoCoreError, ValueError) as error:
            raise BadAddress(f"the store s3://{self.bucket} cannot be used: {error}") from error


def parse(url: str) -> Address:
    """Raises BadAddress; what it says never repeats a secret."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError as error:
        raise BadAddress(f"not an address of a bucket; {_SHAPE}") from error
    prefix = unquote(parts.path).strip("/")
    if not _BUCKET.fullmatch(host) or port is not None or parts.fragment:
        raise BadAddress(f"{host!r} is not the name of a bucket; {_SHAPE}")
    if prefix and (not _PREFIX.fullmatch(prefix) or ".." in prefix or len(prefix) > 200):
        raise BadAddress(f"{prefix!r} is not a prefix for keys: letters, digits, '.', '_', '-' and '/'")
    if bool(parts.username) != bool(parts.password):
        raise BadAddress("an s3: address has both an access key and its other half, or neither")
    _check_options(options)
    key_id, secret = unquote(parts.username or ""), unquote(parts.password or "")
    return Address(host, f"{prefix}/" if prefix else "", key_id, secret, options)


def _check_options(options: dict[str, str]) -> None:
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        raise BadAddress(f"unknown in an s3: address: {', '.join(unknown)}; known: {', '.join(sorted(_OPTIONS))}")
    for name in ("endpoint_url", "public_endpoint_url"):
        if name in options and not re.fullmatch(r"https?://[^/?#@]+/?", options[name]):
            raise BadAddress(f"{name} must be like https://host:port")
    if options.get("sse", "AES256") not in {"AES256", "aws:kms"}:
        raise BadAddress("sse must be AES256 or aws:kms")


def _config(*, own_endpoint: bool) -> Config:
    return Config(
        signature_version="s3v4",
        retries={"mode": "standard", "total_max_attempts": TRIES},
        connect_timeout=5,
        read_timeout=SILENCE_SECONDS,
        max_pool_connections=64,
        tcp_keepalive=True,
        s3={"addressing_style": "path" if own_endpoint else "auto"},
    )
