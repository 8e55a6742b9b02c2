"""The supervisors' figures, each day from midnight to midnight in the bank's zone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from app.handlers import options
from app.handlers.service import Service
from app.rules.days import day_bounds
from app.rules.hours import WorkingHours
from app.rules.promise import Asked, Pickups, pickups, verdict
from app.store import calls, figures
from app.store.calls import Kept
from app.store.figures import Person, Scores, Talked, Waiting


@dataclass(frozen=True, slots=True)
class Day:
    """`flags`: how many were raised."""

    day: date
    pickups: Pickups
    flags: int
    talked: Talked
    kept: Kept
    scores: Scores


@dataclass(frozen=True, slots=True)
class Hour:
    """Requests for a person in one hour of the day; `broken`: of these, how many waited longer than promised."""

    hour: int
    asked: int
    broken: int


@dataclass(frozen=True, slots=True)
class Today:
    """`topics`: requests for a person by topic, the most frequent first; `flags` likewise."""

    now: datetime
    waiting: Waiting
    people: Sequence[Person]
    day: Day
    topics: Mapping[str, int]
    flags: Mapping[str, int]
    hours: Sequence[Hour]


def today(service: Service) -> Today:
    """How the desk stands now, and how its day went so far."""
    now = service.clock()
    local = now.astimezone(service.zone)
    with service.database.begin() as connection:
        hours = options.hours(connection, service.hours)
        day, requests, raised = _day(connection, service, hours, local.date(), now)
        asked, broken = Counter[int](), Counter[int]()
        for request in requests:
            hour = request.asked_at.astimezone(service.zone).hour
            asked[hour] += 1
            broken[hour] += verdict(request, now, hours.is_open) == "broken"
        return Today(
            now=now,
            waiting=figures.waiting(connection),
            people=figures.people(connection, now),
            day=day,
            topics=dict(Counter(request.topic for request in requests).most_common()),
            flags=dict(Counter(raised).most_common()),
            hours=[Hour(hour, asked[hour], broken[hour]) for hour in _span(asked)],
        )


def last_days(service: Service, count: int) -> list[Day]:
    """The last days, today first."""
    now = service.clock()
    last = now.astimezone(service.zone).date()
    with service.database.begin() as connection:
        hours = options.hours(connection, service.hours)
        return [_day(connection, service, hours, last - timedelta(days=ago), now)[0] for ago in range(count)]


def standing(service: Service) -> tuple[Waiting, Pickups]:
    """What a scrape tells: who waits now, and how the promise was kept today."""
    now = service.clock()
    start, end = day_bounds(now.astimezone(service.zone).date(), service.zone)
    with service.database.begin() as connection:
        hours = options.hours(connection, service.hours)
        return figures.waiting(connection), pickups(figures.asked(connection, start, end), now, hours.is_open)


def _day(
    connection: Connection, service: Service, hours: WorkingHours, day: date, now: datetime
) -> tuple[Day, Sequence[Asked], Mapping[str, int]]:
    """The day's figures, with the requests for a person and the flags (by topic) that they rest on."""
    start, end = day_bounds(day, service.zone)
    requests = figures.asked(connection, start, end)
    raised = figures.flags(connection, start, end)
    counted = Day(
        day=day,
        pickups=pickups(requests, now, hours.is_open),
        flags=sum(raised.values()),
        talked=figures.talked(connection, start, end),
        kept=calls.kept_within(connection, start, end, now),
        scores=figures.scores(connection, start, end),
    )
    return counted, requests, raised


def _span(asked: Mapping[int, int]) -> range:
    """The hours that are shown: an ordinary working day, and whatever else had requests."""
    return range(min([8, *asked]), max([18, *asked]) + 1)
