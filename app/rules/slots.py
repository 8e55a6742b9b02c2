"""Callback slots (A7): a time that exists, within working hours, with somebody free to call, and near the wish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Literal

from app.rules.hours import Span, WorkingHours
from app.rules.roster import GRAIN, HOUR, LEAD, Roster, Taken, from_day, half_hour

CHOICES = 2

Outcome = Literal["offered", "nearest", "exact", "past", "none"]
Reason = Literal["", "closed", "holiday", "full", "soon", "far"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the customer named: a window (明天下午), or with `exact` the hour that starts it (明天下午三点). Aware."""

    start: datetime
    end: datetime
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """`offered`: 1–2 slots within the wish · `exact`: the one slot that was asked for · `nearest`: 1–2 others, and
    `reason` tells why not the wish · `past`: the wish is over · `none`: nothing free within ten workdays.

    Slots are in order of time, in the bank's zone. Reasons: `closed` (outside working hours, weekend), `holiday`
    (closed on a weekday that is usually worked), `full`, `soon` (starts within five minutes), `far` (more than ten
    workdays away).
    """

    outcome: Outcome
    slots: tuple[Span, ...] = ()
    reason: Reason = ""


def offer(
    now: datetime,
    hours: WorkingHours,
    taken: Taken,
    capacity: int,
    wish: Wish | None = None,
    *,
    length: timedelta = HOUR,
) -> Offer:
    """What to answer a customer who wants a call. `now` is aware; `capacity` is how many calls run at a time.

    Raises ValueError when `now` or the wish is naive, or `length` is under half an hour.
    """
    if length < GRAIN:
        raise ValueError(f"a slot of {length} is shorter than the half hours on which slots start")
    now = hours.local(now)
    roster = Roster(now, hours, taken, capacity, length)
    if wish is None:
        return _whenever(roster)
    wish = Wish(hours.local(wish.start), hours.local(wish.end), wish.exact)
    if (wish.start if wish.exact else wish.end) <= now:
        return Offer("past")
    if wish.exact:
        asked = _asked(roster, wish)
        if roster.is_free(asked):
            return Offer("exact", (asked,))
    else:
        begin = [slot for slot in roster.free() if wish.start <= slot.start < wish.end]
        within = [slot for slot in begin if slot.end <= wish.end]
        halves = (slot for slot in roster.starting_in(wish.start, wish.end) if roster.is_free(slot))
        if chosen := within or begin or list(islice(halves, 1)):
            return Offer("offered", _spread(chosen))
    return _nearest(roster, wish)


def _whenever(roster: Roster) -> Offer:
    """No time was named: two of the first day that has any, else its last one and the next day's first."""
    free = roster.free()
    if not free:
        return Offer("none")
    first_day = [slot for slot in free if slot.start.date() == free[0].start.date()]
    return Offer("offered", _spread(first_day) if len(first_day) > 1 else tuple(free[:CHOICES]))


def _nearest(roster: Roster, wish: Wish) -> Offer:
    """On the days of the wish first, then on later days at the same time of day, then on earlier ones."""
    free = roster.free()
    if not free:
        return Offer("none")
    last = wish.start.date() if wish.exact else (wish.end - timedelta(microseconds=1)).date()

    def farness(slot: Span) -> tuple[int, int, timedelta, datetime]:
        day = slot.start.date()
        if wish.start.date() <= day <= last:
            return 0, 0, _away(slot, wish), slot.start
        days = (day - last).days if day > last else (wish.start.date() - day).days
        moved = _away(slot, wish, later=day - wish.start.date())
        return (1 if day > last else 2), days, moved, slot.start

    chosen = sorted(free, key=farness)[:CHOICES]
    return Offer("nearest", tuple(sorted(chosen, key=lambda slot: slot.start)), _reason(roster, wish, last))


def _reason(roster: Roster, wish: Wish, last: date) -> Reason:
    if wish.start.date() > max(roster.days):
        return "far"
    wished = [day for day in from_day(wish.start.date()) if day <= last]
    if not any(roster.hours.is_workday(day) for day in wished):
        return "holiday" if any(roster.hours.is_holiday(day) for day in wished) else "closed"
    if wish.exact:
        within = [slot for slot in [_asked(roster, wish)] if roster.is_open(slot)]
    else:
        within = roster.starting_in(wish.start, wish.end)
    if any(slot.start >= roster.now + LEAD for slot in within):
        return "full"
    return "soon" if within else "closed"


def _spread(slots: list[Span]) -> tuple[Span, ...]:
    """The first and the one in the middle: 14:00 and 16:00 of an afternoon, a morning and an afternoon of a day."""
    return tuple(slots) if len(slots) <= CHOICES else (slots[0], slots[len(slots) // 2])


def _asked(roster: Roster, wish: Wish) -> Span:
    """The slot of an exact wish: it holds the moment that the customer said, 14:37 is called in 14:30-15:30."""
    start = half_hour(wish.start)
    return Span(start, start + roster.length)


def _away(slot: Span, wish: Wish, later: timedelta = timedelta(0)) -> timedelta:
    """How far the slot starts from the wish, moved by whole days; nothing inside a window."""
    start = wish.start + later
    end = start if wish.exact else wish.end + later
    return max(start - slot.start, slot.start - end, timedelta(0))
