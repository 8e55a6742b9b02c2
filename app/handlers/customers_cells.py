"""What may stand in a cell of `customers.csv`, column by column (`design.md`, contracts)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from app.rules.phone_numbers import e164

Value = str | int | bool | date | Decimal | None
Reader = Callable[[str], Value]
"""From a cell without outer spaces to a typed value. Raises ValueError with a reason that does not repeat the cell:
reasons are printed and logged, and cells are personal data."""

PRODUCTS = ("consumer", "business", "mortgage", "car")
LANGUAGES = ("zh-CN", "en")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YUAN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]")
_OLDEST, _LATEST = date(1900, 1, 1), date(2199, 12, 31)


def text(longest: int) -> Reader:
    def read(cell: str) -> str:
        if len(cell) > longest:
            raise ValueError(f"is longer than {longest} characters")
        if _UNSEEN.search(cell):
            raise ValueError("has a character that cannot be seen")
        return cell

    return read


def one_of(*words: str) -> Reader:
    known = {word.lower(): word for word in words}

    def read(cell: str) -> str:
        if cell and cell.lower() not in known:
            raise ValueError(f"must be {', '.join(words[:-1])} or {words[-1]}")
        return known.get(cell.lower(), "")

    return read


def yuan(cell: str) -> Decimal | None:
    if not cell:
        return None
    if not _YUAN.fullmatch(cell):
        raise ValueError("must be an amount in yuan like 5360.00, without separators and unit")
    amount = Decimal(cell)
    if amount < 0:
        raise ValueError("must not be below zero")
    if amount >= 10**12:
        raise ValueError("must be below a trillion")
    rounded = amount.quantize(Decimal("0.01"))
    if rounded != amount:
        raise ValueError("must have at most two decimals")
    return rounded


def day(cell: str) -> date | None:
    if not cell:
        return None
    if not _DAY.fullmatch(cell):
        raise ValueError("must be a date like 2027-03-31")
    try:
        found = date.fromisoformat(cell)
    except ValueError:
        raise ValueError("is a day that does not exist") from None
    if not _OLDEST <= found <= _LATEST:
        raise ValueError("must lie between 1900 and 2199")
    return found


def days(cell: str) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"[0-9]{1,5}", cell):
        raise ValueError("must be a number of days")
    return int(cell)


def yes_no(cell: str) -> bool | None:
    if not cell:
        return None
    if cell.lower() not in {"yes", "no"}:
        raise ValueError("must be yes or no")
    return cell.lower() == "yes"


def last4(cell: str) -> str:
    if cell and not re.fullmatch(r"[0-9]{4}", cell):
        raise ValueError("must have four digits; spreadsheets drop leading zeros")
    return cell


def mail(cell: str) -> str:
    if cell and not _MAIL.fullmatch(text(254)(cell)):  # type: ignore[arg-type]
        raise ValueError("is not an e-mail address")
    return cell


def telephone(cell: str) -> str:
    """A manager's number may be a hotline or an extension: it is shown, never dialled by us."""
    if cell and not re.fullmatch(r"\+?[0-9][0-9 -]{2,18}", cell):
        raise ValueError("is not a phone number")
    return cell


def identity(cell: str) -> str:
    if not cell:
        raise ValueError("is empty")
    if re.search(r"\s", cell):
        raise ValueError("must have no spaces")
    return text(64)(cell)  # type: ignore[return-value]


def number(cell: str) -> str:
    if not cell:
        raise ValueError("is empty")
    return e164(cell)


KEYS: Mapping[str, Reader] = {"phone": number, "customer_id": identity}

FACTS: Mapping[str, Reader] = {
    "name": text(80),
    "title": text(20),
    "language": one_of(*LANGUAGES),
    "segment": text(40),
    "region": text(40),
    "birthday": day,
    "card_last4": last4,
    "credit_limit": yuan,
    "available_limit": yuan,
    "limit_expires_on": day,
    "limit_activated_on": day,
    "loan_product": one_of(*PRODUCTS),
    "loan_balance": yuan,
    "amount_due": yuan,
    "due_on": day,
    "overdue_days": days,
    "autopay": yes_no,
    "settled_on": day,
    "opened_on": day,
    "last_active_on": day,
    "info_updated_on": day,
    "manager_name": text(80),
    "manager_phone": telephone,
    "email": mail,
}
"""Columns of the customers' table."""

CONSENT: Mapping[str, Reader] = {
    "marketing_consent": one_of("yes", "no", "unknown"),
    "consent_source": text(60),
}
"""Columns that speak to the consent ledger."""

READERS: Mapping[str, Reader] = {**KEYS, **FACTS, **CONSENT}
