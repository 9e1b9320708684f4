"""What the studio is told when a link was made: that it is on its way only where e-mail leaves."""

from __future__ import annotations

from service.kit.translate import N_, _
from service.shares.models import ShareLink
from service.wiring import Wiring

BY_MAIL = N_("The link for %(name)s is on its way by e-mail.")
KEPT = N_("The link for %(name)s is ready. No mail server is set up here: copy it and send it yourself.")
TO_COPY = N_("The link for %(name)s is ready to copy.")


def issued_words(wiring: Wiring, link: ShareLink, *, announced: bool) -> str:
    """In the current locale; ``announced`` says that an e-mail to the client was asked for."""
    words = TO_COPY if not announced else BY_MAIL if wiring.mail_leaves else KEPT
    return _(words) % {"name": link.name}
