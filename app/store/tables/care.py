"""Texts that start conversations: templates, planned occasions, links, events, and what came back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base
from app.store.types import BigId

TEMPLATE_STATES = ("draft", "approved", "replaced", "rejected", "retired")
OCCASION_STATES = ("planned", "queued", "held")
ANNOYED = text("meaning IN ('refused', 'complained')")  # of a Response; said otherwise, its index is not taken


class TemplateVersion(Base):
    """A text of a programme as somebody wrote it; never changed but for its verdict. Version 0 is the release's own and
    stands in a file. `state`: draft → approved (by somebody else than the author) → replaced (by the next approved one)
    or retired (nothing leaves) | draft → rejected."""

    __tablename__ = "template_versions"
    __table_args__ = (
        UniqueConstraint("template", "language", "version"),
        CheckConstraint(f"state IN {TEMPLATE_STATES}", name="state"),
        Index(
            "uq_template_versions_approved",
            "template",
            "language",
            unique=True,
            sqlite_where=text("state = 'approved'"),
            postgresql_where=text("state = 'approved'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    template: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    """What a file has for it: `app.care.template.Template` as plain data."""
    state: Mapped[str] = mapped_column(String(8))
    author: Mapped[str] = mapped_column(String(50))
    written_at: Mapped[datetime]
    judged_by: Mapped[str] = mapped_column(String(50), default="")
    judged_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was rejected or retired."""


class PlanRun(Base):
    """One run of the planner over all customers, in their order. Whoever dies leaves the `cursor`: the next goes on."""

    __tablename__ = "plan_runs"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'done', 'failed')", name="state"),
        Index("ix_plan_runs_state", "state"),
        UniqueConstraint("day", "scope"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    day: Mapped[date]
    """The bank's day that is planned."""
    scope: Mapped[str] = mapped_column(String(60), default="")
    """A programme, when one is planned by itself; empty for all that are on."""
    state: Mapped[str] = mapped_column(String(7))
    cursor: Mapped[str] = mapped_column(String(64), default="")
    """The last customer who was planned, by id."""
    seen: Mapped[int] = mapped_column(default=0)
    planned: Mapped[int] = mapped_column(default=0)
    reasons: Mapped[dict[str, Any]]
    """How often each reason not to plan was met, by programme: `{"birthday": {"no_consent": 17}}`."""
    asked_by: Mapped[str] = mapped_column(String(50))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]


class Occasion(Base):
    """A programme's text for one customer and one occasion: at most one, however often the planner runs or dies.

    `state`: planned (waits for its slot) → queued (`message_id` is in the outbox) | held (never left; `reason`).
    """

    __tablename__ = "occasions"
    __table_args__ = (
        UniqueConstraint("programme", "customer_id", "occasion"),
        CheckConstraint(f"state IN {OCCASION_STATES}", name="state"),
        Index(
            "ix_occasions_planned",
            "programme",
            "due_at",
            "id",
            sqlite_where=text("state = 'planned'"),
            postgresql_where=text("state = 'planned'"),
        ),
        Index("ix_occasions_phone_id", "phone", "id"),
        Index("ix_occasions_programme_due_at", "programme", "due_at"),
        Index(
            "uq_occasions_message_id",
            "message_id",
            unique=True,
            sqlite_where=text("message_id IS NOT NULL"),
            postgresql_where=text("message_id IS NOT NULL"),
        ),
        Index(
            "ix_occasions_programme_queued_at",
            "programme",
            "queued_at",
            sqlite_where=text("queued_at IS NOT NULL"),
            postgresql_where=text("queued_at IS NOT NULL"),
        ),
        Index(
            "ix_occasions_queued_at",
            "queued_at",
            sqlite_where=text("queued_at IS NOT NULL"),
            postgresql_where=text("queued_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    programme: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str] = mapped_column(String(32))
    occasion: Mapped[str] = mapped_column(String(60))
    """What makes it one of a kind: `2026-11-30`, `settled:2026-11-01`, `event:17`; a second text adds `+2`."""
    run_id: Mapped[int | None] = mapped_column(BigId)
    template: Mapped[str] = mapped_column(String(60))
    variant: Mapped[str] = mapped_column(String(20), default="")
    """The arm of an A/B test; empty without one."""
    version: Mapped[int | None]
    """Of the template as it was rendered."""
    language: Mapped[str] = mapped_column(String(10))
    purpose: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(10))
    """What caps count: care · product · activity · service · festival."""
    segment: Mapped[str] = mapped_column(String(40), default="")
    priority: Mapped[int] = mapped_column(default=0)
    zone: Mapped[str] = mapped_column(String(40), default="")
    """The customer's, IANA; empty: the bank's."""
    state: Mapped[str] = mapped_column(String(7))
    reason: Mapped[str] = mapped_column(String(40), default="")
    """Of `app.care.reasons`: why it is held."""
    given: Mapped[dict[str, Any]]
    """Of the event that led to it, for placeholders; the customer's own are read when it leaves."""
    menu: Mapped[dict[str, Any]]
    """What an answer to it means, as it was told: `app.care.menu`."""
    due_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    """When its window ends: later it is stale and is held."""
    planned_at: Mapped[datetime]
    queued_at: Mapped[datetime | None]
    message_id: Mapped[int | None] = mapped_column(BigId)
    first_id: Mapped[int | None] = mapped_column(BigId)
    """Of a second text: the occasion whose link was not followed."""


class Link(Base):
    """A short link. `code` is unguessable, or the constant one of a template that its route demands."""

    __tablename__ = "links"
    __table_args__ = (Index("ix_links_occasion_id", "occasion_id"),)

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    target: Mapped[str] = mapped_column(Text)
    occasion_id: Mapped[int | None] = mapped_column(BigId)
    template: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    followed_at: Mapped[datetime | None]
    """When a person first followed it."""


class Visit(Base):
    """Somebody opened a short link. `kind`: person · preview (a messenger's picture of the page) · bot · expired."""

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint("kind IN ('person', 'preview', 'bot', 'expired')", name="kind"),
        Index("ix_visits_code_id", "code", "id"),
        Index("ix_visits_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(7))
    reader: Mapped[str] = mapped_column(String(80), default="")
    """What asked, by family: `Mobile Safari`, `WhatsApp`."""


class CustomerEvent(Base):
    """What a customer did elsewhere: a page seen, a calculator used, an appointment missed, a contract signed."""

    __tablename__ = "customer_events"
    __table_args__ = (
        UniqueConstraint("event_key"),
        Index("ix_customer_events_customer_kind_at", "customer_id", "kind", "at"),
        Index("ix_customer_events_kind_at", "kind", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_key: Mapped[str] = mapped_column(String(120))
    """The sender's idempotency key: the same one twice is one event."""
    customer_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    detail: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(60), default="")
    """Whose token, or which file."""


class Response(Base):
    """A customer's text that answers one of ours. `confidence`: 1 when no other text can be meant, down to 0."""

    __tablename__ = "responses"
    __table_args__ = (
        UniqueConstraint("inbound_id"),
        Index("ix_responses_occasion_id", "occasion_id"),
        Index("ix_responses_at", "at"),
        Index("ix_responses_annoyed", "at", sqlite_where=ANNOYED, postgresql_where=ANNOYED),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    inbound_id: Mapped[int] = mapped_column(BigId)
    occasion_id: Mapped[int] = mapped_column(BigId)
    phone: Mapped[str] = mapped_column(String(32))
    meaning: Mapped[str] = mapped_column(String(20))
    """chosen (of its menu) · agreed · asked · refused · complained · person · other."""
    choice: Mapped[str] = mapped_column(String(40), default="")
    confidence: Mapped[float]
    at: Mapped[datetime]


class Companion(Base):
    """What goes beside a text by another channel (A13). A `confirmation` is answered by that channel's own webhook."""

    __tablename__ = "companions"
    __table_args__ = (
        CheckConstraint("channel IN ('email', 'second')", name="channel"),
        CheckConstraint("state IN ('queued', 'sending', 'sent', 'confirmed', 'declined', 'failed')", name="state"),
        UniqueConstraint("token"),
        Index("ix_companions_message_id", "message_id"),
        Index(
            "ix_companions_due_at",
            "due_at",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    phone: Mapped[str] = mapped_column(String(32))
    customer_id: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(6))
    subject: Mapped[str] = mapped_column(String(80))
    """`guide:draw`, or `template:vip_offer` of which facts are confirmed."""
    message_id: Mapped[int | None] = mapped_column(BigId)
    token: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(10))
    detail: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(9))
    reason: Mapped[str] = mapped_column(String(80), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class SenderNumber(Base):
    """A number that the bank sends from, as it is on file with the authority (B9)."""

    __tablename__ = "sender_numbers"

    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    registered_to: Mapped[str] = mapped_column(String(120))
    registration: Mapped[str] = mapped_column(String(80))
    valid_from: Mapped[date | None]
    expires_on: Mapped[date | None]
    recorded_by: Mapped[str] = mapped_column(String(50))
    recorded_at: Mapped[datetime]


class SelfCheck(Base):
    """What a self-check found (B9). `verdict`: good · warnings · bad."""

    __tablename__ = "self_checks"
    __table_args__ = (CheckConstraint("verdict IN ('good', 'warnings', 'bad')", name="verdict"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(50))
    verdict: Mapped[str] = mapped_column(String(8))
    findings: Mapped[dict[str, Any]]
