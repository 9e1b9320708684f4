"""What must hold for this process to do its work; each check says yes or no, never why: outsiders may ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog

from service.health import repository
from service.jobs.blame import blame
from service.migrate import is_current
from service.wiring import Wiring

WORKER_SILENT = timedelta(seconds=60)
PROBE = "health/probe"
log = structlog.get_logger("health")


def readiness(wiring: Wiring) -> dict[str, bool]:
    """Every check by name. A worker is checked only where one runs inside this process."""
    checks: dict[str, Callable[[Wiring], bool]] = {
        "database": database_answers,
        "tables": tables_are_current,
        "storage": storage_answers,
    }
    if "worker" in wiring.pulse:
        checks["worker"] = worker_lives
    return {name: _holds(name, check, wiring) for name, check in checks.items()}


def _holds(name: str, check: Callable[[Wiring], bool], wiring: Wiring) -> bool:
    try:
        return check(wiring)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a check is the answer to it
        log.error("not_ready", check=name, error=blame(error))
        return False


def database_answers(wiring: Wiring) -> bool:
    with wiring.db.read() as tx:
        return repository.answers(tx)


def tables_are_current(wiring: Wiring) -> bool:
    """Whether the database was brought to this version; reads only, so a long write does not make us unready."""
    return is_current(wiring.db)


def storage_answers(wiring: Wiring) -> bool:
    """A store that cannot be reached raises; whether the probe exists does not matter."""
    wiring.store.exists(PROBE)
    return True


def worker_lives(wiring: Wiring) -> bool:
    return wiring.clock() - wiring.pulse["worker"] < WORKER_SILENT
