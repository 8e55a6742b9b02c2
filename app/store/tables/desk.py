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
        Index("ix_tickets_opened_at", "opened_at"),
        Index("ix_tickets_agent_state", "agent", "state"),
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
    priority: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Higher is served first: `rules/urgency.py`."""
    mood: Mapped[str] = mapped_column(String(10), default="", server_default=text("''"))
    """The customer's, from the reader: "" · worried · angry."""
    asked_at: Mapped[datetime | None]
    """When the text came that asked for a person: the 30-second promise counts from here."""
    waiting_since: Mapped[datetime | None]
    """Since when it waits this time; a conversation that comes back to the queue waits anew."""
    first_claimed_at: Mapped[datetime | None]
    """When the promise was kept; a second claim does not change it."""
    meant_for: Mapped[str] = mapped_column(String(50), default="", server_default=text("''"))
    """The agent to whom it was handed on, or is offered."""
    offered_until: Mapped[datetime | None]
    """Until when `meant_for` alone may claim it; then anybody may."""
    team: Mapped[str] = mapped_column(String(40), default="", server_default=text("''"))
    """The skill that it was handed on to; empty: that of the topic."""
    outcome: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    """How it ended: answered · handed_back · callback · no_reply · wrong_person · duplicate."""
    seen_at: Mapped[datetime | None]
    """When the agent who has it last looked: a later `last_text_at` is unread."""


class Survey(Base):
    """One question about one closed ticket, answered by number: 1 (bad) to 5 (very good)."""

    __tablename__ = "surveys"
    __table_args__ = (Index("ix_surveys_phone_id", "phone", "id"), Index("ix_surveys_asked_at", "asked_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(BigId, unique=True)
    phone: Mapped[str] = mapped_column(String(32))
    agent: Mapped[str] = mapped_column(String(50))
    asked_at: Mapped[datetime]
    score: Mapped[int | None]
    answered_at: Mapped[datetime | None]


class Callback(Base):
    """A promise to phone: the slot, and whether it was kept (A7).

    `state`: booked · cancelled · kept (reached) · missed (nobody called in the slot) · failed (called twice in vain, or
    a wrong number).
    """

    __tablename__ = "callbacks"
    __table_args__ = (
        CheckConstraint("state IN ('booked', 'cancelled', 'kept', 'missed', 'failed')", name="state"),
        Index(
            "uq_callbacks_booked",
            "phone",
            unique=True,
            sqlite_where=text("state = 'booked'"),
            postgresql_where=text("state = 'booked'"),
        ),
        Index("ix_callbacks_starts_at", "starts_at"),
        Index("ix_callbacks_phone_id", "phone", "id"),
        Index(
            "ix_callbacks_retry_at",
            "retry_at",
            sqlite_where=text("retry_at IS NOT NULL"),
            postgresql_where=text("retry_at IS NOT NULL"),
        ),
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
    agent: Mapped[str] = mapped_column(String(50), default="", server_default=text("''"))
    """Who has taken it on: empty while nobody calls."""
    tries: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Calls that reached nobody."""
    retry_at: Mapped[datetime | None]
    """When the second call begins; the slot that was promised stays as it was."""


class Call(Base):
    """One attempt to keep a callback. `outcome` is empty while it runs, and `lost` when its agent never told one.

    At most one runs for a callback, and one for an agent: the unique indexes decide, not the page.
    """

    __tablename__ = "calls"
    __table_args__ = (
        CheckConstraint("outcome IN ('', 'reached', 'no_answer', 'wrong_number', 'rebook', 'lost')", name="outcome"),
        Index("ix_calls_callback_id", "callback_id"),
        Index("ix_calls_started_at", "started_at"),
        Index(
            "uq_calls_running",
            "callback_id",
            unique=True,
            sqlite_where=text("outcome = ''"),
            postgresql_where=text("outcome = ''"),
        ),
        Index(
            "uq_calls_busy",
            "agent",
            unique=True,
            sqlite_where=text("outcome = ''"),
            postgresql_where=text("outcome = ''"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    callback_id: Mapped[int] = mapped_column(BigId)
    agent: Mapped[str] = mapped_column(String(50))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(12), default="")
