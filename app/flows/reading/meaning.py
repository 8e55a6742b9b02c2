"""What a text can mean, and the facts that reading needs beside the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Meaning = Literal[
    "opt_out", "opt_in", "quota_query", "renew_limit", "repayment_how", "repayment_amount", "repayment_date",
    "early_repayment", "overdue_negotiate", "already_paid", "promise_to_pay", "rate_question", "campaign_interest",
    "status_of_application", "close_product", "callback_request", "human_agent", "complaint", "wrong_person",
    "who_are_you", "fraud_suspect", "code_not_received", "otp_code", "number_choice", "yes", "no", "thanks_ack",
    "greeting", "help", "info_update", "mail_steps", "auto_reply", "echo", "secret_sent", "empty", "out_of_scope",
]  # fmt: skip
"""The 29 meanings of `domain.md`, and seven that only the service needs: `help` (帮助, 菜单), `info_update` (A12),
`mail_steps` (the picture guide by e-mail, A13),
`auto_reply` (a machine answered), `echo` (our own words came back), `secret_sent` (a card number or password),
`empty` (no words at all: blank, picture only)."""

Wanted = Literal["commercial", "reminders", "all"]
"""What a refusal names: offers, unless it says more; reminders alone, of somebody to whom offers are welcome; both."""

Expects = Literal["nothing", "choice", "yes_no", "code", "when", "date", "last4", "free"]


@dataclass(frozen=True, slots=True)
class Option:
    """One numbered answer of an open question: `key` is what the prompt shows ("1", "0", "G"), `words` are
    other ways to say it (the label, synonyms), already in the customer's language."""

    name: str
    key: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is known when a text is read: the open question, and the moment (aware, in the customer's zone)."""

    now: datetime
    language: str = "zh-CN"
    expects: Expects = "nothing"
    options: tuple[Option, ...] = ()
    refusal_words: frozenset[str] = frozenset()
    """Bare letters that a commercial text of the last 30 days told this customer to refuse with (T, R, N, 0000)."""
    last_said: str = ""
    """Our last text to the customer, to tell an echo or a quotation from the customer's own words."""
    code_digits: int = 0
    """Digits of the codes that we send; 0: not known, four and six are read."""


@dataclass(frozen=True, slots=True)
class When:
    """A time that the customer named: a window. `exact` when an hour was said ("明天下午三点"), not a half-day.
    `day_said` is False for hours alone ("三点吧"), whose day is today as long as nothing tells of another."""

    start: datetime
    end: datetime
    exact: bool
    day_said: bool = True


@dataclass(frozen=True, slots=True)
class Values:
    """What a text carries beside its meaning."""

    option: str | None = None  # name of the chosen option of the open question
    number: int | None = None  # a bare number that no open question offers
    code: str | None = None  # a one-time code, 4 or 6 digits
    last4: str | None = None  # card tail, leading zeros kept
    when: When | None = None
    day: date | None = None
    amount: Decimal | None = None  # yuan
    phone: str | None = None  # E.164, when another number is given for the call
    scope: Wanted = "commercial"  # of a refusal or its lifting
    said: str = ""  # the text, masked and cleaned, for `free` questions and tickets
    plain: str = field(default="", compare=False, repr=False)  # `said`, normalised: worked out once, for rules


@dataclass(frozen=True, slots=True)
class Reading:
    """`score` in 0..1: 1.0 for exact words; below `SURE` the engine asks instead of acting.
    `also`: further requests of the same text, in the order in which they were made."""

    meaning: Meaning
    score: float
    reasons: tuple[str, ...] = ()
    values: Values = field(default_factory=Values)
    also: tuple[Reading, ...] = ()
    likely: Mapping[Meaning, float] = field(default_factory=dict)


SURE = 0.7
"""At or above this score the engine acts on a meaning without asking."""
