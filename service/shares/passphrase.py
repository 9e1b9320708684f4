"""Passphrases of links: kept as scrypt (RFC 7914) with a salt per row, so a stolen database tells none."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata

LOG_N, R, P = 14, 8, 1  # 16 MiB and some 50 ms a try
LONGEST = 200


def kept(passphrase: str) -> str:
    """What the row keeps of a passphrase: ``scrypt$<log2 N>$<r>$<p>$<salt>$<hash>``, the last two in hex."""
    salt = secrets.token_bytes(16)
    return f"scrypt${LOG_N}${R}${P}${salt.hex()}${_derived(passphrase, salt, LOG_N, R, P).hex()}"


def fits(passphrase: str, row: str) -> bool:
    """Whether ``passphrase`` is the one that ``row`` was made from; compares in constant time."""
    if len(passphrase) > LONGEST:
        return False
    _kind, log_n, r, p, salt, expected = row.split("$")
    derived = _derived(passphrase, bytes.fromhex(salt), int(log_n), int(r), int(p))
    return hmac.compare_digest(derived, bytes.fromhex(expected))


def _derived(passphrase: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    """NFKC first: the same letters typed on another keyboard may come as other code points."""
    text = unicodedata.normalize("NFKC", passphrase.strip()).encode("utf-8", "replace")
    return hashlib.scrypt(text, salt=salt, n=2**log_n, r=r, p=p, maxmem=64 * 1024 * 1024, dklen=32)
