"""The only place that builds what the process works with: database, store, signer, queue, mailer.

Back ends are found by name: a URL's scheme, or the database's kind, names a module. Nothing here knows a
domain, and no domain builds any of these for itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from service.db import Database
from service.kit.clock import Clock, system_clock
from service.kit.tokens import Signer
from service.settings import Settings, secret_keys
from storage.blobstore import BlobStore
from storage.opening import open_store

if TYPE_CHECKING:
    from watermark import Sandbox

RENDITIONS = "renditions/"


@dataclass
class Wiring:
    """What requests, jobs and commands share. One per process; ``close`` it at the end."""

    settings: Settings
    clock: Clock = system_clock
    pulse: dict[str, datetime] = field(default_factory=dict)
    """When each part that runs inside this process last showed that it lives; readiness looks here."""
    memo: dict[str, Any] = field(default_factory=dict)
    """What a domain remembers in this process to save work, under its own name. Losing it loses nothing."""

    @cached_property
    def db(self) -> Database:
        return Database(self.settings.database)

    @cached_property
    def store(self) -> BlobStore:
        """The vault: originals and proofs. Nothing serves it but our own code."""
        return open_store(self.settings.storage)

    @cached_property
    def renditions(self) -> BlobStore:
        """Marked pictures, the only ones that pages show: the vault too, or a store whose identity can't read it."""
        url = self.settings.renditions_url
        return open_store(url) if url else self.store

    @property
    def stores(self) -> list[BlobStore]:
        """Each store once."""
        return [self.store] if self.renditions is self.store else [self.store, self.renditions]

    def store_of(self, key: str) -> BlobStore:
        """Where the object of that key is kept."""
        return self.renditions if key.startswith(RENDITIONS) else self.store

    @cached_property
    def signer(self) -> Signer:
        return Signer(secret_keys(self.settings))

    @cached_property
    def queue(self) -> Any:
        """A ``service.jobs.queue.JobQueue`` (typed there: this floor lies below it)."""
        name = "sqlite" if self.db.is_sqlite else "postgres"
        return import_module(f"service.jobs.backends.{name}").open_queue(self.db, self.clock)

    @cached_property
    def channel(self) -> Any:
        """A ``service.notify.channels`` channel: smtp when there is a URL for it, else kept files."""
        scheme = urlsplit(self.settings.mail.smtp_url).scheme or "kept"
        name = {"smtps": "smtp"}.get(scheme, scheme)
        return import_module(f"service.notify.channels.{name}").open_channel(self.settings)

    @property
    def mail_leaves(self) -> bool:
        """Whether e-mail gets off this machine. Without an SMTP URL it is kept and shown, and nobody receives it."""
        return bool(self.settings.mail.smtp_url)

    @cached_property
    def sandbox(self) -> Sandbox:
        """Where originals are decoded; starts its process on first use."""
        from watermark import Limits, Sandbox  # noqa: PLC0415 - imaging loads only where pictures are made

        work = self.settings.work
        return Sandbox(
            Limits(
                wall_seconds=work.sandbox_seconds,
                memory=work.sandbox_memory_mib * 1024 * 1024,
                pages=work.max_pages,
            ),
            require=work.required_layers(),
        )

    def close(self) -> None:
        """Ends what was started; what was never used is not built for it."""
        built = self.__dict__
        if "sandbox" in built:
            self.sandbox.close()
        if "queue" in built and hasattr(self.queue, "close"):
            self.queue.close()
        if "db" in built:
            self.db.close()
