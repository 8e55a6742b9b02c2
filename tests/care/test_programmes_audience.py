"""To whom a programme goes (B3): every question, of what is known and of what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.care.audience import COLUMNS, DATES, DERIVED, FACTS, TAKES, belongs, fault, value
from app.care.programme import Condition
from tests.care.people import TODAY, person

ANNA: dict[str, Any] = {
    "region": "上海",
    "segment": "owner",
    "language": "zh-CN",
    "loan_product": "business",
    "birthday": date(1990, 11, 26),
    "credit_limit": Decimal("50000.00"),
    "available_limit": Decimal("49999.99"),
    "loan_balance": Decimal("220000.00"),
    "autopay": True,
    "settled_on": date(2026, 11, 10),
    "due_on": date(2026, 12, 1),
    "last_active_on": date(2026, 5, 29),
    "opened_on": date(2025, 1, 1),
    "overdue_days": 0,
}


@pytest.mark.parametrize(
    ("fact", "op", "values", "belongs_to"),
    [
        ("region", "is", ["上海"], True),
        ("region", "in", ["北京", "上海"], True),
        ("region", "in", ["北京"], False),
        ("segment", "not_in", ["vip", "owner"], False),
        ("segment", "not_in", ["vip"], True),
        ("email", "known", [], False),
        ("email", "unknown", [], True),
        ("loan_product", "is", ["business"], True),
        ("credit_limit", "is", ["50000"], True),
        ("credit_limit", "at_least", ["50000"], True),
        ("credit_limit", "at_least", ["50000.01"], False),
        ("loan_balance", "at_most", ["220000"], True),
        ("loan_balance", "at_most", ["219999"], False),
        ("limit_used", "is", ["0.01"], True),
        ("limit_used", "at_most", ["0"], False),
        ("overdue_days", "is", ["0"], True),
        ("autopay", "is", ["yes"], True),
        ("autopay", "is", ["no"], False),
        ("autopay", "not_in", ["yes"], False),
        ("opened_on", "before", ["2025-01-02"], True),
        ("opened_on", "before", ["2025-01-01"], False),
        ("opened_on", "is", ["2025-01-01"], True),
        ("age", "is", ["35"], True),  # 36 tomorrow
        ("age", "at_least", ["36"], False),
        ("days_silent", "is", ["180"], True),
        ("days_settled_on", "at_least", ["15"], True),
        ("days_settled_on", "at_least", ["16"], False),
        ("days_due_on", "is", ["-6"], True),
    ],
)
def test_every_question_is_answered(fact: str, op: Any, values: list[str], belongs_to: bool) -> None:
    condition = Condition(fact, op, tuple(values))
    assert fault(condition) == ""
    assert belongs((condition,), TODAY)(person(**ANNA)) is belongs_to


def test_all_conditions_must_hold() -> None:
    conditions = (Condition("segment", "is", ("owner",)), Condition("region", "is", ("北京",)))
    assert not belongs(conditions, TODAY)(person(**ANNA))
    assert belongs(conditions, TODAY)(person(**ANNA | {"region": "北京"}))
    assert belongs((), TODAY)(person())


@pytest.mark.parametrize("fact", sorted(FACTS.keys() - {"customer_id"}))
def test_what_is_unknown_is_neither_equal_nor_more_nor_less(fact: str) -> None:
    nobody = replace(person(), language="", overdue_days=None)
    example = {"text": "x", "number": "0", "date": "2026-11-25", "yes_no": "no"}[FACTS[fact]]
    for op in TAKES[FACTS[fact]]:
        condition = Condition(fact, op, () if op in ("known", "unknown") else (example,))
        assert fault(condition) == ""
        assert belongs((condition,), TODAY)(nobody) is (op in ("not_in", "unknown")), op


@given(st.dates(date(1930, 1, 1), TODAY))
def test_an_age_is_in_years_that_are_over(born: date) -> None:
    age = value(person(birthday=born), "age", TODAY)
    assert isinstance(age, Decimal)
    assert (born.year + age, born.month, born.day) <= (TODAY.year, TODAY.month, TODAY.day)
    assert (born.year + age + 1, born.month, born.day) > (TODAY.year, TODAY.month, TODAY.day)


def test_the_facts_are_the_columns_of_the_customers_file_and_what_follows_from_them() -> None:
    asked = "region segment birthday age loan_product loan_balance credit_limit autopay language days_silent opened_on"
    assert set(asked.split()) <= FACTS.keys()
    assert not {"phone", "refused", "granted", "events", "had", "waiting", "planned", "zone", "owners"} & FACTS.keys()
    assert {f"days_{name}" for name in DATES} | {"age", "limit_used", "days_silent"} == DERIVED.keys()
    assert COLUMNS.keys() | DERIVED.keys() == FACTS.keys()
