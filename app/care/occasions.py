"""Whether something happened to a customer that a programme waits for (B2).

Each kind of occasion becomes a function for one day of the customer, so that what hangs on the day alone is reckoned
once and the look at a customer is a comparison of dates.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.care import calendars
from app.care.person import Person
from app.care.programme import When


class Found(NamedTuple):
    """`occasion`: what makes it one of a kind. `last`: the last day of the customer on which its text may go out.
    `since`: when it came about (aware), at the latest when its days began."""

    occasion: str
    last: date
    since: datetime


Finder = Callable[[Person], Found | None]


def finder(when: When, day: date, zone: ZoneInfo) -> Finder | None:
    """Answers for `day`, the customer's in `zone`; None when nobody has this occasion on that day."""
    if when.day:
        return _named(when, day, zone)
    if when.event:
        return _behaviour(when, day, zone)
    return _anniversary(when, day, zone) if when.yearly else _dated(when, day, zone)


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _dated(when: When, day: date, zone: ZoneInfo) -> Finder:
    fact = attrgetter(when.fact)
    after = timedelta(days=when.after)
    lasts = timedelta(days=when.lasts - 1)
    # Wider than the occasion by what months differ in length; who is left is reckoned exactly.
    slack = timedelta(days=3 * abs(when.months))
    newest = day - after - timedelta(days=30 * when.months) + slack
    oldest = newest - lasts - 2 * slack

    def find(person: Person) -> Found | None:
        known: date | None = fact(person)
        if known is None or known > newest or known < oldest:
            return None
        first = (months_later(known, when.months) if when.months else known) + after
        if not first <= day <= first + lasts:
            return None
        return Found(f"{when.fact}:{known}", first + lasts, _midnight(min(known, first), zone))

    return find


def _anniversary(when: When, day: date, zone: ZoneInfo) -> Finder:
    fact = attrgetter(when.fact)
    days = _celebrated(when, day)

    def find(person: Person) -> Found | None:
        known: date | None = fact(person)
        if known is None:
            return None
        on = days.get((known.month, known.day))
        if on is None or on.year <= known.year:
            return None
        first = on + timedelta(days=when.after)
        return Found(f"{when.fact}:{on}", first + timedelta(days=when.lasts - 1), _midnight(first, zone))

    return find


def _celebrated(when: When, day: date) -> Mapping[tuple[int, int], date]:
    """(month, day) of birth -> the anniversary whose occasion lasts on `day`. That of 29 February is the 28th where the
    year has no 29th."""
    found: dict[tuple[int, int], date] = {}
    for back in reversed(range(when.lasts)):
        on = day - timedelta(days=when.after + back)
        found[on.month, on.day] = on
        if (on.month, on.day) == (2, 28) and monthrange(on.year, 2)[1] == 28:
            found[2, 29] = on
    return found


def _named(when: When, day: date, zone: ZoneInfo) -> Finder | None:
    for name in calendars.named()[when.day].days or (when.day,):
        for year in (day.year - 1, day.year, day.year + 1):
            for on in calendars.dates(name, year):
                first = on + timedelta(days=when.after)
                last = first + timedelta(days=when.lasts - 1)
                if first <= day <= last:
                    found = Found(f"{name}:{on}", last, _midnight(first, zone))
                    return lambda _person: found
    return None


def _behaviour(when: When, day: date, zone: ZoneInfo) -> Finder:
    within = timedelta(days=when.days)
    oldest = _midnight(day - timedelta(days=when.after + when.lasts - 1), zone)

    def find(person: Person) -> Found | None:
        moments = person.events.get(when.event)
        if not moments or moments[0] < oldest:
            return None
        began = _burst(moments, when.times, within)
        if began is None:
            return None
        first = began.astimezone(zone).date() + timedelta(days=when.after)
        last = first + timedelta(days=when.lasts - 1)
        if not first <= day <= last:
            return None
        return Found(f"{when.event}:{began.astimezone(UTC):%Y-%m-%dT%H:%M}", last, began)

    return find


def _burst(moments: tuple[datetime, ...], times: int, within: timedelta) -> datetime | None:
    """When the latest burst became one: so many times within so long. It lasts as long as they follow closely.

    So a customer who keeps coming back has one occasion, and the planner of tomorrow finds the same one.
    """
    began, before = None, None
    for at in range(len(moments) - times, -1, -1):
        moment = moments[at]
        if moment - moments[at + times - 1] > within:
            before = None
            continue
        if before is None or moment - before > within:
            began = moment
        before = moment
    return began


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
