"""Hours of a day as moments, where clocks are changed too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def passes(day: date, start: time, end: time, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """The moments (UTC) between which a clock in `zone` goes from `start` to `end` on that day, and nowhere else.

    Hours that are skipped are left out: 01:30-03:30 with 02:00-03:00 missing begins at 01:30 and takes one hour.
    None when nothing remains. Hours that come twice count once, so that every moment between the two reads as one
    between `start` and `end`: 01:30-02:30 with 01:00-02:00 repeated begins at the second 01:30.
    """
    first, second = _moment(day, start, zone, 0), _moment(day, start, zone, 1)
    began = max(first, second) if _reads(first, day, start, zone) else _jump(second, first, zone)
    ends = _moment(day, end, zone, 0)
    if not _reads(ends, day, end, zone):
        ends = _jump(_moment(day, end, zone, 1), ends, zone)
    elif ends <= began:
        began = first
    return (began, ends) if began < ends else None


def _moment(day: date, clock: time, zone: ZoneInfo, fold: int) -> datetime:
    return datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC)


def _reads(moment: datetime, day: date, clock: time, zone: ZoneInfo) -> bool:
    return moment.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, clock)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between the two at which the clocks are put forward, to the second."""
    offset = before.astimezone(zone).utcoffset()
    while (after - before).total_seconds() > 1:
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
