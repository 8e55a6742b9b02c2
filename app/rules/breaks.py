"""Breaks that holidays cause, weekends included, and the weekend days that are worked to make up for them (调休)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.rules.calendars import Calendar

SATURDAY = 5
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Break:
    """From `first` to `last`, both included. `worked`: a single weekend day that is a workday, else nobody works.

    `name` as `Calendar.name` gives it, of the first day that has one. `known` is False for an estimate.
    """

    first: date
    last: date
    worked: bool
    name: str
    known: bool


def in_a_break(calendar: Calendar, day: date) -> bool:
    """True for a day off that holidays caused: the free days around it hold one from Monday to Friday.

    So a Sunday in the middle of the National Day week belongs to it, as in the State Council's announcements, which
    count breaks and not days.
    """
    for step in (timedelta(days=-1), timedelta(days=1)):
        near = day
        while not calendar.is_workday(near):
            if near.weekday() < SATURDAY:
                return True
            near += step
    return False


def coming(calendar: Calendar, start: date, end: date) -> Iterator[Break]:
    """Breaks and make-up workdays from `start` up to, not including, `end`, in order."""
    open_one: Break | None = None
    day = start
    while day < end:
        if calendar.is_workday(day) or not in_a_break(calendar, day):
            if open_one:
                yield open_one
            open_one = None
            if calendar.is_workday(day) and day.weekday() >= SATURDAY:
                yield Break(day, day, True, "", calendar.known(day))
        elif open_one:
            name = open_one.name or calendar.name(day)
            open_one = replace(open_one, last=day, name=name, known=open_one.known and calendar.known(day))
        else:
            open_one = Break(day, day, False, calendar.name(day), calendar.known(day))
        day += DAY
    if open_one:
        yield open_one
