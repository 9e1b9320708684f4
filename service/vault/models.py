"""What the scrub that runs by itself has found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class ScrubFault(Base):
    """A stored object that is not what was written. ``fault``: missing | changed | unreadable. The row goes when the
    object is found sound again, or nothing refers to it any more."""

    __tablename__ = "scrub_faults"
    key: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # original | proof | rendition
    fault: Mapped[str]
    found_at: Mapped[datetime]
