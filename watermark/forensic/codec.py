"""The forensic mark's codec: what one must do, and the one Tillpaid uses.

A codec is pluggable: anything with these four methods can take the default's place. The default is a keyed, repeated
spread-spectrum tile; its record is infra/docs/decisions/0006-the-forensic-mark.md.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from watermark.forensic import chips
from watermark.forensic import embed as laying
from watermark.forensic import read as reading

PAYLOAD_BITS = chips.PAYLOAD_BITS
"""A link's id: 48 bits."""


class Codec(Protocol):
    """Names a link in a picture, unseen."""

    payload_bits: int

    def carries(self, width: int, height: int) -> bool:
        """Whether a picture of this size can be marked at all."""
        ...

    def embed(self, picture: NDArray[np.uint8], payload: int, key: bytes) -> NDArray[np.uint8]:
        """RGB (h, w, 3) to the same, marked. Raises errors.TooSmall where `carries` says no."""
        ...

    def extract(
        self, picture: NDArray[np.uint8], key: bytes, *, deadline: float | None = None
    ) -> tuple[int | None, float]:
        """The payload and its confidence 0..1, or (None, 0.0). A miss proves nothing. `deadline` in seconds."""
        ...

    def verify(self, picture: NDArray[np.uint8], payload: int, key: bytes) -> bool:
        """Whether this payload reads from a picture decoded again right after `embed`: cheap, no search."""
        ...


def carries(width: int, height: int) -> bool:
    """Whether a picture of this size can be marked: see `embed.carries`."""
    return laying.carries(width, height)


def embed(picture: NDArray[np.uint8], payload: int, key: bytes, *, gain: float = 1.0) -> NDArray[np.uint8]:
    """Mark a picture: see `embed.embed`."""
    return laying.embed(picture, payload, key, gain=gain)


def extract(picture: NDArray[np.uint8], key: bytes, *, deadline: float | None = None) -> tuple[int | None, float]:
    """The payload in any 8-bit picture and how sure, or (None, 0.0); past the deadline, what is known by then.

    Raises errors.NotAPicture for what is no 8-bit picture, and nothing else.
    """
    return next(iter(_readings(picture, [key], deadline)), (None, 0.0))


def extract_all(picture: NDArray[np.uint8], key: bytes, *, deadline: float | None = None) -> list[tuple[int, float]]:
    """Every payload found with its confidence: several when copies of several links were mixed into one picture."""
    return list(_readings(picture, [key], deadline))


def extract_any(
    picture: NDArray[np.uint8], keys: Sequence[bytes], *, deadline: float | None = None
) -> tuple[int | None, float]:
    """As `extract`, with the first of several keys that reads; the costly keyless half is done once."""
    return next(iter(_readings(picture, keys, deadline)), (None, 0.0))


def _readings(picture: NDArray[np.uint8], keys: Sequence[bytes], deadline: float | None) -> Iterator[tuple[int, float]]:
    end = None if deadline is None else time.monotonic() + deadline
    ground = reading.survey(picture)
    for key in keys:
        for found in reading.readings(ground, key, end):
            yield found.payload, found.confidence


def verify(picture: NDArray[np.uint8], payload: int, key: bytes) -> bool:
    """Whether a freshly encoded and decoded picture reads as this payload: see `read.verify`."""
    return reading.verify(picture, payload, key)


class TiledCodec:
    """The default codec."""

    payload_bits = PAYLOAD_BITS
    carries = staticmethod(carries)
    embed = staticmethod(embed)
    extract = staticmethod(extract)
    verify = staticmethod(verify)


DEFAULT: Codec = TiledCodec()
