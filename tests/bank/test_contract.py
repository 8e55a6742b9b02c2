"""What every adapter of the bank port does, whatever stands behind it."""

from __future__ import annotations

import pytest

from app.bank.facts import SHAPES, shaped
from app.bank.port import Answer, Bank, BankDown, Question


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (
            Question("quota", "C-whole"),
            Answer("found", {"available": "50000.00", "limit": "80000.00", "expires_on": "2027-03-31"}),
        ),
        (Question("quota", "C-late"), Answer("expired", {"limit": "20000.00", "expires_on": "2026-06-09"})),
        (
            Question("quota", "C-today"),  # the last day is still a valid one
            Answer("found", {"available": "0.00", "limit": "10000.00", "expires_on": "2026-06-10"}),
        ),
        (Question("quota", "C-nothing"), Answer("none")),
        (
            Question("repayment", "C-whole"),
            Answer("due", {"amount": "5360.00", "due_on": "2026-06-25", "autopay": "yes", "balance": "42000.00"}),
        ),
        (
            Question("repayment", "C-today"),
            Answer("due", {"amount": "99.99", "due_on": "2026-06-10", "autopay": "no"}),
        ),
        (
            Question("repayment", "C-late"),
            Answer("overdue", {"amount": "1280.50", "days": "7", "autopay": "no"}),
        ),
        (Question("repayment", "C-nothing"), Answer("nothing")),
        (
            Question("quota", "C-late", last4="0042"),
            Answer("expired", {"limit": "20000.00", "expires_on": "2026-06-09"}),
        ),
        (Question("quota", "C-late", last4="42"), Answer("other_card")),
        (Question("repayment", "C-whole", last4="1234"), Answer("other_card")),
    ],
)  # fmt: skip
def test_the_answer(bank: Bank, question: Question, answer: Answer) -> None:
    assert bank.answer(question) == answer


def test_the_answer_is_in_the_shape_that_the_flows_were_promised(bank: Bank) -> None:
    for customer in ("C-whole", "C-late", "C-today", "C-nothing"):
        for topic in SHAPES:
            answer = bank.answer(Question(topic, customer))
            assert shaped(topic, answer.outcome, answer.facts) == answer


def test_a_customer_that_the_bank_does_not_know_is_no_answer_and_not_told_in_the_reason(bank: Bank) -> None:
    with pytest.raises(BankDown) as told:
        bank.answer(Question("quota", "C-13800138000", last4="8000"))
    assert "138001" not in str(told.value) and "8000" not in str(told.value).split("(request")[0]


def test_an_unknown_customer_does_not_shut_out_the_others(bank: Bank) -> None:
    for _ in range(20):
        with pytest.raises(BankDown):
            bank.answer(Question("quota", "C-nobody"))
    assert bank.answer(Question("quota", "C-nothing")) == Answer("none")
