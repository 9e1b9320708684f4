"""What identifies a text of terms: the SHA-256 of its UTF-8 bytes, in hex."""

from __future__ import annotations

import hashlib


def terms_sha256(text: str) -> str:
    """The version of a text: one letter changed is another version, to be accepted anew."""
    return hashlib.sha256(text.encode()).hexdigest()
