"""Keyed bits that never change: SHAKE-256 (FIPS 202) under a purpose label, so a mark laid today reads in ten years."""

import hashlib
import hmac

import numpy as np
from numpy.typing import NDArray

CRC24_POLYNOMIAL = 0x864CFB
"""x^24 + x^23 + x^18 + ... + 1, the OpenPGP checksum (RFC 9580, section 6.1)."""


def words(key: bytes, purpose: str, count: int) -> NDArray[np.uint64]:
    """`count` uniform 64-bit words for one purpose; different keys or purposes share nothing."""
    seed = hmac.digest(key, b"tillpaid forensic mark 1\0" + purpose.encode(), "sha256")
    return np.frombuffer(hashlib.shake_256(seed).digest(8 * count), dtype="<u8").astype(np.uint64)


def permutation(key: bytes, purpose: str, count: int) -> NDArray[np.intp]:
    """A keyed order of 0..count-1 (numpy's own shuffles may change between releases; a sort of words may not)."""
    return np.argsort(words(key, purpose, count), kind="stable")


def signs(key: bytes, purpose: str, count: int) -> NDArray[np.float32]:
    """`count` values of -1 or +1."""
    return np.where(words(key, purpose, count) >> np.uint64(63), 1.0, -1.0).astype(np.float32)


def checksum(key: bytes, payload: int, width: int) -> int:
    """CRC-24 of the payload's `width` bits, started from a keyed register and masked with a keyed word."""
    start, mask = (int(w) & 0xFFFFFF for w in words(key, "checksum", 2))
    register = start
    for shift in range(width - 1, -1, -1):
        feedback = (register >> 23 & 1) ^ (payload >> shift & 1)
        register = register << 1 & 0xFFFFFF
        if feedback:
            register ^= CRC24_POLYNOMIAL
    return register ^ mask
