"""The keys of the forensic mark: one marks, all that this installation ever marked by can read."""

from __future__ import annotations

from service.kit.tokens import Signer
from service.settings import split_keys
from service.wiring import Wiring

PURPOSE, NAME = "forensic-mark", "links"


def marking_key(wiring: Wiring) -> bytes:
    """By which pictures are marked from now on: derived from the secret that signs."""
    return wiring.signer.derive(PURPOSE, NAME)


def reading_keys(wiring: Wiring) -> list[bytes]:
    """By which a found picture may have been marked, the newest first: those of the secrets in force, and of the retired
    ones in TILLPAID_TRACE_KEYS, which verify nothing any more."""
    signer = wiring.signer
    keys = [signer.derive(PURPOSE, NAME, fingerprint=fingerprint) for fingerprint in signer.fingerprints]
    keys += [Signer([retired]).derive(PURPOSE, NAME) for retired in split_keys(wiring.settings.trace_keys)]
    return list(dict.fromkeys(keys))
