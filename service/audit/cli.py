"""``tillpaid verify-log``."""

from __future__ import annotations

import sys

import click

from service.audit.verify_chain import verify_chain
from service.wiring import Wiring


@click.command("verify-log")
@click.pass_obj
def verify_log(wiring: Wiring) -> None:
    """Check the audit log: says per studio whether it is whole, and ends with 1 if any is not."""
    with wiring.db.read() as tx:
        verdicts = verify_chain(tx, wiring.signer)
    for verdict in verdicts:
        click.echo(f"{verdict.studio_id}: {verdict.fault or 'whole'} ({verdict.events} events sound)")
    if not verdicts:
        click.echo("The log is empty.")
    if any(verdict.fault for verdict in verdicts):
        sys.exit(1)


commands = [verify_log]
