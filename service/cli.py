"""The command line: ``tillpaid serve`` and what the domains add."""

from __future__ import annotations

import functools
import os
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import uvicorn
from sqlalchemy.exc import DBAPIError

from service import discovery
from service.app import create_app
from service.demo.address import EMAIL
from service.health.agree_on_keys import OtherKeys, agree_on_keys
from service.logs import set_up_logs
from service.migrate import migrate as bring_up_to_date
from service.settings import SettingsError, load
from service.wiring import Wiring
from service.worker import Worker
from storage.blobstore import StorageError
from watermark.walls.layers import lacking

KEEP_ALIVE_SECONDS = 75
"""Longer than proxies keep a connection that is idle (nginx: 60 s), so that it is they who close it, never we just as they
send the next request."""


class PlainGroup(click.Group):
    """Commands that end with a sentence, not a traceback, when the machine lacks what they need."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DBAPIError as error:
            raise click.ClickException(f"The database cannot be used: {str(error.orig).strip()}") from error
        except StorageError as error:
            raise click.ClickException(f"The storage cannot be used: {error}") from error
        except OSError as error:
            raise click.ClickException(f"{error.filename or 'This machine'}: {error.strerror or error}") from error


@click.group(cls=PlainGroup)
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where everything is kept (TILLPAID_DATA_DIR).")
@click.pass_context
def group(context: click.Context, data_dir: Path | None) -> None:
    """Tillpaid holds finished work until it is paid for."""
    context.obj = build(data_dir)
    context.call_on_close(context.obj.close)


def build(data_dir: Path | None) -> Wiring:
    """The wiring for this process, from the environment; ends with a plain message when a setting is wrong."""
    overrides = {"data_dir": data_dir} if data_dir else {}
    try:
        settings = load(os.environ, **overrides)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    set_up_logs(settings.log_format)
    return Wiring(settings)


@group.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where everything is kept (TILLPAID_DATA_DIR).")
@click.option("--no-worker", is_flag=True, help="Only the pages and the API; run `tillpaid worker` elsewhere.")
@click.pass_context
def serve(context: click.Context, host: str, port: int, data_dir: Path | None, no_worker: bool) -> None:
    """Serve pages and API, with a worker inside. The first run prints a one-time sign-in link."""
    if data_dir:
        context.obj.close()
        context.obj = build(data_dir)
    wiring: Wiring = context.obj
    if not os.environ.get("TILLPAID_BASE_URL"):
        wiring.settings = replace(wiring.settings, web=replace(wiring.settings.web, base_url=own_address(host, port)))
    refuse_without_layers(wiring)
    refuse_taken(host, port)
    bring_up_to_date(wiring.db)
    refuse_other_keys(wiring)
    for greeting in discovery.greetings():
        for line in greeting(wiring):
            click.echo(line)
    worker = None if no_worker else Worker(wiring, discovery.job_handlers())
    if worker:
        worker.start()
    try:
        uvicorn.run(
            create_app(wiring),
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=20,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
    finally:
        if worker:
            worker.stop()


def refuse_without_layers(wiring: Wiring) -> None:
    """Ends the program when the sandbox lacks a layer that TILLPAID_SANDBOX_REQUIRE demands."""
    missing = lacking(wiring.settings.work.required_layers())
    if missing:
        told = "; ".join(f"{layer.name}: {layer.missing}" for layer in missing)
        raise click.ClickException(f"TILLPAID_SANDBOX_REQUIRE: this machine lacks {told}")


def refuse_taken(host: str, port: int) -> None:
    """Ends the program when another one serves there already, before it says that it can be reached there."""
    for family, kind, protocol, _name, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError as error:
                why = (error.strerror or str(error)).lower()
                raise click.ClickException(f"{own_address(host, port)} cannot be served: {why}.") from error


def refuse_other_keys(wiring: Wiring) -> None:
    """Ends the program when the installation's other machines use other secret keys."""
    try:
        agree_on_keys(wiring)
    except OtherKeys as error:
        raise click.ClickException(str(error)) from error


def own_address(host: str, port: int) -> str:
    """What to type on this machine to reach the server: printed links must lead there when nothing else is set."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{name}:{port}"


@group.command()
@click.pass_obj
def worker(wiring: Wiring) -> None:
    """Do queued jobs only; for machines beside the one that serves."""
    refuse_without_layers(wiring)
    bring_up_to_date(wiring.db)
    refuse_other_keys(wiring)
    Worker(wiring, discovery.job_handlers()).run_until_signal()


@group.command()
@click.pass_obj
def migrate(wiring: Wiring) -> None:
    """Bring the database to this version's tables."""
    bring_up_to_date(wiring.db)
    click.echo("The database is up to date.")


@group.command()
@click.option("--scrub", is_flag=True, help="Also read every stored object and compare it with what was written.")
@click.pass_obj
def doctor(wiring: Wiring, scrub: bool) -> None:
    """Examine this installation: one line for each thing, and how to mend what is not well. Ends with 1 if one is bad."""
    found = [finding for examine in discovery.examinations(scrub=scrub) for finding in examine(wiring)]
    for finding in found:
        click.echo(f"{finding.state:5} {finding.part}: {finding.name}: {finding.words}")
        if finding.advice:
            click.echo(f"      -> {finding.advice}")
    if any(finding.state == "bad" for finding in found):
        raise click.exceptions.Exit(1)


@group.command()
@click.pass_obj
def demo(wiring: Wiring) -> None:
    """Make a sample studio with a delivery in each state, from drawn pictures."""
    from service.demo.build import build_demo  # noqa: PLC0415 - drawing loads 30 MB that serving has no use for

    bring_up_to_date(wiring.db)
    made = build_demo(wiring)
    click.echo("Making the previews..." if made else "The sample studio is there already.")
    Worker(wiring, discovery.job_handlers()).run_all()
    click.echo(f"The sample studio is ready. Its member is {EMAIL}; `tillpaid serve` prints a sign-in link.")


def command_line() -> click.Group:
    """The group with every domain's commands."""
    for command in discovery.commands():
        group.add_command(on_migrated(command))
    return group


def on_migrated(command: Any) -> Any:
    """The command, which from now on finds the database at this version's tables. Done when it runs and not
    before, so that asking for help touches nothing."""
    if isinstance(command, click.Group):
        for part in command.commands.values():
            on_migrated(part)
    elif not getattr(command.callback, "without_database", False):
        inner = command.callback

        @functools.wraps(inner)
        def run(*args: Any, **kwargs: Any) -> Any:
            bring_up_to_date(click.get_current_context().obj.db)
            return inner(*args, **kwargs)

        command.callback = run
    return command


def main() -> None:
    """The entry point of ``tillpaid``."""
    try:
        command_line()(prog_name="tillpaid")
    except KeyboardInterrupt:
        sys.exit(130)
