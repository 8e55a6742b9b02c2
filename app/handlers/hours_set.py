"""Somebody sets when people are there, and what the customer hears when nobody is. The next turn obeys it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from app.flows.check.own import OwnFault, faults, readings
from app.handlers.options import CLOSURES, HOURS, WORDED, WORDING, hours_of
from app.handlers.options import hours as hours_in_force
from app.handlers.options_set import Value, change
from app.handlers.service import Service
from app.handlers.words_judged import judge
from app.rules.gate import Reason
from app.rules.hours import LONGEST_PAUSE, Period
from app.store import callbacks, options
from app.store.agents import Agent

LONGEST_SPAN = 60
"""Days that are set at once."""
FAR = timedelta(days=730)
MOST_DAYS = 400
LONGEST_NOTE = 60  # characters


class NeverOpen(ValueError):
    """These hours would leave customers without anybody for longer than the rules look ahead."""


class Unsayable(ValueError):
    """The words have `faults`, or the content gate refuses them for `reasons`."""

    def __init__(self, found: Sequence[OwnFault], reasons: Sequence[Reason] = ()) -> None:
        super().__init__("; ".join([f"{one.kind} {one.what}".strip() for one in found] + [one.code for one in reasons]))
        self.faults, self.reasons = tuple(found), tuple(reasons)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as a customer can read it, signed, with sample values."""

    said: str
    parts: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A date with hours of its own, over the bank's calendar. Without periods it is closed."""

    day: date
    periods: tuple[Period, ...] = ()
    note: str = ""


def set_week(
    service: Service,
    agent: Agent,
    week: Mapping[int, tuple[Period, ...]],
    making_up: tuple[Period, ...],
    *,
    address: str = "",
) -> bool:
    """The periods of each weekday (0 is Monday; () is closed), and those of a weekend day that makes up for a holiday.
    False when it was so already. Raises `NeverOpen`."""
    value = {"usual": written(making_up), "week": {str(one): written(week.get(one, ())) for one in range(7)}}

    def made(connection: Connection, _: Value) -> Value:
        _check_openings(service, {**options.some(connection, CLOSURES), HOURS: value})
        return value

    return change(service, agent, HOURS, made, address)


def add_days(service: Service, agent: Agent, days: Sequence[Day], *, address: str = "") -> bool:
    """Gives dates their own hours, in place of what they had; dates that are over go. Raises `NeverOpen`, or ValueError
    for dates that are over, too far away, or too many."""
    today = service.clock().astimezone(service.zone).date()
    if not 1 <= len(days) <= LONGEST_SPAN or any(not today <= one.day <= today + FAR for one in days):
        raise ValueError("no such dates")
    fresh = {one.day.isoformat(): _row(one) for one in days}

    def made(connection: Connection, before: Value) -> Value:
        kept = {one["day"]: one for one in before.get("days", ()) if one["day"] >= today.isoformat()}
        after = {**kept, **fresh}
        if len(after) > MOST_DAYS:
            raise ValueError("too many dates")
        value = {"days": [after[day] for day in sorted(after)]}
        _check_openings(service, {**options.some(connection, HOURS), CLOSURES: value})
        return value

    return change(service, agent, CLOSURES, made, address)


def drop_days(service: Service, agent: Agent, days: Sequence[date], *, address: str = "") -> bool:
    """The calendar holds again for these dates. False when they had no hours of their own."""
    gone = {day.isoformat() for day in days}

    def made(_: Connection, before: Value) -> Value:
        return {**before, "days": [one for one in before.get("days", ()) if one["day"] not in gone]} if before else {}

    return change(service, agent, CLOSURES, made, address)


def set_words(service: Service, agent: Agent, language: str, key: str, words: str, *, address: str = "") -> bool:
    """The bank's own words for one text; empty, or as shipped: the shipped ones stand again. False when it was so
    already. Raises `Unsayable`, or KeyError for a text that nobody may write over."""
    if key not in WORDED or language not in service.catalogue.texts.languages:
        raise KeyError(f"{language}: {key}")
    words = " ".join(words.split())
    shipped = service.catalogue.texts.word(language, key)
    if words and words != shipped:
        if found := faults_of(service, language, key, words):
            raise Unsayable(found)
        refused = [one for said in readings_of(service, language, key, words) for one in said.reasons]
        if refused := [one for one in refused if one.level == "refuse"]:
            raise Unsayable((), tuple(dict.fromkeys(refused)))

    def made(_: Connection, before: Value) -> Value:
        own = {name: dict(given) for name, given in before.items()}
        own.setdefault(language, {}).pop(key, None)
        if words and words != shipped:
            own[language][key] = words
        return {name: given for name, given in own.items() if given}

    return change(service, agent, WORDING, made, address, _digests)


def promised_outside(service: Service) -> int:
    """Callbacks that are booked for times at which, by the hours of now, nobody is there: somebody has to move them."""
    now = service.clock()
    with service.database.begin() as connection:
        hours = hours_in_force(connection, service.hours)
        booked = callbacks.taken(connection, now, now + FAR)
    return sum(count for start, count in booked.items() if not hours.is_open(start))


def faults_of(service: Service, language: str, key: str, words: str) -> list[OwnFault]:
    def count(said: str) -> int:
        return service.gateway.count_parts(service.signature(language) + said)

    return faults(service.catalogue, language, key, words, count, _known(service, language))


def readings_of(service: Service, language: str, key: str, words: str) -> list[Reading]:
    """Every way in which words without a fault can be read."""
    said = readings(service.catalogue, language, key, words, _known(service, language))
    verdicts = [judge(service, language, one) for one in said]
    return [Reading(one.body, one.parts, one.reasons) for one in verdicts]


def _known(service: Service, language: str) -> dict[str, str]:
    return {"hotline": service.hotline, "caller": service.caller, "bank": service.name(language)}


def written(given: Sequence[Period]) -> list[str]:
    return [str(period) for period in given]


def _row(one: Day) -> dict[str, object]:
    return {"day": one.day.isoformat(), "periods": written(one.periods), "note": one.note.strip()[:LONGEST_NOTE]}


def _digests(value: Value) -> dict[str, str]:
    """Which words stand where, without the words (law 11)."""
    return {
        f"{language}.{key}": hashlib.sha256(words.encode()).hexdigest()
        for language, given in value.items()
        for key, words in given.items()
    }


def _check_openings(service: Service, found: Mapping[str, Value]) -> None:
    """Raises `NeverOpen` when at some time customers would be told of no opening at all."""
    hours = hours_of(service.hours, found)
    today = service.clock().astimezone(service.zone).date()
    closed = 0
    for ahead in range(FAR.days + LONGEST_PAUSE):
        closed = 0 if hours.is_workday(today + timedelta(days=ahead)) else closed + 1
        if closed >= LONGEST_PAUSE:
            raise NeverOpen(f"{today + timedelta(days=ahead)}")
