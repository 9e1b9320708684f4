"""All machines of one installation sign and mark with the same secret keys; one that has others is told at its start.

With other keys its links, sessions and downloads would be dead on the rest, at random, as a proxy hands requests out.
The database keeps fingerprints. Rotation passes: a list that shares a key with the one before is the next one.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from service.health import repository
from service.wiring import Wiring

log = structlog.get_logger("health")


class OtherKeys(Exception):
    """This process has none of the keys that the installation was last started with. The message says what to do."""


def agree_on_keys(wiring: Wiring) -> None:
    """Raises OtherKeys; else keeps this process's list, if it knows the newest key of the one before."""
    mine = wiring.signer.fingerprints
    with wiring.db.write() as tx:
        row = repository.installation(tx, mine, wiring.clock())
        kept = row.keys.split()
        if not set(mine) & set(kept):
            raise OtherKeys(_advice(row.changed_at))
        if kept[0] in mine:
            repository.keep_keys(row, mine, wiring.clock())
        else:
            log.warning("an older list of secret keys than other machines have", signing=mine[0], theirs=kept[0])


def replace_keys(wiring: Wiring) -> None:
    """Makes this process's keys the installation's, whatever they were before."""
    mine = wiring.signer.fingerprints
    with wiring.db.write() as tx:
        repository.keep_keys(repository.installation(tx, mine, wiring.clock()), mine, wiring.clock())


def _advice(since: datetime) -> str:
    return (
        f"TILLPAID_SECRET_KEYS: this machine has none of the secret keys that this database is used with since "
        f"{since:%Y-%m-%d %H:%M} UTC. All machines of one installation need the same keys: copy them from one that "
        "runs (its TILLPAID_SECRET_KEYS, or secret_keys in its data directory). If the old keys are to be given up, and "
        "every link made with them with it, run `tillpaid replace-keys`."
    )
