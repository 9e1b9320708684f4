"""What a link's forensic mark says: 48 random bits, the link's for ever, also once it is revoked."""

from __future__ import annotations

import secrets

from service.db import Tx
from service.shares import repository

BITS = 48


def new_trace_id(tx: Tx) -> int:
    """One that no link has. The row's unique column decides between two that are issued in the same moment."""
    while True:
        trace_id = secrets.randbits(BITS)
        if not repository.links_by_trace(tx, [trace_id]):
            return trace_id
