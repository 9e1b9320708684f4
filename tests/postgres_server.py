"""A real PostgreSQL server for tests: its own folder, its own socket, stopped and removed at the end.

PostgreSQL refuses to run as root, so then it runs as the system's ``postgres`` (or ``nobody``). Its time can be moved:
every database here has a ``now()`` of its own in front of PostgreSQL's, which answers the moment a test has set.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql

from tests.faults.refused_calls import RefusedCalls

STARTS_WITHIN = 120.0
TEMPLATE = "tillpaid_template"
MOVABLE_NOW = """
CREATE SCHEMA testing;
CREATE TABLE testing.moment (at timestamptz);
CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql STABLE AS
  'SELECT coalesce((SELECT at FROM testing.moment), pg_catalog.now())';
"""
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
"""For tests that do not stop the server: what it would lose with the machine's power is nothing to them."""


def programs() -> Path:
    """The folder with ``postgres`` and ``initdb``: what infra/setup/ensure_postgres.sh said, or where Debian puts it."""
    said = os.environ.get("TILLPAID_POSTGRES")
    found = [Path(said)] if said else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if not found:
        raise RuntimeError("no PostgreSQL here; run infra/setup/ensure_postgres.sh, or set TILLPAID_POSTGRES")
    return found[0]


class Postgres:
    """One server. In a ``with`` block it runs; ``durable`` is for tests that stop it hard."""

    def __init__(self, *, durable: bool = False, host: str = "", port: int = 5432) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tillpaid-pg-", dir="/tmp"))
        self.data, self.log = self.folder / "data", self.folder / "log"
        self.host, self.port = host, port
        self._settings = {} if durable else FAST
        self._process: subprocess.Popen[bytes] | None = None
        self.behind: RefusedCalls | None = None
        """What may let its writes fail, if anything; to be set before it starts."""
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            owner = next(entry for entry in map(_entry, ("postgres", "nobody")) if entry)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self._user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        subprocess.run(
            [programs() / "initdb", "-D", self.data, "-U", "tillpaid", "-A", "trust", "-E", "UTF8", "--no-sync"],
            **self._user, check=True, stdout=subprocess.DEVNULL, env=environ, cwd="/",
        )  # fmt: skip

    def url(self, database: str = "postgres", *, movable: bool = True) -> str:
        """As TILLPAID_DATABASE_URL takes it. ``movable``: with the time that tests can set."""
        options = "&options=-csearch_path%3Dpublic,pg_catalog" if movable else ""
        if self.host:
            return f"postgresql://tillpaid@{self.host}:{self.port}/{database}?{options.lstrip('&')}".rstrip("?")
        return f"postgresql://tillpaid@/{database}?host={self.folder}&port={self.port}{options}"

    def start(self) -> None:
        """Starts it and waits until it answers."""
        settings = {
            "listen_addresses": self.host, "port": str(self.port), "unix_socket_directories": str(self.folder),
            "max_connections": "300", "shared_buffers": "64MB", "timezone": "UTC", **self._settings,
        }  # fmt: skip
        command = [str(programs() / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            asked: dict[str, Any] = {"stdout": log, "stderr": log, "start_new_session": True}
            if self.behind:
                account = (self._user["user"], self._user["group"]) if self._user else None
                self._process = self.behind.started(command, cwd=Path("/"), account=account, **asked)
            else:
                self._process = subprocess.Popen(command, **self._user, cwd="/", **asked)
        deadline = time.monotonic() + STARTS_WITHIN
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start:\n" + self.log.read_text()[-4000:])
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, number: int = signal.SIGINT) -> None:
        """SIGINT is "fast"; SIGQUIT is "immediate": nothing is written out, the next start recovers from the log."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(60)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.remove()

    def make_template(self) -> None:
        """The database that each test's own is a copy of: this version's tables, and the movable time."""
        from service.db import Database
        from service.migrate import migrate

        self.create(TEMPLATE, template="template1")
        with psycopg.connect(self.url(TEMPLATE)) as connection:
            connection.execute(MOVABLE_NOW)
        db = Database(self.url(TEMPLATE))
        migrate(db)
        db.close()

    def create(self, name: str, template: str = TEMPLATE) -> str:
        """A new database; its URL. It is a copy of ``template``."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            names = sql.Identifier(name), sql.Identifier(template)
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        return self.url(name)

    def drop(self, name: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def set_moment(url: str, at: datetime | None) -> None:
    """What ``now()`` answers in that database from here on; None is the real time."""
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM testing.moment")
        if at is not None:
            connection.execute("INSERT INTO testing.moment VALUES (%s)", (at,))


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
