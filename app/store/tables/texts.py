"""Texts in both directions, and what the gateway said of them.

On PostgreSQL messages and receipts are partitioned by month (`store/months.py`): an id begins with its month there, and
a unique index without the id lives on each partition, where migrations and `store/months.py` make it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base
from app.store.types import BigId

INBOUND_STATES = ("taken", "waiting", "failed")
MESSAGE_STATES = ("queued", "sending", "handed", "unsettled", "failed", "withheld", "withdrawn")


class Inbound(Base):
    """A text as it came, with card numbers and passwords masked. Its unique gateway id makes it take effect once.

    `state`: taken · waiting (stored alone, its turn comes later) · failed (three times; a ticket has the reason).
    """

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("gateway", "gateway_id"),
        CheckConstraint(f"state IN {INBOUND_STATES}", name="state"),
        Index("ix_inbound_phone_id", "phone", "id"),
        Index(
            "ix_inbound_waiting",
            "phone",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    gateway: Mapped[str] = mapped_column(String(20))
    gateway_id: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(32))
    recipient: Mapped[str] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(Text)
    media: Mapped[int]
    keyword: Mapped[str] = mapped_column(String(5), default="")
    raw: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(200), default="")


class Message(Base):
    """A text of ours: outbox row first, history afterwards.

    `state` is the outbox's: queued → sending → handed (the gateway has it) | unsettled (nobody knows, law 7) | failed;
    withheld and withdrawn never left, with the reason. `status` is the delivery rank and never falls (law 8).
    """

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint(f"state IN {MESSAGE_STATES}", name="state"),
        Index("ix_messages_phone_id", "phone", "id"),
        Index(
            "ix_messages_commercial",
            "phone",
            "id",
            sqlite_where=text("purpose = 'commercial'"),
            postgresql_where=text("purpose = 'commercial'"),
        ),
        Index(
            "ix_messages_outbox",
            "lane",
            "due_at",
            "id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_messages_open",
            "phone",
            "lane",
            "id",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
        Index(
            "ix_messages_unsettled",
            "lease_until",
            sqlite_where=text("state IN ('sending', 'unsettled')"),
            postgresql_where=text("state IN ('sending', 'unsettled')"),
        ),
        Index(
            "uq_messages_gateway_id",
            "gateway",
            "gateway_id",
            unique=True,
            sqlite_where=text("gateway_id IS NOT NULL"),
            postgresql_where=text("gateway_id IS NOT NULL"),
        ).ddl_if(dialect="sqlite"),
        {"postgresql_partition_by": "RANGE (id)"},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    phone: Mapped[str] = mapped_column(String(32))
    purpose: Mapped[str] = mapped_column(String(12))
    lane: Mapped[int]
    template: Mapped[str] = mapped_column(String(120))
    """Keys of the texts it was made of, `+` between them."""
    body: Mapped[str] = mapped_column(Text)
    parts: Mapped[int]
    code_id: Mapped[int | None] = mapped_column(BigId)
    """The one-time code that goes into the body while the text leaves."""
    figures: Mapped[bool] = mapped_column(default=False)
    inbound_id: Mapped[int | None] = mapped_column(BigId)
    """The text that it answers."""
    author: Mapped[str] = mapped_column(String(60), default="bot")
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    gateway: Mapped[str | None] = mapped_column(String(20))
    gateway_id: Mapped[str | None] = mapped_column(String(80))
    status: Mapped[int] = mapped_column(default=-1)
    """`gateways.port.Status`, -1 before the gateway has it."""
    error_code: Mapped[str | None] = mapped_column(String(20))
    conflict: Mapped[bool] = mapped_column(default=False)
    """Two final statuses came that contradict each other; the first one stands."""
    handed_at: Mapped[datetime | None]
    status_at: Mapped[datetime | None]


class Receipt(Base):
    """Every status callback, kept. `message_id` is empty while nobody knows whose it is."""

    __tablename__ = "receipts"
    __table_args__ = (
        UniqueConstraint("gateway", "gateway_id", "status", "error_code").ddl_if(dialect="sqlite"),
        Index("ix_receipts_message_id", "message_id"),
        {"postgresql_partition_by": "RANGE (id)"},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    gateway: Mapped[str] = mapped_column(String(20))
    gateway_id: Mapped[str] = mapped_column(String(80))
    message_id: Mapped[int | None] = mapped_column(BigId)
    status: Mapped[int]
    error_code: Mapped[str] = mapped_column(String(20), default="")
    raw: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
