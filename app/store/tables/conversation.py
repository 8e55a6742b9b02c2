"""The conversation, and what it waits for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base
from app.store.types import BigId


class Conversation(Base):
    """One row per number; locking it is what makes a customer's texts take effect one at a time (law 3)."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index(
            "ix_conversations_silence_at",
            "silence_at",
            sqlite_where=text("silence_at IS NOT NULL"),
            postgresql_where=text("silence_at IS NOT NULL"),
        ),
        Index("ix_conversations_flow_step", "flow", "step"),
        Index("ix_conversations_tail", text("substr(phone, length(phone) - 3)")),
    )

    phone: Mapped[str] = mapped_column(String(32), primary_key=True)
    language: Mapped[str] = mapped_column(String(10))
    flow: Mapped[str] = mapped_column(String(40), default="")
    step: Mapped[str] = mapped_column(String(40), default="")
    flow_version: Mapped[int] = mapped_column(default=0)
    memory: Mapped[dict[str, Any]]
    """Slots, interrupted flows, tries and loop guards: `store/conversations.py` writes and reads it."""
    owner: Mapped[str] = mapped_column(String(60), default="bot")
    verified_until: Mapped[datetime | None]
    silence_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime]


class BankQuestion(Base):
    """A question for the bank, asked by the worker with no transaction open (law 9)."""

    __tablename__ = "bank_questions"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'answered', 'failed')", name="state"),
        Index(
            "ix_bank_questions_open",
            "due_at",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_bank_questions_phone", "phone"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    phone: Mapped[str] = mapped_column(String(32))
    question: Mapped[str] = mapped_column(String(40))
    token: Mapped[int]
    customer_id: Mapped[str] = mapped_column(String(64))
    last4: Mapped[str] = mapped_column(String(4), default="")
    state: Mapped[str] = mapped_column(String(8))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(200), default="")


class Timer(Base):
    """Something that is due later and is no silence: a promise to pick up, a reminder of a callback."""

    __tablename__ = "timers"
    __table_args__ = (UniqueConstraint("name", "subject"), Index("ix_timers_due_at", "due_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    phone: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(40))
    subject: Mapped[int] = mapped_column(BigId)
    """Id of the ticket or callback that it is about."""
    due_at: Mapped[datetime]


class OneTimeCode(Base):
    """A code is derived from `nonce` and the secret key, and stands in no row; `digest` checks it (A11)."""

    __tablename__ = "one_time_codes"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'used', 'locked', 'replaced', 'expired')", name="state"),
        Index("ix_one_time_codes_phone_id", "phone", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    phone: Mapped[str] = mapped_column(String(32))
    customer_id: Mapped[str] = mapped_column(String(64))
    nonce: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    digits: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    wrong: Mapped[int] = mapped_column(default=0)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class Trace(Base):
    """Why a turn went as it did: ids, words of our own and scores, never a body or a number (law 11)."""

    __tablename__ = "trace"
    __table_args__ = (Index("ix_trace_phone_id", "phone", "id"), Index("ix_trace_inbound_id", "inbound_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    phone: Mapped[str] = mapped_column(String(32))
    inbound_id: Mapped[int | None] = mapped_column(BigId)
    event: Mapped[str] = mapped_column(String(20))
    detail: Mapped[dict[str, Any]]
    at: Mapped[datetime]
