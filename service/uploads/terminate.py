"""Taking an unfinished upload back."""

from __future__ import annotations

from service.db import Tx
from service.uploads import lease, repository
from service.uploads.complete import drop
from service.uploads.lease import Held
from service.wiring import Wiring


def terminate(tx: Tx, wiring: Wiring, held: Held) -> None:
    """Forgets the bytes, then the row: a crash between the two leaves a row without bytes, which can be taken back
    again. Raises Busy when the lease was lost."""
    row = lease.held_row(tx, wiring, held)
    drop(wiring, held)
    repository.remove(tx, row)
