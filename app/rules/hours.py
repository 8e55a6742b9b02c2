"""When people are there: the bank's working hours by weekday, on its calendar's workdays, with dates of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.rules.breaks import SATURDAY, in_a_break
from app.rules.calendars import Calendar

EXAMPLE = "write it like 09:00-12:00"
LONGEST_PAUSE = 60
"""Days that `next_opening` looks ahead; no country closes longer, so nothing found means a broken calendar."""


class BadPeriods(ValueError):
    """What is wrong with periods as they were written: the sentence follows the name of what they are set for.

    `kind`: none · shape · clock · blank · backwards · overlap. `what`: the words or periods at fault.
    """

    def __init__(self, kind: str, sentence: str, *what: str) -> None:
        super().__init__(sentence)
        self.kind, self.what = kind, what


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A part of the working day, in the bank's own time; `end` is the first moment that is closed."""

    start: time
    end: time

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def parse_periods(texts: Sequence[str]) -> tuple[Period, ...]:
    """`("09:00-12:00", "13:30-18:00")` as periods in order; those that touch become one.

    Raises `BadPeriods`, which names the wrong period and the repair.
    """
    if not texts:
        raise BadPeriods("none", "has no period; write it like 09:00-12:00,13:30-18:00")
    joined: list[Period] = []
    for period in sorted(_parse(text) for text in texts):
        before = joined[-1] if joined else None
        if before and period.start < before.end:
            told = f"has {before} and {period}, which overlap; let the second start at {before.end:%H:%M} or later"
            raise BadPeriods("overlap", told, str(before), str(period))
        if before and period.start == before.end:
            joined[-1] = Period(before.start, period.end)
        else:
            joined.append(period)
    return tuple(joined)


def _parse(text: str) -> Period:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", text.strip(), re.ASCII)
    if match is None:
        raise BadPeriods("shape", f"has {text!r}, which is not a period; {EXAMPLE}", text)
    hour, minute, end_hour, end_minute = (int(number) for number in match.groups())
    try:
        start, end = time(hour, minute), time(end_hour, end_minute)
    except ValueError:
        told = f"has {text!r}, which is no time of the day; hours go from 00:00 to 23:59"
        raise BadPeriods("clock", told, text) from None
    if start == end:
        raise BadPeriods("blank", f"has {text!r}, which is empty; let it end later than it starts", text)
    if start > end:
        told = (
            f"has {text!r}, which ends before it starts; "
            f"swap them, or end at 23:59 and put the rest after midnight into a period of its own"
        )
        raise BadPeriods("backwards", told, text)
    return Period(start, end)


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to, not including, `end`; both aware, in the bank's zone."""

    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """`periods` as `parse_periods` gives them, on the workdays of `calendar`, read in `zone`.

    `week` has the weekdays that differ (0 is Monday): a short Wednesday, an open Saturday, or () for one that is never
    worked. It gives way to the calendar: on holidays nobody works, and a Saturday that makes up for one (调休) has the
    hours of a workday. `days` has single dates, and goes before everything: () is closed.
    """

    periods: tuple[Period, ...]
    calendar: Calendar
    zone: ZoneInfo
    week: Mapping[int, tuple[Period, ...]] = field(default_factory=dict)
    days: Mapping[date, tuple[Period, ...]] = field(default_factory=dict)

    def local(self, moment: datetime) -> datetime:
        """`moment` in the bank's zone. Raises ValueError when it is naive: a zone cannot be guessed."""
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no time zone")
        return moment.astimezone(self.zone)

    def is_workday(self, day: date) -> bool:
        return bool(self.hours_of(day))

    def is_holiday(self, day: date) -> bool:
        """True for a day that is closed though its weekday is worked."""
        return not self.hours_of(day) and bool(self.usual(day.weekday()))

    def known(self, day: date) -> bool:
        """False when `is_workday(day)` rests on an estimate."""
        return day in self.days or self.calendar.known(day)

    def hours_of(self, day: date) -> tuple[Period, ...]:
        """The periods of a day as they stand, in order; none when it is not worked."""
        if day in self.days:
            return self.days[day]
        if self.calendar.is_workday(day):
            return self.usual(day.weekday()) if day.weekday() < SATURDAY else self.periods
        return () if in_a_break(self.calendar, day) else self.usual(day.weekday())

    def usual(self, weekday: int) -> tuple[Period, ...]:
        """The periods of a weekday (0 is Monday) without holidays and single dates."""
        return self.week.get(weekday, self.periods if weekday < SATURDAY else ())

    def periods_on(self, day: date) -> tuple[Span, ...]:
        """The open spans of a day in order; none when it is not worked."""
        return tuple(
            Span(
                datetime.combine(day, period.start, self.zone),
                datetime.combine(day, period.end, self.zone),
            )
            for period in self.hours_of(day)
        )

    def is_open(self, moment: datetime) -> bool:
        moment = self.local(moment)
        return any(moment in span for span in self.periods_on(moment.date()))

    def next_opening(self, moment: datetime) -> datetime:
        """`moment` itself when it is open, else the start of the next period. Raises ValueError if none comes."""
        moment = self.local(moment)
        for ahead in range(LONGEST_PAUSE + 1):
            for span in self.periods_on(moment.date() + timedelta(days=ahead)):
                if moment < span.end:
                    return max(moment, span.start)
        raise ValueError(f"nothing opens within {LONGEST_PAUSE} days of {moment:%Y-%m-%d}: is the calendar right?")
