"""Reading everything that is kept and comparing it with what was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from service.vault import repository
from service.vault.copying import is_sound
from service.vault.repository import Expected
from service.wiring import Wiring


@dataclass
class Verdict:
    """What a scrub found. ``faults``: (what, missing | changed | unreadable)."""

    read: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[Expected, str]] = field(default_factory=list)


def scrub(wiring: Wiring, tell: Callable[[Expected, str], None] = lambda _what, _fault: None) -> Verdict:
    """Hashes every object that a row refers to; ``tell`` is called at each fault. Changes nothing.

    What is replaced or removed while we look is looked at again before it counts as a fault."""
    verdict = Verdict()
    for what in _expected(wiring):
        fault = is_sound(wiring.store_of(what.key), what)
        if fault and is_current(wiring, what):
            verdict.faults.append((what, fault))
            tell(what, fault)
        verdict.read[what.kind] += 1
    return verdict


def _expected(wiring: Wiring) -> Iterator[Expected]:
    with wiring.db.read() as tx:
        yield from repository.expected(tx)


def is_current(wiring: Wiring, what: Expected) -> bool:
    """Whether a row still refers to the object as it did when it was looked up."""
    with wiring.db.read() as tx:
        return what in repository.expected(tx, what.key)
