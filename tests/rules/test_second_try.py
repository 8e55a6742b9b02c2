"""When somebody who did not pick up is called again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.rules.calendars import calendar_for
from app.rules.hours import Span, WorkingHours, parse_periods
from app.rules.roster import Roster
from app.rules.second_try import second_try

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = WorkingHours(parse_periods(("09:00-12:00", "13:30-18:00")), calendar_for("Asia/Shanghai"), ZONE)


def at(told: str) -> datetime:
    """A moment of the week of 8 June 2026, written `Wed 14:00`."""
    day, _, time = told.partition(" ")
    return datetime.fromisoformat(f"2026-06-{8 + 'MonTueWedThuFriSatSun'.index(day) // 3:02} {time}").replace(
        tzinfo=ZONE
    )


def again(now: str, promised: str = "Wed 14:00", taken: Mapping[str, int] | None = None) -> Span | None:
    start = at(promised)
    busy = {at(moment): count for moment, count in (taken or {}).items()}
    return second_try(Roster(at(now), HOURS, busy, 1), Span(start, start + timedelta(hours=1)))


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        ("Wed 14:00", "Wed 14:10", "Wed 15:00"),  # the slot is the time in which the customer expects us
        ("Wed 14:45", "Wed 14:55", "Wed 15:00"),
        ("Wed 14:46", "Wed 15:00", "Wed 15:30"),  # too little is left
        ("Wed 15:00", "Wed 15:30", "Wed 16:00"),
        ("Wed 15:20", "Wed 15:30", "Wed 16:00"),
        ("Wed 15:21", "Wed 16:00", "Wed 16:30"),  # somebody who did not hear it does not hear it a minute later
        ("Wed 13:50", "Wed 14:00", "Wed 15:00"),  # called a little early
        ("Wed 17:50", "Thu 09:00", "Thu 09:30"),
        ("Fri 17:25", "Mon 09:00", "Mon 09:30"),
    ],
)
def test_in_the_slot_while_enough_is_left_else_in_the_next_half_hour(now: str, start: str, end: str) -> None:
    found = again(now)
    assert found is not None
    wanted = at(start) + (timedelta(days=7) if start.startswith("Mon") else timedelta(0))
    assert (found.start, found.end - found.start) == (wanted, at(end) - at(start))


def test_a_half_hour_in_which_everybody_calls_is_passed_over() -> None:
    assert again("Wed 14:50", taken={"Wed 15:00": 1}) == Span(at("Wed 16:00"), at("Wed 16:30"))


def test_a_call_that_began_before_reaches_into_the_half_hour() -> None:
    assert again("Wed 14:50", taken={"Wed 14:30": 1}) == Span(at("Wed 15:30"), at("Wed 16:00"))


def test_when_all_are_full_the_next_half_hour_that_is_worked() -> None:
    half = timedelta(minutes=30)
    taken = {at("Mon 09:00") + n * half: 1 for n in range(48 * 30)}
    found = second_try(Roster(at("Wed 14:50"), HOURS, taken, 1), Span(at("Wed 14:00"), at("Wed 15:00")))
    assert found == Span(at("Wed 15:00"), at("Wed 15:30"))


def test_where_nobody_works_there_is_no_second_try() -> None:
    closed = WorkingHours((), calendar_for("Asia/Shanghai"), ZONE)
    assert second_try(Roster(at("Wed 15:00"), closed, {}, 1), Span(at("Wed 14:00"), at("Wed 15:00"))) is None
