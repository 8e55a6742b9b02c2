"""The supervisors' figures, each day from midnight to midnight in the bank's zone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from app.handlers import options
from app.handlers.service import Service
from app.rules.days import day_bounds
from app.rules.hours import Span, WorkingHours
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
    with service.database.begin() as connection:
        is_open = _working(options.hours(connection, service.hours))
        read = _read(connection, service, now.astimezone(service.zone).date(), now)
        waiting, people = figures.waiting(connection), figures.people(connection, now)
    asked, broken = Counter[int](), Counter[int]()
    for request in read.requests:
        hour = request.asked_at.astimezone(service.zone).hour
        asked[hour] += 1
        broken[hour] += verdict(request, now, is_open) == "broken"
    return Today(
        now=now,
        waiting=waiting,
        people=people,
        day=_counted(read, now, is_open),
        topics=dict(Counter(request.topic for request in read.requests).most_common()),
        flags=dict(Counter(read.flags).most_common()),
        hours=[Hour(hour, asked[hour], broken[hour]) for hour in _span(asked)],
    )


def last_days(service: Service, count: int) -> list[Day]:
    """The last days, today first. A transaction each: with SQLite nobody else writes meanwhile."""
    now = service.clock()
    last = now.astimezone(service.zone).date()
    days = []
    for ago in range(count):
        with service.database.begin() as connection:
            is_open = _working(options.hours(connection, service.hours))
            read = _read(connection, service, last - timedelta(days=ago), now)
        days.append(_counted(read, now, is_open))
    return days


def standing(service: Service) -> tuple[Waiting, Pickups]:
    """What a scrape tells: who waits now, and how the promise was kept today."""
    now = service.clock()
    start, end = day_bounds(now.astimezone(service.zone).date(), service.zone)
    with service.database.begin() as connection:
        is_open = _working(options.hours(connection, service.hours))
        waiting, requests = figures.waiting(connection), figures.asked(connection, start, end)
    return waiting, pickups(requests, now, is_open)


@dataclass(frozen=True, slots=True)
class _Read:
    """The rows of a day, before anything is worked out of them: that holds no transaction open."""

    day: date
    requests: Sequence[Asked]
    flags: Mapping[str, int]
    talked: Talked
    kept: Kept
    scores: Scores


def _read(connection: Connection, service: Service, day: date, now: datetime) -> _Read:
    start, end = day_bounds(day, service.zone)
    return _Read(
        day=day,
        requests=figures.asked(connection, start, end),
        flags=figures.flags(connection, start, end),
        talked=figures.talked(connection, start, end),
        kept=calls.kept_within(connection, start, end, now),
        scores=figures.scores(connection, start, end),
    )


def _counted(read: _Read, now: datetime, is_open: Callable[[datetime], bool]) -> Day:
    counted = pickups(read.requests, now, is_open)
    return Day(read.day, counted, sum(read.flags.values()), read.talked, read.kept, read.scores)


def _working(hours: WorkingHours) -> Callable[[datetime], bool]:
    """Whether people work at a moment; the calendar is asked once a day, for thousands of requests."""
    known: dict[date, Sequence[Span]] = {}

    def is_open(moment: datetime) -> bool:
        local = hours.local(moment)
        if local.date() not in known:
            known[local.date()] = hours.periods_on(local.date())
        return any(local in span for span in known[local.date()])

    return is_open


def _span(asked: Mapping[int, int]) -> range:
    """The hours that are shown: an ordinary working day, and whatever else had requests."""
    return range(min([8, *asked]), max([18, *asked]) + 1)
