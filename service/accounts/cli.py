"""Getting in from the command line."""

from __future__ import annotations

import click

from service.accounts import repository
from service.accounts.api_tokens import create_api_token
from service.accounts.create_studio import create_studio
from service.accounts.email_address import email_address
from service.accounts.issue_link import issue_link
from service.accounts.who import Who
from service.errors import TillpaidError
from service.wiring import Wiring


@click.group()
def token() -> None:
    """API tokens for programs."""


@token.command("create")
@click.argument("email")
@click.option("--label", default="command line", show_default=True, help="What the token is for.")
@click.pass_obj
def create_token(wiring: Wiring, email: str, label: str) -> None:
    """Print a new API token for EMAIL, alone on stdout. Makes the member and their studio if they are new."""
    try:
        with wiring.db.write() as tx:
            member = repository.member_by_email(tx, email_address(email))
            if member is None:
                who = create_studio(tx, wiring, email=email)
            else:
                who = Who(member, repository.studio(tx, member.studio_id))
            secret = create_api_token(tx, wiring, who, label)
    except TillpaidError as error:
        raise click.ClickException(error.text) from error
    click.echo(secret)


@click.command("sign-in-link")
@click.argument("email")
@click.pass_obj
def sign_in_link(wiring: Wiring, email: str) -> None:
    """Print a one-time sign-in link for EMAIL, alone on stdout. It works for 20 minutes."""
    with wiring.db.write() as tx:
        member = repository.member_by_email(tx, email)
        if member is None:
            raise click.ClickException(f"Nobody signs in as {email}. `tillpaid token create {email}` makes a studio.")
        link = issue_link(tx, wiring, member_id=member.id)
    click.echo(link)


commands = [token, sign_in_link]
