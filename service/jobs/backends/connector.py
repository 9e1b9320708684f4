"""Procrastinate's job manager on the connection of one of our own transactions.

Its connectors open connections and commit by themselves. What a job changes must be committed with what the caller
changes, so this one speaks through the connection that it is given, and never ends a transaction. The manager's
coroutines then wait for nothing: :func:`done` runs one to its end where it stands.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import psycopg
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.manager import JobManager
from procrastinate.sync_psycopg_connector import SyncPsycopgConnector, wrap_exceptions
from sqlalchemy.exc import DBAPIError

from service.db import Tx

Result = TypeVar("Result")


class OnConnection(SyncPsycopgConnector):
    """A connector bound to one open transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        super().__init__()
        self._connection = connection

    def execute_query(self, query: Any, **arguments: Any) -> None:
        with _ours(), wrap_exceptions():
            self._connection.execute(query, self._wrap_json(arguments))

    def execute_query_one(self, query: Any, **arguments: Any) -> dict[str, Any]:
        with _ours():
            return self.execute_query_one_with_connection(self._connection, query, **arguments)

    def execute_query_all(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        with _ours():
            return self.execute_query_all_with_connection(self._connection, query, **arguments)

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        self.execute_query(query, **arguments)

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        return self.execute_query_one(query, **arguments)

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        return self.execute_query_all(query, **arguments)


def manager(tx: Tx) -> JobManager:
    """Procrastinate's manager in this transaction."""
    connection = cast("psycopg.Connection[Any]", tx.connection().connection.driver_connection)
    return JobManager(OnConnection(connection))


def done(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """What the coroutine returns; it must not wait for anything."""
    try:
        coroutine.send(None)
    except StopIteration as stopped:
        return cast(Result, stopped.value)
    coroutine.close()
    raise RuntimeError("Procrastinate waited for something on our own connection")


@contextmanager
def _ours() -> Iterator[None]:
    """The database's errors as the rest of the service knows them."""
    try:
        yield
    except UniqueViolation:
        raise
    except ConnectorException as error:
        cause = error.__cause__
        if not isinstance(cause, psycopg.Error):
            raise
        raise DBAPIError.instance("procrastinate", None, cause, psycopg.Error) from cause
