"""What a channel is: the way a message leaves. Each lies in ``channels/<name>.py`` with ``open_channel(settings)``."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Protocol


class TryLater(Exception):
    """The message did not leave, but may in a while. The words go into the outbox row."""


class Undeliverable(Exception):
    """The message was refused for good: trying again would be refused again."""


class Channel(Protocol):
    """Thread-safe."""

    outcome: str
    """The row's state after a delivery: ``sent``, or ``kept`` when the message stayed on this machine."""

    def deliver(self, message: EmailMessage, name: str) -> None:
        """Hands the message over; ``name`` is the outbox row's id. Raises TryLater or Undeliverable. May be called
        twice for one message: a worker may die between the hand-over and writing it down."""
