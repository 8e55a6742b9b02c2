"""What people have to do: tickets and callbacks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base
from app.store.types import BigId


class Ticket(Base):
    """A customer who needs a person. `kind`: talk (a conversation to take over) · flag (a queue must know).

    At most one open talk per number: the unique index decides, not the page (law 6).
    """

    __tablename__ = "tickets"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'claimed', 'closed')", name="state"),
        CheckConstraint("kind IN ('talk', 'flag')", name="kind"),
        Index(
            "uq_tickets_open_talk",
            "phone",
            unique=True,
            sqlite_where=text("kind = 'talk' AND state <> 'closed'"),
            postgresql_where=text("kind = 'talk' AND state <> 'closed'"),
        ),
        Index("ix_tickets_state_id", "state", "id"),
        Index("ix_tickets_phone", "phone"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    phone: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(4))
    topic: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(120), default="")
    """The step where the customer stood: `repayment.app_steps.1`."""
    reason: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(10), default="")
    state: Mapped[str] = mapped_column(String(8))
    agent: Mapped[str] = mapped_column(String(60), default="")
    opened_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    last_text_at: Mapped[datetime | None]


class Callback(Base):
    """A promise to phone: the slot, and whether it was kept (A7)."""

    __tablename__ = "callbacks"
    __table_args__ = (
        CheckConstraint("state IN ('booked', 'cancelled', 'kept', 'missed')", name="state"),
        Index(
            "uq_callbacks_booked",
            "phone",
            unique=True,
            sqlite_where=text("state = 'booked'"),
            postgresql_where=text("state = 'booked'"),
        ),
        Index("ix_callbacks_starts_at", "starts_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    phone: Mapped[str] = mapped_column(String(32))
    call_phone: Mapped[str] = mapped_column(String(32))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    topic: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(9))
    booked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str] = mapped_column(String(60), default="")
