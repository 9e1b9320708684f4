"""Signed pointers: a purpose, an id inside, a signature. The live row decides what it permits.

A token's text is malleable (base64 has spare bits), so nothing is ever keyed by the text: callers take
the id that :meth:`Signer.read` returns and look at its row. Each purpose has its own salt, so a token for
one purpose never verifies for another. Keys form a list: the first signs, all verify, so they can be rotated.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from itsdangerous import BadSignature, URLSafeSerializer


class BadToken(Exception):
    """The text was not signed by us for this purpose."""


class Signer:
    """Signs and reads small JSON values for named purposes with HMAC-SHA-256."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("a signer needs at least one key")
        self._keys = list(keys)

    def sign(self, purpose: str, value: object) -> str:
        """A URL-safe token for ``purpose`` that carries ``value`` (JSON) in the clear."""
        return str(self._serializer(purpose).dumps(value))

    def read(self, purpose: str, token: str) -> object:
        """The value inside; raises BadToken when the signature or the purpose is wrong."""
        if len(token) > 2048:
            raise BadToken("too long")
        try:
            return self._serializer(purpose).loads(token)
        except (BadSignature, UnicodeError, ValueError) as error:
            raise BadToken("bad signature") from error

    def derive(self, purpose: str, name: str, *, fingerprint: str | None = None) -> bytes:
        """32 key bytes for ``name`` (RFC 2104 HMAC-SHA-256), by the key with ``fingerprint`` or the first."""
        key = next((k for k in self._keys if self.fingerprint(k) == fingerprint), self._keys[0])
        return hmac.new(key.encode(), f"{purpose}\0{name}".encode(), hashlib.sha256).digest()

    def mac(self, purpose: str, text: str) -> str:
        """A hex MAC of ``text`` by the signing key."""
        return self.derive(purpose, text).hex()

    def mac_is_ours(self, purpose: str, text: str, mac: str) -> bool:
        """Whether any of our keys made ``mac``; compares in constant time."""
        candidates = (self.derive(purpose, text, fingerprint=self.fingerprint(k)).hex() for k in self._keys)
        return any(hmac.compare_digest(candidate, mac) for candidate in candidates)

    @property
    def current_fingerprint(self) -> str:
        """Names the signing key without telling it."""
        return self.fingerprint(self._keys[0])

    @property
    def fingerprints(self) -> list[str]:
        """Names all keys, the signing one first."""
        return [self.fingerprint(key) for key in self._keys]

    @staticmethod
    def fingerprint(key: str) -> str:
        return hashlib.sha256(b"fingerprint\0" + key.encode()).hexdigest()[:16]

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        newest_last = list(reversed(self._keys))
        return URLSafeSerializer(
            newest_last, salt=f"tillpaid.{purpose}", signer_kwargs={"digest_method": hashlib.sha256}
        )
