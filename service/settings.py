"""Settings from the environment: every one named TILLPAID_*, checked at the start, grouped by who uses it.

``validate()`` names the variable at fault and says what would be right. Nothing here opens a file or a
socket, except that a data directory without secret keys gets fresh ones on first use (:func:`secret_keys`).
"""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

MIN_SECRET = 32
MIB = 1024 * 1024
_DATABASES = {"sqlite", "postgres", "postgresql", "postgresql+psycopg"}


class SettingsError(Exception):
    """A variable has a value that cannot be used; the message names the variable."""


def _env(name: str, default: Any, doc: str) -> Any:
    """A dataclass field read from the variable ``name``; ``doc`` is what the settings page prints."""
    return field(default=default, metadata={"env": name, "doc": doc})


@dataclass(frozen=True)
class WebSettings:
    """What pages and the API need to know about where they are served."""

    base_url: str = _env(
        "TILLPAID_BASE_URL", "http://127.0.0.1:8000", "The address people type; links in e-mails begin with it."
    )
    trusted_proxies: str = _env(
        "TILLPAID_TRUSTED_PROXIES", "", "Addresses or networks, separated by commas, whose X-Forwarded-For is believed."
    )
    metrics_token: str = _env(
        "TILLPAID_METRICS_TOKEN", "", "Bearer token for /metrics from elsewhere; without it only this machine may read."
    )
    downloads: str = _env(
        "TILLPAID_DOWNLOADS",
        "stream",
        "How an original reaches the client once it may: stream (through us), x-accel (nginx sends the file), redirect (the S3 store does).",
    )
    session_days: int = _env("TILLPAID_SESSION_DAYS", 30, "Days until a member has to sign in again.")

    @property
    def secure(self) -> bool:
        """Whether the base URL is https, so that cookies can be bound to it."""
        return self.base_url.startswith("https://")

    def proxies(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        parts = [p.strip() for p in self.trusted_proxies.split(",") if p.strip()]
        return [ipaddress.ip_network(p, strict=False) for p in parts]

    def validate(self) -> None:
        url = urlsplit(self.base_url)
        if url.scheme not in {"http", "https"} or not url.hostname or url.path not in {"", "/"}:
            raise SettingsError("TILLPAID_BASE_URL must be like https://files.example.com, without a path")
        try:
            self.proxies()
        except ValueError as error:
            raise SettingsError(f"TILLPAID_TRUSTED_PROXIES: {error}") from error
        if self.downloads not in {"stream", "x-accel", "redirect"}:
            raise SettingsError("TILLPAID_DOWNLOADS must be stream, x-accel or redirect")
        if not 1 <= self.session_days <= 365:
            raise SettingsError("TILLPAID_SESSION_DAYS must be between 1 and 365")
        if self.metrics_token and len(self.metrics_token) < MIN_SECRET:
            raise SettingsError(f"TILLPAID_METRICS_TOKEN needs at least {MIN_SECRET} characters")


def _names_host(url: str) -> bool:
    """Whether the URL has a host and, if it has a port, one that exists."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


@dataclass(frozen=True)
class MailSettings:
    """How e-mail leaves. Without an SMTP URL it is kept as .eml files and shown on a page."""

    smtp_url: str = _env(
        "TILLPAID_SMTP_URL",
        "",
        "smtp://user:password@host:587 (STARTTLS where offered), smtps://host:465, or empty: mail is kept and shown on a page.",
    )
    sender: str = _env("TILLPAID_MAIL_FROM", "Tillpaid <tillpaid@localhost>", "The sender of every e-mail.")

    def validate(self) -> None:
        if self.smtp_url and urlsplit(self.smtp_url).scheme not in {"smtp", "smtps"}:
            raise SettingsError("TILLPAID_SMTP_URL must begin with smtp:// or smtps://")
        if self.smtp_url and not _names_host(self.smtp_url):
            raise SettingsError("TILLPAID_SMTP_URL must name a host, and a port from 1 to 65535 if any")
        if "@" not in self.sender:
            raise SettingsError("TILLPAID_MAIL_FROM must hold an e-mail address")


@dataclass(frozen=True)
class UploadSettings:
    """Limits on what a studio may send."""

    max_file_mib: int = _env("TILLPAID_MAX_FILE_MIB", 65536, "The largest single original, in MiB.")
    studio_quota_mib: int = _env(
        "TILLPAID_STUDIO_QUOTA_MIB", 0, "Room for one studio's originals, in MiB; 0 is no limit."
    )
    resume_hours: int = _env(
        "TILLPAID_RESUME_HOURS", 72, "Hours that an interrupted upload waits to be continued; then it is forgotten."
    )

    def validate(self) -> None:
        if self.max_file_mib < 1:
            raise SettingsError("TILLPAID_MAX_FILE_MIB must be at least 1")
        if self.studio_quota_mib < 0:
            raise SettingsError("TILLPAID_STUDIO_QUOTA_MIB must be 0 or more")
        if not 1 <= self.resume_hours <= 24 * 365:
            raise SettingsError("TILLPAID_RESUME_HOURS must be between 1 and 8760")


@dataclass(frozen=True)
class WorkSettings:
    """The embedded worker and the sandbox its decoding runs in."""

    workers: int = _env("TILLPAID_WORKERS", 0, "Jobs done at once by `serve` and `worker`; 0 is one per core.")
    sandbox_memory_mib: int = _env("TILLPAID_SANDBOX_MEMORY_MIB", 1024, "Memory one decoding child may use, in MiB.")
    sandbox_seconds: int = _env("TILLPAID_SANDBOX_SECONDS", 120, "Seconds one original may take to become previews.")
    sandbox_require: str = _env(
        "TILLPAID_SANDBOX_REQUIRE",
        "",
        "Layers of the sandbox without which nothing starts: all, or names from landlock, seccomp, separated by commas; empty: what the kernel lacks is left out.",
    )
    max_pages: int = _env("TILLPAID_MAX_PAGES", 60, "Pages of a document that get previews; the rest are counted.")
    scrub_days: int = _env(
        "TILLPAID_SCRUB_DAYS",
        30,
        "Days in which all that is stored is read once and compared, a part each day; 0: never.",
    )

    def required_layers(self) -> frozenset[str]:
        return frozenset(name.strip() for name in self.sandbox_require.split(",") if name.strip())

    @property
    def worker_count(self) -> int:
        return self.workers or os.cpu_count() or 1

    def validate(self) -> None:
        if not 0 <= self.workers <= 256:
            raise SettingsError("TILLPAID_WORKERS must be between 0 and 256")
        if self.required_layers() - {"all", "landlock", "seccomp"}:
            raise SettingsError("TILLPAID_SANDBOX_REQUIRE must be all, or landlock, seccomp or both, or empty")
        if self.sandbox_memory_mib < 256:
            raise SettingsError("TILLPAID_SANDBOX_MEMORY_MIB must be at least 256")
        if not 1 <= self.sandbox_seconds <= 3600:
            raise SettingsError("TILLPAID_SANDBOX_SECONDS must be between 1 and 3600")
        if not 1 <= self.max_pages <= 2000:
            raise SettingsError("TILLPAID_MAX_PAGES must be between 1 and 2000")
        if not 0 <= self.scrub_days <= 3650:
            raise SettingsError("TILLPAID_SCRUB_DAYS must be between 0 and 3650")


@dataclass(frozen=True)
class Settings:
    """Everything the process was told. Build it with :func:`load`."""

    data_dir: Path = _env(
        "TILLPAID_DATA_DIR", Path("data"), "The directory for everything that has no address of its own."
    )
    database_url: str = _env(
        "TILLPAID_DATABASE_URL", "", "postgresql://user:password@host/name; empty is SQLite in the data directory."
    )
    storage_url: str = _env(
        "TILLPAID_STORAGE_URL", "", "file:///path or s3://bucket/prefix; empty is a folder in the data directory."
    )
    renditions_url: str = _env(
        "TILLPAID_RENDITIONS_URL",
        "",
        "A store of its own for marked previews, with an identity that may read nothing else; empty: the same store.",
    )
    secret_keys: str = _env(
        "TILLPAID_SECRET_KEYS",
        "",
        "Signing keys separated by commas, each of 32 characters or more; the first signs, all verify. Empty: kept in the data directory.",
    )
    trace_keys: str = _env(
        "TILLPAID_TRACE_KEYS",
        "",
        "Retired secret keys, separated by commas, by which pictures served long ago can still be traced; they verify nothing else.",
    )
    log_format: str = _env("TILLPAID_LOG_FORMAT", "text", "text or json.")
    web: WebSettings = field(default_factory=WebSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    uploads: UploadSettings = field(default_factory=UploadSettings)
    work: WorkSettings = field(default_factory=WorkSettings)

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'tillpaid.db').absolute()}"

    @property
    def storage(self) -> str:
        return self.storage_url or (self.data_dir / "vault").absolute().as_uri()

    def validate(self) -> None:
        """Raises SettingsError, naming the variable, when a value cannot be used."""
        for keys, name in ((self.secret_keys, "TILLPAID_SECRET_KEYS"), (self.trace_keys, "TILLPAID_TRACE_KEYS")):
            if keys:
                check_keys(split_keys(keys), name)
        if self.database_url and self.database_url.split(":")[0] not in _DATABASES:
            raise SettingsError("TILLPAID_DATABASE_URL must begin with postgresql:// or sqlite:///")
        if self.log_format not in {"text", "json"}:
            raise SettingsError("TILLPAID_LOG_FORMAT must be text or json")
        for part in (self.web, self.mail, self.uploads, self.work):
            part.validate()


def load(environ: Mapping[str, str], **overrides: Any) -> Settings:
    """Settings from ``environ``; ``overrides`` (from the command line) win. Raises SettingsError."""
    parts: dict[str, Any] = {
        "web": _read(WebSettings, environ),
        "mail": _read(MailSettings, environ),
        "uploads": _read(UploadSettings, environ),
        "work": _read(WorkSettings, environ),
    }
    settings = Settings(**{**_values(Settings, environ), **parts, **overrides})
    settings.validate()
    return settings


def describe() -> list[tuple[str, str, str]]:
    """(variable, default, what it is for), in order: the docs are checked against this."""
    kinds = (Settings, WebSettings, MailSettings, UploadSettings, WorkSettings)
    listed = [f for kind in kinds for f in fields(kind) if "env" in f.metadata]
    return [(f.metadata["env"], str(f.default), f.metadata["doc"]) for f in listed]


def _read(kind: type[Any], environ: Mapping[str, str]) -> Any:
    return kind(**_values(kind, environ))


def _values(kind: type[Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """The fields of ``kind`` that the environment sets, in their types."""
    values: dict[str, Any] = {}
    for item in fields(kind):
        name = item.metadata.get("env")
        text = environ.get(name, "").strip() if name else ""
        if not text:
            continue
        try:
            values[item.name] = (
                Path(text) if isinstance(item.default, Path) else _typed(cast("str | int", item.default), text)
            )
        except ValueError as error:
            raise SettingsError(f"{name} must be a whole number, not {text!r}") from error
    return values


def _typed(default: str | int, text: str) -> str | int:
    return int(text) if isinstance(default, int) else text


def split_keys(text: str) -> list[str]:
    return [key.strip() for key in text.split(",") if key.strip()]


def check_keys(keys: list[str], name: str) -> None:
    """Raises SettingsError when there is no key, or one is short or made of few different characters."""
    if not keys:
        raise SettingsError(f"{name} holds no key")
    if any(len(key) < MIN_SECRET or len(set(key)) < 10 for key in keys):
        raise SettingsError(
            f"{name}: each key needs at least {MIN_SECRET} random characters; try `openssl rand -hex 32`"
        )


def secret_keys(settings: Settings) -> list[str]:
    """The signing keys, newest first: from the environment, or from a file that only its owner may read."""
    if settings.secret_keys:
        return split_keys(settings.secret_keys)
    path = settings.data_dir / "secret_keys"
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        keys = split_keys(path.read_text().replace("\n", ","))
        check_keys(keys, str(path))
        return keys
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_hex(32)
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    return [key]
