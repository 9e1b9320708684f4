"""What ``serve`` prints about getting in."""

from __future__ import annotations

from service.accounts import repository
from service.accounts.issue_link import issue_link
from service.wiring import Wiring


def greet(wiring: Wiring) -> list[str]:
    """Lines for the terminal: on the first run a link that leads to setting up the studio; later, where no e-mail
    leaves, a sign-in link for the first member, so that nobody is shut out of their own machine."""
    with wiring.db.write() as tx:
        first = repository.first_member(tx)
        if first is None:
            link = issue_link(tx, wiring, member_id=None, purpose="first_run", next_path="/settings/profile")
            return ["Nobody has signed in yet. Open this link to begin (works once, within a day):", f"  {link}"]
        if wiring.settings.mail.smtp_url:
            return []
        link = issue_link(tx, wiring, member_id=first.id)
        return [f"No e-mail is set up. To sign in as {first.email} (works once, within 20 minutes):", f"  {link}"]
