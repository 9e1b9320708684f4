"""The database: one base for all tables, and the two kinds of transaction.

SQLite runs in WAL mode with two engines. The writing one begins with BEGIN IMMEDIATE: its default, deferred
transactions read first and lose updates when two of them then write. The reading one is query-only and never
waits for a writer. PostgreSQL uses one engine; where money moves, repositories take row locks
(``with_for_update``, which SQLite ignores because it already holds the only write lock).

Only this module commits (and the job backends, for their own rows).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

BUSY_SECONDS = 30

Tx = Session
"""A transaction in progress. Who holds one may read and write through repositories, never commit."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, always UTC; SQLite forgets the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a datetime without a zone")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of every domain."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime()}


class Database:
    """Opens transactions. Thread-safe; make one per process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url, read_only=False) if self.is_sqlite else _server_engine(url)
        self._read_engine = _sqlite_engine(url, read_only=True) if self.is_sqlite else self.engine

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """A transaction that commits when the block ends and rolls back when it raises."""
        session = self.begin_write()
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that sees one moment and can change nothing."""
        session = self.begin_read()
        try:
            yield session
        finally:
            session.expunge_all()  # rows that were read stay readable; a rollback would empty them
            session.rollback()
            session.close()

    def begin_write(self) -> Tx:
        """For the request boundary, which ends it with ``finish``; holds SQLite's write lock from here on."""
        session = Session(self.engine, expire_on_commit=False)
        session.connection()
        return session

    def begin_read(self) -> Tx:
        return Session(self._read_engine, expire_on_commit=False, autoflush=False)

    def finish(self, session: Tx, *, keep: bool) -> None:
        """Commits when ``keep``, else rolls back; always gives the connection back."""
        try:
            if keep:
                session.commit()
            else:
                session.expunge_all()  # error pages still name the studio; a rollback would empty the rows
                session.rollback()
        finally:
            session.close()

    def close(self) -> None:
        self.engine.dispose()
        self._read_engine.dispose()


def _server_engine(url: str) -> Engine:
    return create_engine(url, pool_pre_ping=True, pool_size=20, max_overflow=20)


def _lower(text: object) -> object:
    """SQLite's own ``lower`` knows the letters of English only; people search in all of them."""
    return text.lower() if isinstance(text, str) else text


def _sqlite_engine(url: str, *, read_only: bool) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(
        url, pool_size=20, max_overflow=60, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.create_function("lower", 1, _lower, deterministic=True)
        connection.isolation_level = None  # the driver would begin deferred transactions by itself
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16000"):
            connection.execute(f"PRAGMA {pragma}").close()
        if read_only:
            connection.execute("PRAGMA query_only=ON").close()

    @event.listens_for(engine, "checkin")
    def _on_return(connection: Any, _record: Any) -> None:
        """A commit that failed leaves SQLite's transaction open, and SQLAlchemy thinks it over: put back so, the
        connection would hold the write lock for ever."""
        if connection is not None and connection.in_transaction:
            connection.rollback()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
