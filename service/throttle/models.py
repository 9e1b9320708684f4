"""Counters for rate limits, shared by every process."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class ThrottleCount(Base):
    """How often something happened within one window of time."""

    __tablename__ = "throttle_counts"
    key: Mapped[str] = mapped_column(primary_key=True)  # what, and a keyed hash of whom
    window_start: Mapped[datetime] = mapped_column(primary_key=True, index=True)  # swept by this
    count: Mapped[int] = mapped_column(default=0)
