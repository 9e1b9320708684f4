"""The database: one base for all tables, and the two kinds of transaction.

SQLite runs in WAL mode with two engines. The writing one begins with BEGIN IMMEDIATE: its default, deferred
transactions read first and lose updates when two of them then write. The reading one is query-only and never
waits for a writer. PostgreSQL writes in READ COMMITTED, where whoever changes a row by what it read takes the row
first (:func:`locked`), and reads in REPEATABLE READ, READ ONLY: one moment, and no write by mistake there either.

Only this module commits (and the job backends, for their own rows).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from sqlalchemy import DateTime, Dialect, Engine, MetaData, Select, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

BUSY_SECONDS = 30
POOL = 40
"""Connections to PostgreSQL that one process opens at most. The web boundary lets no more transactions in at once."""

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])

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


def locked(query: Query, of: Any = None) -> Query:
    """The query, which takes the rows (those of the table ``of``, if given) until the transaction ends, and reads them
    as they are then, also into objects that this transaction has read before.

    SQLite needs no such lock: a write transaction has the whole database. On PostgreSQL it is FOR NO KEY UPDATE: rows
    that only refer to this one (a payment to its studio) can still be written, which would otherwise deadlock.
    """
    return query.with_for_update(of=of, key_share=True).execution_options(populate_existing=True)


class Database:
    """Opens transactions. Thread-safe; make one per process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url, read_only=False) if self.is_sqlite else _server_engine(url)
        self._read_engine = _sqlite_engine(url, read_only=True) if self.is_sqlite else _reading(self.engine)

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


def server_url(url: str) -> URL:
    """The URL with our driver: ``postgresql://`` and ``postgres://`` are psycopg 3."""
    made = make_url(url)
    return made.set(drivername="postgresql+psycopg") if made.drivername in {"postgresql", "postgres"} else made


def _server_engine(url: str) -> Engine:
    """A connection that the server has closed meanwhile is noticed when it is taken, not in the middle of a request."""
    return create_engine(
        server_url(url),
        pool_pre_ping=True,
        pool_size=POOL // 2,
        max_overflow=POOL - POOL // 2,
        pool_timeout=BUSY_SECONDS,
        connect_args={"connect_timeout": 5, "application_name": "tillpaid"},
    )


def _reading(engine: Engine) -> Engine:
    """The same pool, for transactions that see one moment and cannot write."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


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
