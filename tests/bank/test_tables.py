"""Rows that no bank should send, and what our tables make of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from app.bank.port import Answer, BankDown, Question, Topic
from app.bank.tables import Row, TableBank
from tests.bank.customers import IN_OUR_TABLES, TODAY

WHOLE = IN_OUR_TABLES["C-whole"]


def answer(topic: Topic, row: Row, today: date = TODAY) -> Answer:
    return TableBank({"C": row}.get, lambda: today).answer(Question(topic, "C"))


@pytest.mark.parametrize(
    ("topic", "row", "fault"),
    [
        ("quota", {**WHOLE, "available_limit": None}, "available is missing"),
        ("quota", {**WHOLE, "available_limit": Decimal("-1")}, "available_limit is not an amount"),
        ("quota", {**WHOLE, "available_limit": 0.1}, "available_limit is not an amount"),
        ("quota", {**WHOLE, "credit_limit": "80.000,00"}, "credit_limit is not an amount"),
        ("quota", {**WHOLE, "credit_limit": Decimal("NaN")}, "credit_limit is not an amount"),
        ("quota", {**WHOLE, "credit_limit": "1.005"}, "credit_limit is not an amount"),
        ("quota", {**WHOLE, "limit_expires_on": "31.3.2027"}, "limit_expires_on is not a date"),
        ("repayment", {**WHOLE, "due_on": None}, "due_on is missing"),
        ("repayment", {**WHOLE, "overdue_days": "many"}, "overdue_days is not a number"),
    ],
)  # fmt: skip
def test_no_figure_is_guessed_from_a_row_that_is_not_whole(topic: Topic, row: Row, fault: str) -> None:
    with pytest.raises(BankDown, match=f"^the customer's row is incomplete: (the fact )?{fault}$"):
        answer(topic, row)


def test_a_limit_without_an_end_is_found_without_one() -> None:
    assert answer("quota", {**WHOLE, "limit_expires_on": ""}).facts == {
        "available": "50000.00",
        "limit": "80000.00",
    }


def test_a_limit_of_zero_is_none() -> None:
    assert answer("quota", {**WHOLE, "credit_limit": "0.00"}) == Answer("none")


def test_when_the_file_is_older_than_the_due_date_the_calendar_counts_the_days() -> None:
    told = answer("repayment", {**WHOLE, "overdue_days": 0}, today=date(2026, 6, 28))
    assert (told.outcome, told.facts["days"]) == ("overdue", "3")
    told = answer("repayment", {**WHOLE, "due_on": None, "overdue_days": 12})
    assert (told.outcome, told.facts["days"]) == ("overdue", "12")


def test_overdue_without_an_amount_is_nothing() -> None:
    assert answer("repayment", {**WHOLE, "amount_due": Decimal("0.00"), "overdue_days": 3}) == Answer("nothing")


def test_a_moment_counts_as_its_day() -> None:
    told = answer("repayment", {**WHOLE, "due_on": datetime(2026, 6, 25, 23, 59)})  # noqa: DTZ001
    assert told.facts["due_on"] == "2026-06-25"


def test_a_card_without_a_number_on_file_is_never_the_one_that_was_named() -> None:
    bank = TableBank({"C": {**WHOLE, "card_last4": None}}.get, lambda: TODAY)
    assert bank.answer(Question("quota", "C", last4="8000")) == Answer("other_card")
