"""Customers, the numbers bound to them, and the ledger of their consent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base
from app.store.types import BigId

Money = Numeric(14, 2)


class Customer(Base):
    """The columns of `customers.csv` (`design.md`). Money in yuan."""

    __tablename__ = "customers"

    customer_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), default="")
    title: Mapped[str] = mapped_column(String(20), default="")
    language: Mapped[str] = mapped_column(String(10), default="")
    segment: Mapped[str] = mapped_column(String(40), default="")
    region: Mapped[str] = mapped_column(String(40), default="")
    birthday: Mapped[date | None]
    card_last4: Mapped[str] = mapped_column(String(4), default="")
    credit_limit: Mapped[Decimal | None] = mapped_column(Money)
    available_limit: Mapped[Decimal | None] = mapped_column(Money)
    limit_expires_on: Mapped[date | None]
    limit_activated_on: Mapped[date | None]
    loan_product: Mapped[str] = mapped_column(String(20), default="")
    loan_balance: Mapped[Decimal | None] = mapped_column(Money)
    amount_due: Mapped[Decimal | None] = mapped_column(Money)
    due_on: Mapped[date | None]
    overdue_days: Mapped[int | None]
    autopay: Mapped[bool | None]
    settled_on: Mapped[date | None]
    opened_on: Mapped[date | None]
    last_active_on: Mapped[date | None]
    info_updated_on: Mapped[date | None]
    manager_name: Mapped[str] = mapped_column(String(80), default="")
    manager_phone: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(254), default="")


class PhoneBinding(Base):
    """A number belongs to a customer from `bound_at` on. `ended_because`: why it no longer does (A14)."""

    __tablename__ = "phone_bindings"
    __table_args__ = (
        Index(
            "uq_phone_bindings_live",
            "phone",
            "customer_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_phone_bindings_customer_id", "customer_id"),
        Index("ix_phone_bindings_tail", text("substr(phone, length(phone) - 3)")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    phone: Mapped[str] = mapped_column(String(32))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.customer_id"))
    bound_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str] = mapped_column(String(40), default="")


class Consent(Base):
    """One row per change, never updated: the last row of a number and scope is what holds."""

    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint("scope IN ('commercial', 'reminders', 'gateway')", name="scope"),
        CheckConstraint("verdict IN ('refused', 'granted')", name="verdict"),
        Index("ix_consents_phone_scope_id", "phone", "scope", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    phone: Mapped[str] = mapped_column(String(32))
    scope: Mapped[str] = mapped_column(String(12))
    verdict: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(40))
    evidence: Mapped[str] = mapped_column(Text, default="")
    """What proves it: `inbound:17`, `receipt:21610`, `import:FILE`."""
    at: Mapped[datetime]
