"""An outbox row as an e-mail message (RFC 5322)."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urlsplit

from service.notify.as_html import as_html
from service.notify.models import OutboxMessage
from service.settings import Settings


def compose(row: OutboxMessage, settings: Settings) -> EmailMessage:
    """The message. ``Message-ID`` and ``Date`` come from the row, so that a message sent twice, because a worker
    died in between, is recognised as one. ``Auto-Submitted`` (RFC 3834) keeps holiday answers away."""
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.mail.sender
    message["To"] = _ascii_domain(row.recipient)
    if row.reply_to:
        message["Reply-To"] = _ascii_domain(row.reply_to)
    message["Subject"] = row.subject
    message["Date"] = format_datetime(row.created_at)
    message["Message-ID"] = f"<{row.id}@{urlsplit(settings.web.base_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = row.locale
    message.set_content(row.body, charset="utf-8")
    message.add_alternative(as_html(row), subtype="html", charset="utf-8")
    message.set_boundary(f"={row.id}=")
    return message


def _ascii_domain(address: str) -> str:
    """The address with its domain as DNS writes it (IDNA); a local part of any script is left alone."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return address
