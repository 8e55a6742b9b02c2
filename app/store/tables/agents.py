"""The bank's people at the console: who they are, what they wrote, and what they did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base
from app.store.types import BigId

ROLES = ("agent", "supervisor", "operator", "auditor")


class Agent(Base):
    """A person who signs in. `name` is unique, never changes, and is what tickets and texts are signed with.

    `totp_nonce`: the second factor's secret is derived from it and the service's key, and stands in no row.
    `epoch` is raised to end every session. `alive_until`: while the console hears of an open page of theirs.
    """

    __tablename__ = "agents"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint(f"role IN {ROLES}", name="role"),
        CheckConstraint("status IN ('available', 'away')", name="status"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    role: Mapped[str] = mapped_column(String(10))
    password: Mapped[str] = mapped_column(String(200))
    """An argon2id digest."""
    must_change: Mapped[bool] = mapped_column(default=False)
    totp_nonce: Mapped[str] = mapped_column(String(64), default="")
    totp_step: Mapped[int] = mapped_column(BigId, default=0)
    """The last time step whose code was taken: none is taken twice (RFC 6238, 5.2)."""
    totp_since: Mapped[datetime | None]
    """When the second factor was proven; empty while there is none."""
    epoch: Mapped[int] = mapped_column(default=0)
    wrong: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]
    skills: Mapped[str] = mapped_column(String(200), default="")
    """Topics, commas between them; empty: all."""
    languages: Mapped[str] = mapped_column(String(40), default="")
    """As skills."""
    most_open: Mapped[int] = mapped_column(default=4)
    status: Mapped[str] = mapped_column(String(9), default="away")
    idle_since: Mapped[datetime | None]
    """When the last conversation ended: who waits longest is offered the next."""
    alive_until: Mapped[datetime | None]
    interface: Mapped[str] = mapped_column(String(10), default="")
    """Language of the pages: zh-CN or en; empty: as the browser asks."""
    theme: Mapped[str] = mapped_column(String(5), default="auto")


class Presence(Base):
    """Who looks at a ticket, and until when they are taken to type. Rows live for a minute."""

    __tablename__ = "presence"

    ticket_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agent: Mapped[str] = mapped_column(String(50), primary_key=True)
    looking_until: Mapped[datetime]
    typing_until: Mapped[datetime | None]


class Note(Base):
    """What agents tell each other about a customer; never sent."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_phone_id", "phone", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    phone: Mapped[str] = mapped_column(String(32))
    ticket_id: Mapped[int | None] = mapped_column(BigId)
    agent: Mapped[str] = mapped_column(String(50))
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class Audit(Base):
    """What somebody did, written in the transaction that did it. Never updated, never deleted by the service.

    `subject` names a row (`ticket:17`, `agent:3`); `detail` holds ids and words of our own, never bodies (law 11).
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_at_id", "at", "id"),
        Index("ix_audit_actor_id", "actor", "id"),
        Index("ix_audit_subject_id", "subject", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80), default="")
    detail: Mapped[dict[str, Any]]
    address: Mapped[str] = mapped_column(String(45), default="")
    """Where the request came from."""


class ConsoleEvent(Base):
    """Something that open pages must hear of, written in the transaction that did it. Kept for a day."""

    __tablename__ = "console_events"
    __table_args__ = (Index("ix_console_events_at", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    """ticket · talk · presence · agents · callbacks · settings: what changed, see `store/events.py`."""
    ticket_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[datetime]


class CannedReply(Base):
    """Words that an agent can send as they are, with placeholders; operators write them. An empty `body` takes a
    shipped reply out (`store/canned.py`)."""

    __tablename__ = "canned_replies"
    __table_args__ = (UniqueConstraint("shortcut", "language"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shortcut: Mapped[str] = mapped_column(String(30))
    language: Mapped[str] = mapped_column(String(10))
    topic: Mapped[str] = mapped_column(String(40), default="")
    body: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(String(50))
    written_at: Mapped[datetime]


class Option(Base):
    """What the bank's people set while the service runs, by name; `handlers/options.py` gives the meanings."""

    __tablename__ = "options"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[dict[str, Any]]
    set_by: Mapped[str] = mapped_column(String(50))
    set_at: Mapped[datetime]
