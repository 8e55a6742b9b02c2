"""What the page of callbacks shows, read in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Literal

from app.handlers.callbacks_called import EARLY, free_times
from app.handlers.desk.bookings import roster_of
from app.handlers.service import Service
from app.rules.days import day_bounds
from app.rules.hours import Span
from app.store import callbacks_day, calls
from app.store.agents import Agent
from app.store.callbacks_day import DayRow
from app.store.calls import Kept

MISSED_FOR = timedelta(days=7)
"""How long a callback that nobody made stays on top of the list."""

Stage = Literal["waits", "soon", "now", "late", "calling", "done"]
"""waits: not yet · soon: can be started · now: within its time · late: past it · calling: somebody calls · done."""


@dataclass(frozen=True, slots=True)
class Line:
    """A callback with how it stands now. `opens`: from when on it can be started."""

    row: DayRow
    stage: Stage
    opens: datetime

    @property
    def can_start(self) -> bool:
        return self.stage in ("soon", "now", "late")


@dataclass(frozen=True, slots=True)
class Shown:
    """`missed`: of the days before. `calling`: the one that who looks is calling now, with its number and `times` to
    move it to, by day. `days`: the days to choose from, with how many are booked."""

    now: datetime
    today: date
    day: date
    days: Sequence[tuple[date, int]]
    missed: Sequence[Line]
    open: Sequence[Line]
    done: Sequence[Line]
    calling: DayRow | None
    times: Sequence[tuple[date, Sequence[Span]]]
    kept: Kept


def shown(service: Service, agent: Agent, day: date) -> Shown:
    """The list of a day as one person sees it."""
    now, zone = service.clock(), service.zone
    today = now.astimezone(zone).date()
    start, end = day_bounds(day, zone)
    with service.database.begin() as connection:
        mine = calls.running_of(connection, agent.name)
        calling = callbacks_day.one(connection, mine.callback_id) if mine else None
        times = free_times(service, connection, calling.id, now) if calling else []
        lines = [_line(row, now) for row in callbacks_day.of_day(connection, start, end)]
        missed = []
        if day == today:
            missed = [_line(row, now) for row in callbacks_day.missed(connection, start - MISSED_FOR, start)]
        worked = roster_of(service, connection, now, None).days
        booked = callbacks_day.booked_starts(connection, day_bounds(today, zone)[0], now + timedelta(days=45))
        kept = calls.kept_within(connection, start, end, now)
    counts = Counter(moment.astimezone(zone).date() for moment in booked)
    choices = sorted({today, day, *worked, *counts})
    return Shown(
        now=now,
        today=today,
        day=day,
        days=[(one, counts[one]) for one in choices],
        missed=missed,
        open=[line for line in lines if line.stage != "done"],
        done=[line for line in lines if line.stage == "done"],
        calling=calling,
        times=[(one, list(spans)) for one, spans in groupby(times, key=lambda span: span.start.date())],
        kept=kept,
    )


def _line(row: DayRow, now: datetime) -> Line:
    opens = row.due_from if row.retry_at else row.due_from - EARLY
    return Line(row, _stage(row, now, opens), opens)


def _stage(row: DayRow, now: datetime, opens: datetime) -> Stage:
    if row.state not in calls.TAKEABLE:
        return "done"
    if row.agent:
        return "calling"
    if now < opens:
        return "waits"
    if row.state == "missed" or now >= row.due_until:
        return "late"
    return "now" if now >= row.due_from else "soon"
