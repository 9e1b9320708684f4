"""``tillpaid trace``: for the one who runs the server, over all studios."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import NoReturn

import click

from service.audit.record import SYSTEM
from service.errors import TillpaidError
from service.traces.answers import trace_out
from service.traces.trace import name_links, read_marks
from service.wiring import Wiring

UNREADABLE, NOT_NOW = 1, 3


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def trace(wiring: Wiring, file: Path) -> None:
    """Say, in JSON, to which links the picture FILE was served.

    Ends with 0 when there is an answer, also when no link was found, which proves nothing; with 1 when the file
    cannot be read as a picture or not in time, with 3 when reading is not possible just now.
    """
    try:
        readings = read_marks(wiring, file, file.name)
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        _refuse(file, "not_readable", str(error.strerror or error), UNREADABLE)
    except TillpaidError as error:
        _refuse(file, error.code, error.text, NOT_NOW if error.retryable else UNREADABLE)
    with wiring.db.write() as tx:
        traced = name_links(tx, wiring, readings, sha256=digest, studio_id=None, actor=SYSTEM)
    print(json.dumps({"file": str(file), **trace_out(traced).model_dump(mode="json")}, indent=2, ensure_ascii=False))


def _refuse(file: Path, code: str, message: str, status: int) -> NoReturn:
    print(json.dumps({"file": str(file), "error": {"code": code, "message": message}}, indent=2, ensure_ascii=False))
    print(message, file=sys.stderr)
    sys.exit(status)


commands = [trace]
