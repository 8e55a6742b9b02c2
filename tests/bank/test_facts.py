from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bank.facts import SHAPES, Misshapen, shaped
from app.bank.port import Topic

FOUND = {"available": "50000", "limit": "80000.5", "expires_on": "2027-03-31"}
OVERDUE = {"amount": "10.00", "days": "3", "autopay": "yes"}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
topics = st.sampled_from(list(SHAPES))
outcomes = st.sampled_from([outcome for shapes in SHAPES.values() for outcome in shapes])
names = st.sampled_from(["available", "limit", "expires_on", "amount", "due_on", "autopay", "balance", "days"])


def test_money_gets_its_two_decimals_and_what_the_contract_does_not_name_is_left_out() -> None:
    answer = shaped("quota", "found", {**FOUND, "id_card": "110101199003070000"})
    assert answer.facts == {"available": "50000.00", "limit": "80000.50", "expires_on": "2027-03-31"}


@pytest.mark.parametrize(
    ("topic", "outcome", "facts", "sentence"),
    [
        ("quota", "fine", {}, "an unknown outcome for quota"),
        ("quota", "due", {}, "an unknown outcome for quota"),
        ("quota", None, {}, "an unknown outcome for quota"),
        ("quota", ["found"], {}, "an unknown outcome for quota"),
        ("quota", "found", [], "facts is not an object"),
        ("quota", "found", {**FOUND, "limit": None}, "the fact limit is missing"),
        ("quota", "found", {"available": "1.00"}, "the fact limit is missing"),
        ("quota", "found", {**FOUND, "available": 50000}, "the fact available is not a string"),
        ("quota", "found", {**FOUND, "available": "-1.00"}, "the fact available is not in the form of a money"),
        ("quota", "found", {**FOUND, "available": "1,000.00"}, "the fact available is not in the form of a money"),
        ("quota", "found", {**FOUND, "available": "1e5"}, "the fact available is not in the form of a money"),
        ("quota", "found", {**FOUND, "available": "NaN"}, "the fact available is not in the form of a money"),
        ("quota", "found", {**FOUND, "available": "１00"}, "the fact available is not in the form of a money"),
        ("quota", "found", {**FOUND, "expires_on": "2027-02-30"}, "the fact expires_on is not in the form of a day"),
        ("quota", "found", {**FOUND, "expires_on": "20270331"}, "the fact expires_on is not in the form of a day"),
        ("repayment", "overdue", {**OVERDUE, "days": "0"}, "the fact days is not in the form of a count"),
        ("repayment", "overdue", {**OVERDUE, "autopay": "Yes"}, "the fact autopay is not in the form of a yes_no"),
    ],
)  # fmt: skip
def test_a_misshapen_answer_is_named_by_its_fact(topic: Topic, outcome: Any, facts: Any, sentence: str) -> None:
    with pytest.raises(Misshapen) as told:
        shaped(topic, outcome, facts)
    assert str(told.value) == sentence


@given(
    topics,
    outcomes | anything,
    st.dictionaries(names, st.sampled_from(["1", "2026-01-01", "yes"]) | anything) | anything,
)
def test_whatever_the_bank_sends_is_an_answer_or_misshapen(topic: Topic, outcome: Any, facts: Any) -> None:
    try:
        answer = shaped(topic, outcome, facts)
    except Misshapen:
        return
    assert answer.outcome in SHAPES[topic]
    assert all(isinstance(value, str) and value for value in answer.facts.values())
