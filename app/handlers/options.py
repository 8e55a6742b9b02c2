"""What the bank's people have set, as the service obeys it; while nobody has set a thing, its default holds.

Every reader takes the connection of the transaction that it decides in, so a change holds from the next turn on.
Writing is in `options_set.py` and `hours_set.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection

from app.flows.check.own import FORMS
from app.rules.hours import Period, WorkingHours, parse_periods
from app.store import options

ROUTING, SURVEY, SECOND_FACTOR, SESSIONS = "routing", "survey", "second_factor", "sessions"
HOURS, CLOSURES, WORDING = "working_hours", "closures", "wording"

WORDED = tuple(FORMS)
"""Texts for which an operator's own words may stand: what the customer hears when nobody is there."""


@dataclass(frozen=True, slots=True)
class Routing:
    """How a waiting conversation finds its agent. `free`: who claims first · `offer`: to the longest-idle fitting
    agent, for `seconds`, then to the next."""

    mode: Literal["free", "offer"] = "free"
    seconds: int = 15


@dataclass(frozen=True, slots=True)
class Access:
    """What a sign-in asks for. `second_factor`: roles that must have one. A session is over after `idle_minutes`
    without an act of its person, and `hours` after its beginning."""

    second_factor: frozenset[str] = frozenset()
    idle_minutes: int = 30
    hours: int = 12


def routing(connection: Connection) -> Routing:
    return Routing(**_set(connection, ROUTING))


def access(connection: Connection) -> Access:
    found = options.some(connection, SECOND_FACTOR, SESSIONS)
    roles = frozenset(found.get(SECOND_FACTOR, {}).get("roles", ()))
    return Access(roles, **found.get(SESSIONS, {}))


def survey_wanted(connection: Connection) -> bool:
    """Whether a customer is asked how it went, after a conversation with a person is closed."""
    return bool(_set(connection, SURVEY).get("wanted", True))


def hours(connection: Connection, shipped: WorkingHours) -> WorkingHours:
    """The hours in force: `shipped` (from the settings) with what has been set over it. One statement."""
    return hours_of(shipped, options.some(connection, HOURS, CLOSURES))


def hours_of(shipped: WorkingHours, found: Mapping[str, Mapping[str, Any]]) -> WorkingHours:
    """`found`: the options `working_hours`, {"usual": [periods], "week": {weekday: [periods]}}, and `closures`,
    {"days": [{"day", "periods", "note"}]}. Periods are written like 09:00-12:00, and [] is closed."""
    if not found:
        return shipped
    week, closures = found.get(HOURS, {}), found.get(CLOSURES, {})
    return replace(
        shipped,
        periods=periods(week["usual"]) if "usual" in week else shipped.periods,
        week={int(weekday): periods(given) for weekday, given in week.get("week", {}).items()},
        days={date.fromisoformat(one["day"]): periods(one["periods"]) for one in closures.get("days", ())},
    )


@dataclass(frozen=True, slots=True)
class Closure:
    """A date with hours of its own; without periods it is closed."""

    day: date
    periods: tuple[Period, ...]
    note: str


def closures(connection: Connection) -> list[Closure]:
    """The dates that were set, in order."""
    found = _set(connection, CLOSURES).get("days", ())
    return [Closure(date.fromisoformat(one["day"]), periods(one["periods"]), one["note"]) for one in found]


def words(connection: Connection) -> Mapping[str, Mapping[str, str]]:
    """The bank's own words: text by key, by language."""
    return _set(connection, WORDING)


def periods(given: list[str]) -> tuple[Period, ...]:
    return parse_periods(given) if given else ()


def wording(connection: Connection, language: str, keys: Collection[str]) -> Mapping[str, str]:
    """The operator's own words for those of these texts that have any. No statement unless one of them is `WORDED`."""
    if not any(key in WORDED for key in keys):
        return {}
    own: Mapping[str, str] = _set(connection, WORDING).get(language, {})
    return own


def _set(connection: Connection, name: str) -> dict[str, Any]:
    return options.one(connection, name) or {}
