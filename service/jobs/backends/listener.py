"""Hearing that a job was enqueued, on whatever machine: PostgreSQL's LISTEN on Procrastinate's channel.

A connection of its own, opened when a worker first waits. While it cannot be had (the server is away, or a pooler in
between passes no notifications on) workers still look by themselves at intervals.
"""

from __future__ import annotations

import threading
from typing import Any

import psycopg
from sqlalchemy import Engine

CHANNEL = "procrastinate_any_queue_v1"
LOOK_UP_SECONDS = 0.5
AGAIN_SECONDS = 2.0


class Listener:
    """Counts notifications. ``close`` ends its thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._news = threading.Condition()
        self._heard = 0
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    def news(self) -> int:
        return self._heard

    def wait(self, seen: int, seconds: float) -> None:
        """Returns when :meth:`news` is no longer ``seen``, at the latest after ``seconds``."""
        with self._news:
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="jobs-listener", daemon=True)
                self._thread.start()
            self._news.wait_for(lambda: self._heard != seen or self._closed.is_set(), seconds)

    def close(self) -> None:
        self._closed.set()
        if self._thread is not None:
            self._thread.join(10)

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                with psycopg.connect(**self._arguments(), autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._tell()  # what came before we listened
                    while not self._closed.is_set():
                        for _notice in connection.notifies(timeout=LOOK_UP_SECONDS, stop_after=1):
                            self._tell()
            except psycopg.Error:
                self._closed.wait(AGAIN_SECONDS)

    def _arguments(self) -> dict[str, Any]:
        positional, named = self._engine.dialect.create_connect_args(self._engine.url)
        return {**({"conninfo": positional[0]} if positional else {}), **named}

    def _tell(self) -> None:
        with self._news:
            self._heard += 1
            self._news.notify_all()
