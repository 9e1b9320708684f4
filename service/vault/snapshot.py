"""The database as one file, of one moment, taken while others write; and back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from service.db import Database

SQLITE, POSTGRES = "tillpaid.db", "tillpaid.pgdump"


class SnapshotFailed(Exception):
    """The message says why, for who runs the command."""


def take(db: Database, folder: Path) -> str:
    """Writes the database into ``folder``; the file's name. Durable when it returns."""
    name = SQLITE if db.is_sqlite else POSTGRES
    part = folder / f"{name}.part"
    part.unlink(missing_ok=True)
    if db.is_sqlite:
        _copy_sqlite(Path(make_url(db.url).database or ""), part)
    else:
        _run("pg_dump", ["--format=custom", f"--file={part}", "--no-owner", "--no-privileges"], db.url)
    settle(part, folder / name)
    return name


def put_back(db: Database, file: Path) -> None:
    """Makes the database what the file is. There must be none, or (PostgreSQL) an empty one: the caller has looked."""
    if not db.is_sqlite:
        _run("pg_restore", ["--exit-on-error", "--single-transaction", "--no-owner", str(file)], db.url)
        return
    target = Path(make_url(db.url).database or "")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    shutil.copyfile(file, part)
    _check_sqlite(part)
    settle(part, target)


def is_empty(db: Database) -> bool:
    """Whether there is no database yet, or (PostgreSQL) one without tables."""
    if db.is_sqlite:
        return not Path(make_url(db.url).database or "").exists()
    listed = _run("psql", ["--tuples-only", "--no-align", "--command", r"\dt"], db.url)
    return not listed.strip()


def settle(part: Path, target: Path) -> None:
    """Gives a written file its name, durably."""
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.chmod(0o600)
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online backup: a consistent copy, also while others write."""
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=60)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.backup(copy, pages=2000, sleep=0.01)
            copy.execute("PRAGMA journal_mode=DELETE").close()
    except sqlite3.Error as error:
        raise SnapshotFailed(f"the database cannot be copied: {error}") from error
    _check_sqlite(target)


def _check_sqlite(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file)) as copy:
            said = [row[0] for row in copy.execute("PRAGMA integrity_check")]
    except sqlite3.Error as error:
        raise SnapshotFailed(f"{file.name} is no database: {error}") from error
    if said != ["ok"]:
        raise SnapshotFailed(f"{file.name} fails SQLite's integrity check: {said[0]}")


def _run(program: str, arguments: list[str], url: str) -> str:
    """Runs one of PostgreSQL's programs on the database; its output. The password goes through the environment."""
    found = shutil.which(program)
    if found is None:
        raise SnapshotFailed(f"{program} is not here: install PostgreSQL's client programs")
    parts: URL = make_url(url)
    address = parts.set(drivername="postgresql", password=None).render_as_string()
    environ = {**os.environ, **({"PGPASSWORD": str(parts.password)} if parts.password else {})}
    done = subprocess.run(  # noqa: S603 - no shell, and every argument is ours
        [found, f"--dbname={address}", *arguments], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SnapshotFailed(f"{program}: {done.stderr.strip()[-500:]}")
    return done.stdout
