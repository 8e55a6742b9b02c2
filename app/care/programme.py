"""A programme: to whom a text goes, on which occasion and at what time, as data (B2–B5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from app.care.template import Kind
from app.rules.purpose import Purpose

Op = Literal["is", "in", "not_in", "at_least", "at_most", "before", "known", "unknown"]
OPS: frozenset[str] = frozenset(get_args(Op))


@dataclass(frozen=True, slots=True)
class Condition:
    """About a column of `customers.csv`, or one of `app.care.audience.DERIVED`: `age`, `limit_used`, `days_silent`,
    `days_<column>` (days since that date, negative until it)."""

    fact: str
    op: Op
    value: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The occasion: exactly one of `fact` (a date column; `yearly` for its anniversaries), `day` (a name of
    `app.care.calendars`: a festival, a solar term, a season), or `event` (so many `times` within so many `days`). It
    begins `months` and `after` days later (negative: before it) and lasts `lasts` days, in which the planner may still
    find a slot."""

    fact: str = ""
    day: str = ""
    event: str = ""
    months: int = 0
    after: int = 0
    yearly: bool = False
    times: int = 1
    days: int = 7
    lasts: int = 3


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of an A/B test: `share` of 100 customers get `template`."""

    name: str
    template: str
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """`window`: a name of `app.care.windows`, empty for the one that product and audience give. `priority`: of two that
    want the same day, the higher one has it. `converted_by`: kinds of customer events that count as its success; one
    since the occasion began, and the text is not needed any more.
    `stop_at`: share of refusals and complaints among the delivered at which it stops itself."""

    key: str
    title: Mapping[str, str]
    purpose: Purpose
    kind: Kind
    when: When
    template: str
    audience: tuple[Condition, ...] = ()
    priority: int = 50
    window: str = ""
    product: str = ""
    arms: tuple[Arm, ...] = ()
    converted_by: tuple[str, ...] = ()
    second_after_hours: int = 0
    stop_at: float = 0.02
    goal: Mapping[str, str] = field(default_factory=dict)
    """What it is for, a sentence in each language, for the console."""

    @property
    def texts(self) -> tuple[str, ...]:
        """Keys of the templates that it sends first: those of its arms, or its own."""
        return tuple(dict.fromkeys(arm.template for arm in self.arms)) or (self.template,)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the planner says of a customer and a programme. `reason` empty: the text is planned for `due_at` and stale
    at `closes_at` (aware, in the customer's zone). Else a code of `app.care.reasons`, and only `occasion` may be known.
    `language`: of the text, one in which it is approved."""

    programme: str
    reason: str = ""
    occasion: str = ""
    due_at: datetime | None = None
    closes_at: datetime | None = None
    template: str = ""
    variant: str = ""
    language: str = ""
