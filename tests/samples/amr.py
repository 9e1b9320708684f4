"""An AMR put together by hand (3GPP TS 26.101, RFC 4867, 5): nothing here writes it, so it is the same loud frame and the same silent one in turn.

Frames of 20 milliseconds at 4.75 kbit/s, 95 bits in twelve bytes behind one that says so. All bits 0 decode to silence; the bits of the
loud one are any that do not.
"""

from __future__ import annotations

HEAD, KIND = b"#!AMR\n", b"\x04"
LOUD, SILENT = KIND + bytes.fromhex("c187518caf567c13396f8858"), KIND + bytes(12)
BEAT = 0.5
"""Seconds of the one before the other: it begins loud."""
_FRAMES = round(BEAT * 50)


def amr(seconds: float = 4.0) -> bytes:
    beats = [kind for kind in (LOUD, SILENT) for _ in range(_FRAMES)]
    return HEAD + b"".join(beats[number % len(beats)] for number in range(round(seconds * 50)))
