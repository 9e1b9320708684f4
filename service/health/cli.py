"""``tillpaid replace-keys``."""

from __future__ import annotations

import click

from service.health.agree_on_keys import replace_keys as make_ours
from service.wiring import Wiring


@click.command("replace-keys")
@click.pass_obj
def replace_keys(wiring: Wiring) -> None:
    """Give up the secret keys this database was used with, for those set now: links made with the old ones are dead."""
    make_ours(wiring)
    click.echo("From now on this database is used with the secret keys that are set here.")


commands = [replace_keys]
