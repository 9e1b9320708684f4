"""What a channel is: the way a message leaves. Each lies in ``channels/<name>.py`` with ``open_channel(settings)``."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Protocol

from service.kit.translate import _


class NotSent(Exception):
    """Why a message did not leave: our ``words``, marked with ``N_``, and what was said by others, kept as they said it.
    As a string it is what the outbox row keeps."""

    def __init__(self, words: str, detail: str | int = "") -> None:
        super().__init__(f"{words} ({detail})" if detail else words)


def reason_told(kept: str) -> str:
    """What a row keeps, with our words in the current locale."""
    words, bracket, detail = kept.partition(" (")
    return (_(words) if words else "") + bracket + detail


class TryLater(NotSent):
    """The message did not leave, but may in a while."""


class Undeliverable(NotSent):
    """The message was refused for good: trying again would be refused again."""


class Channel(Protocol):
    """Thread-safe."""

    outcome: str
    """The row's state after a delivery: ``sent``, or ``kept`` when the message stayed on this machine."""

    def deliver(self, message: EmailMessage, name: str) -> None:
        """Hands the message over; ``name`` is the outbox row's id. Raises TryLater or Undeliverable. May be called
        twice for one message: a worker may die between the hand-over and writing it down."""
