"""What all machines of one installation agree on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base

ONLY = 1


class Installation(Base):
    """One row. ``keys``: the fingerprints of the secret keys, the signing one first, separated by spaces; they tell
    nothing of the keys."""

    __tablename__ = "installation"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    keys: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]
