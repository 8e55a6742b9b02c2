"""Who can call when: the slots of working time, and how many calls already lie in each (A7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice

from app.rules.hours import Span, WorkingHours

HOUR = timedelta(hours=1)
GRAIN = timedelta(minutes=30)
"""A slot starts on the hour when we propose it, on any half hour when the customer names one."""
LEAD = timedelta(minutes=5)
"""A slot that starts sooner cannot be confirmed and staffed."""
WORKDAYS_AHEAD = 10
"""How far a callback can be booked, today included when it is worked."""
LOOK_AHEAD = 60
"""Days in which ten workdays are surely found, whatever holiday lies between."""
Taken = Mapping[datetime, int]
"""Callbacks already booked, by the start of their slot (aware, any zone). Leave out one that is being moved."""


@dataclass(frozen=True)
class Roster:
    """The people who call, as seen at `now` (aware, in the bank's zone)."""

    now: datetime
    hours: WorkingHours
    taken: Taken
    capacity: int
    length: timedelta = HOUR

    def is_free(self, slot: Span) -> bool:
        """True when the slot can be booked now: ahead, within one open period, and nobody too many in it."""
        return (
            slot.start >= self.now + LEAD
            and slot.start.date() in self.days
            and self.is_open(slot)
            and self.load(slot) < self.capacity
        )

    def is_open(self, slot: Span) -> bool:
        return any(
            span.start <= slot.start and slot.end <= span.end for span in self.hours.periods_on(slot.start.date())
        )

    def load(self, slot: Span) -> int:
        """The most callbacks that run at one moment of the slot: those of half-hour starts reach into it."""
        starts = [start for start in self.taken if slot.start - self.length < start < slot.end]
        moments = [slot.start, *(start for start in starts if start > slot.start)]
        return max(
            sum(self.taken[start] for start in starts if start <= moment < start + self.length) for moment in moments
        )

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The workdays on which a call can be booked, in order."""
        worked = (day for day in from_day(self.now.date()) if self.hours.is_workday(day))
        return tuple(islice(worked, WORKDAYS_AHEAD))

    def free(self) -> list[Span]:
        """Every free slot that we would propose by ourselves, in order."""
        spans = (span for day in self.days for span in self.hours.periods_on(day))
        return [slot for span in spans for slot in _on_the_hour(span, self.length) if self.is_free(slot)]

    def starting_in(self, start: datetime, end: datetime) -> list[Span]:
        """Every slot of working time that starts from `start` up to `end`, half hours too, free or not."""
        spans = (span for day in self.days for span in self.hours.periods_on(day))
        slots = (slot for span in spans for slot in _every_half_hour(span, self.length))
        return [slot for slot in slots if start <= slot.start < end]


def _on_the_hour(span: Span, length: timedelta) -> list[Span]:
    """The slots on full hours of a period; its first half hour when no full hour fits into it."""
    slots = _every_half_hour(span, length)
    return [slot for slot in slots if slot.start.minute == 0] or slots[:1]


def _every_half_hour(span: Span, length: timedelta) -> list[Span]:
    start = half_hour(span.start)
    start = start if start == span.start else start + GRAIN
    slots = []
    while start + length <= span.end:
        slots.append(Span(start, start + length))
        start += GRAIN
    return slots


def half_hour(moment: datetime) -> datetime:
    """The half hour that `moment` lies in."""
    return moment.replace(minute=moment.minute - moment.minute % 30, second=0, microsecond=0)


def from_day(day: date) -> Iterator[date]:
    return (day + timedelta(days=ahead) for ahead in range(LOOK_AHEAD))
