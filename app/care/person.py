"""A customer, as far as programmes ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple


class Waiting(NamedTuple):
    """A text that is planned and has not left. `kind`: what caps count; `due_at` (aware): when it shall leave."""

    programme: str
    kind: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The columns of `customers.csv`, the number that texts go to, and what is known of it. Money in yuan.

    `phone` is empty without a live binding; `owners`: customers who share it. `refused`, `granted`: scopes of the
    consent ledger by their last row. `zone`: IANA, the customer's own. `events`: kind of event -> its moments, latest
    first, of the last 400 days. `had`: kind of text -> the moments at which such texts were queued this month and last,
    for the number, whoever was meant, and for the customer, at whichever number. `waiting`: texts of both that are
    planned and have not left, for whatever day.
    `planned`: occasions that the customer has already, as (programme, occasion).
    """

    customer_id: str
    phone: str = ""
    owners: int = 1
    name: str = ""
    title: str = ""
    language: str = "zh-CN"
    zone: str = "Asia/Shanghai"
    segment: str = ""
    region: str = ""
    birthday: date | None = None
    card_last4: str = ""
    credit_limit: Decimal | None = None
    available_limit: Decimal | None = None
    limit_expires_on: date | None = None
    limit_activated_on: date | None = None
    loan_product: str = ""
    loan_balance: Decimal | None = None
    amount_due: Decimal | None = None
    due_on: date | None = None
    overdue_days: int | None = None
    autopay: bool | None = None
    settled_on: date | None = None
    opened_on: date | None = None
    last_active_on: date | None = None
    info_updated_on: date | None = None
    manager_name: str = ""
    manager_phone: str = ""
    email: str = ""
    refused: frozenset[str] = frozenset()
    granted: frozenset[str] = frozenset()
    events: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    had: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    waiting: tuple[Waiting, ...] = ()
    planned: frozenset[tuple[str, str]] = frozenset()
