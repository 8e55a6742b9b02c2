"""What a text is for, and what follows from it: its lane, how long it may travel, who can refuse it, and when it rests.

Source of the rules: the rules of sending (purpose decides; quiet hours bind commercial texts and reminders, never
answers) and X6 (quiet hours hold to the handset: validity ends at the curfew).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

Purpose = Literal["answer", "code", "reminder", "service", "commercial"]

CURFEW = time(22, 0)
DAYBREAK = time(8, 0)
LONGEST = timedelta(seconds=36_000)
"""The longest validity that gateways take (Twilio's ValidityPeriod)."""
SHORTEST = timedelta(seconds=60)
"""With less than this before the curfew a text waits for the morning: it would expire on the way."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`lane`: 0 leaves before 1 before 2. `blocked_by`: any of these refused scopes stops it. `rests`: at night."""

    lane: int
    validity: timedelta
    blocked_by: frozenset[str]
    rests: bool


# fmt: off
RULES: dict[Purpose, Rule] = {
    # purpose           lane  validity                 blocked by                             rests
    "answer":     Rule(0, timedelta(minutes=10), frozenset({"gateway"}),               False),
    "code":       Rule(0, timedelta(minutes=5),  frozenset({"gateway"}),               False),
    "reminder":   Rule(1, timedelta(hours=4),    frozenset({"gateway", "reminders"}),  True),
    "service":    Rule(1, timedelta(hours=4),    frozenset({"gateway"}),               False),
    "commercial": Rule(2, LONGEST,               frozenset({"gateway", "commercial"}), True),
}
# fmt: on


def lane(purpose: Purpose) -> int:
    """0: answers and codes, somebody waits · 1: reminders and service notices · 2: bulk."""
    return RULES[purpose].lane


def blocked_by(purpose: Purpose) -> frozenset[str]:
    """The consent scopes (`commercial`, `reminders`, `gateway`) of which any one, refused, keeps the text back."""
    return RULES[purpose].blocked_by


def validity(purpose: Purpose, now: datetime) -> timedelta:
    """How long the gateway may try to deliver a text that leaves at `now` (aware, in the customer's zone).

    A text that rests at night expires at the curfew at the latest, so that a handset switched on at 23:00 stays
    quiet. Between 1 minute and 10 hours; in the quiet hours themselves, when it should not leave, 1 minute.
    """
    rule = RULES[purpose]
    if not rule.rests:
        return rule.validity
    until_curfew = _at(_aware(now), CURFEW) - now
    if _is_night(now):
        return SHORTEST
    return min(rule.validity, until_curfew)


def hold_until(purpose: Purpose, now: datetime) -> datetime | None:
    """When the text may leave, 08:00 in the zone of `now` (aware, the customer's); None when it may leave now."""
    if not RULES[purpose].rests or not _is_night(_aware(now)):
        return None
    morning = _at(now, DAYBREAK)
    return morning if now < morning else _at(now + timedelta(days=1), DAYBREAK)


def _is_night(now: datetime) -> bool:
    return now < _at(now, DAYBREAK) or now > _at(now, CURFEW) - SHORTEST


def _at(now: datetime, moment: time) -> datetime:
    return datetime.combine(now.date(), moment, now.tzinfo)


def _aware(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise ValueError(f"{now} has no time zone: quiet hours are the customer's, not the machine's")
    return now
