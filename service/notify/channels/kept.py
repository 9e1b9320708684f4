"""Without a mail server: messages stay on this machine, as .eml files that any mail program opens."""

from __future__ import annotations

import os
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

from service.kit.translate import N_
from service.notify.channel import TryLater
from service.settings import Settings


def open_channel(settings: Settings) -> Kept:
    """Keeps messages in ``mail`` in the data directory, which only its owner may read."""
    return Kept(settings.data_dir / "mail")


class Kept:
    """A ``Channel`` that goes nowhere."""

    outcome = "kept"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deliver(self, message: EmailMessage, name: str) -> None:
        """Writes ``<name>.eml`` whole or not at all; a second time replaces it."""
        part = self.folder / f".{name}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(message.as_bytes())
            part.replace(self.folder / f"{name}.eml")
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise TryLater(N_("The message could not be written."), error.strerror or "") from error
