"""When to call a second time somebody who did not pick up (A7)."""

from __future__ import annotations

from datetime import timedelta

from app.rules.hours import Span
from app.rules.roster import GRAIN, LEAD, Roster

MOST_TRIES = 2
PAUSE = timedelta(minutes=10)
"""Nobody is nearer to the phone a minute later, and two calls in a row feel like being chased."""


def second_try(roster: Roster, promised: Span) -> Span | None:
    """The time for the second call, `roster.now` being when the first one reached nobody.

    Within the promised slot while enough of it is left: that is when the customer expects us. Else in the next half
    hour of working time in which somebody is free, for a missed call is best mended the same day; when all are full, in
    the next half hour that is worked. None when none comes within the days that can be booked.
    """
    earliest = roster.now + PAUSE
    if earliest + LEAD <= promised.end:
        return Span(earliest, promised.end)
    halves = [half for day in roster.days for span in roster.hours.periods_on(day) for half in _halves(span)]
    ahead = [half for half in halves if half.start >= earliest]
    return next((half for half in ahead if roster.is_free(half)), ahead[0] if ahead else None)


def _halves(period: Span) -> list[Span]:
    """The half hours of a period; what is left over at its end is too short for a call."""
    count = (period.end - period.start) // GRAIN
    return [Span(period.start + n * GRAIN, period.start + (n + 1) * GRAIN) for n in range(count)]
