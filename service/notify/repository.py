"""SQL for the outbox."""

from __future__ import annotations

from sqlalchemy import select, tuple_

from service.db import Tx, locked
from service.notify.models import EmailText, OutboxMessage


def add(tx: Tx, row: OutboxMessage) -> None:
    tx.add(row)
    tx.flush()


def message_of(tx: Tx, studio_id: str, message_id: str, *, lock: bool = False) -> OutboxMessage | None:
    """One message of this studio, locked for who will change it."""
    query = select(OutboxMessage).where(OutboxMessage.studio_id == studio_id, OutboxMessage.id == message_id)
    return tx.scalar(locked(query) if lock else query)


def messages_of(tx: Tx, studio_id: str, *, after: str = "", limit: int = 50) -> list[OutboxMessage]:
    """The studio's messages, newest first, from the one after the message ``after``."""
    query = select(OutboxMessage).where(OutboxMessage.studio_id == studio_id)
    last = message_of(tx, studio_id, after) if after else None
    if last is not None:
        query = query.where(tuple_(OutboxMessage.created_at, OutboxMessage.id) < (last.created_at, last.id))
    return list(tx.scalars(query.order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc()).limit(limit)))


def last_to_client(tx: Tx, delivery_id: str, studio_email: str) -> OutboxMessage | None:
    """The newest message about this delivery that is not to the studio itself."""
    query = select(OutboxMessage).where(
        OutboxMessage.delivery_id == delivery_id, OutboxMessage.recipient != studio_email
    )
    return tx.scalar(query.order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc()).limit(1))


def text_of(tx: Tx, studio_id: str, kind: str, locale: str) -> EmailText | None:
    """The studio's own words for this kind in this language."""
    return tx.get(EmailText, (studio_id, kind, locale))


def texts_of(tx: Tx, studio_id: str) -> set[tuple[str, str]]:
    """(kind, language) of everything that the studio words itself."""
    query = select(EmailText.kind, EmailText.locale).where(EmailText.studio_id == studio_id)
    return {(row[0], row[1]) for row in tx.execute(query)}


def put_text(tx: Tx, row: EmailText) -> None:
    """Puts these words where the studio's own were, if it had any."""
    tx.merge(row)
    tx.flush()


def drop_text(tx: Tx, studio_id: str, kind: str, locale: str) -> bool:
    """Takes the studio's own words away; whether there were any."""
    row = text_of(tx, studio_id, kind, locale)
    if row is not None:
        tx.delete(row)
        tx.flush()
    return row is not None
