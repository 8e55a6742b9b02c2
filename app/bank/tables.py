"""What the bank knows, from our own customer rows: for a bank that sends files instead of answering questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from app.bank.facts import Misshapen, shaped
from app.bank.port import Answer, BankDown, Question

Row = Mapping[str, object]


class TableBank:
    """`find` gives a customer's row by id, with the columns of `customers.csv`, or None; `today` the bank's date.

    Values may be typed (Decimal, date, int, bool) or text as in the file; empty and missing are the same.
    """

    def __init__(self, find: Callable[[str], Row | None], today: Callable[[], date]) -> None:
        self._find = find
        self._today = today

    def answer(self, question: Question) -> Answer:
        """Raises `BankDown` when there is no such customer, or the row contradicts itself: no figure is guessed."""
        row = self._find(question.customer_id)
        if row is None:
            raise BankDown("no such customer in the tables")
        try:
            outcome, facts = self._look(row, question)
            told = {name: value for name, value in facts.items() if value is not None}
            return shaped(question.topic, outcome, told)
        except Misshapen as fault:
            raise BankDown(f"the customer's row is incomplete: {fault}") from None

    def _look(self, row: Row, question: Question) -> tuple[str, dict[str, str | None]]:
        if question.last4 is not None and question.last4 != _text(row, "card_last4"):
            return "other_card", {}
        return self._quota(row) if question.topic == "quota" else self._repayment(row)

    def _quota(self, row: Row) -> tuple[str, dict[str, str | None]]:
        limit = _money(row, "credit_limit")
        if not limit:
            return "none", {}
        expires = _day(row, "limit_expires_on")
        facts = {"limit": str(limit), "expires_on": expires.isoformat() if expires else None}
        if expires and expires < self._today():
            return "expired", facts
        available = _money(row, "available_limit")
        return "found", {**facts, "available": None if available is None else str(available)}

    def _repayment(self, row: Row) -> tuple[str, dict[str, str | None]]:
        amount = _money(row, "amount_due")
        if not amount:
            return "nothing", {}
        due = _day(row, "due_on")
        facts = {"amount": str(amount), "autopay": "yes" if _text(row, "autopay") in {"yes", "True"} else "no"}
        # The file may be older than the due date: then the calendar knows better than its column.
        days = max(_number(row, "overdue_days"), (self._today() - due).days if due else 0)
        if days > 0:
            return "overdue", {**facts, "days": str(days)}
        balance = _money(row, "loan_balance")
        return "due", {
            **facts,
            "due_on": due.isoformat() if due else None,
            "balance": str(balance) if balance else None,
        }


def _text(row: Row, column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value).strip()


def _money(row: Row, column: str) -> Decimal | None:
    """Yuan, or None when the column is empty. A float is refused: it has already lost what a figure needs."""
    text = _text(row, column)
    if not text:
        return None
    try:
        amount = Decimal(text)
        rounded = amount.quantize(Decimal("0.01"))
    except InvalidOperation:
        raise Misshapen(f"{column} is not an amount") from None
    if isinstance(row[column], float) or amount != rounded or amount < 0:
        raise Misshapen(f"{column} is not an amount")
    return rounded


def _day(row: Row, column: str) -> date | None:
    value = row.get(column)
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _text(row, column)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Misshapen(f"{column} is not a date") from None


def _number(row: Row, column: str) -> int:
    text = _text(row, column)
    try:
        return int(text) if text else 0
    except ValueError:
        raise Misshapen(f"{column} is not a number") from None
