"""What we may ask the bank, and the shapes of its answers (`docs/connect-your-bank.md`).

An answer is plain data so that it can wait in a row: strings, with money as decimal yuan and dates as ISO.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

Topic = Literal["quota", "repayment"]


class BankDown(Exception):
    """The bank did not answer in time, answered nonsense, or the circuit to it is open. Nothing is known."""


@dataclass(frozen=True, slots=True)
class Question:
    """`last4` narrows the question to one card when the customer named one."""

    topic: Topic
    customer_id: str
    last4: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`outcome` is a word that a flow moves on; `facts` are strings for the text.

    quota:     `found` {available, limit, expires_on?} · `expired` {limit, expires_on} · `none` {}
    repayment: `due` {amount, due_on, autopay, balance?} · `overdue` {amount, days, autopay} · `nothing` {}
    any topic: `other_card` {} when `last4` is not a card of this customer
    """

    outcome: str
    facts: Mapping[str, str] = field(default_factory=dict)


class Bank(Protocol):
    def answer(self, question: Question) -> Answer:
        """Raises `BankDown`. May use the network: no transaction is open when it is called (law 9)."""
