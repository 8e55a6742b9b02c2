from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.calendars import MainlandChina, Weekdays
from app.rules.hours import Period, WorkingHours, parse_periods

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = WorkingHours(parse_periods(("09:00-12:00", "13:30-18:00")), MainlandChina(), SHANGHAI)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_periods_are_read_in_order_and_joined_where_they_touch() -> None:
    assert parse_periods(("13:30-18:00", " 9:00 - 12:00")) == (
        Period(time(9), time(12)),
        Period(time(13, 30), time(18)),
    )
    assert parse_periods(("09:00-12:00", "12:00-18:00")) == (Period(time(9), time(18)),)


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ((), "has no period; write it like 09:00-12:00,13:30-18:00"),
        (("9-12",), "has '9-12', which is not a period; write it like 09:00-12:00"),
        (("09:00-24:00",), "has '09:00-24:00', which is no time of the day; hours go from 00:00 to 23:59"),
        (("09:00-09:00",), "has '09:00-09:00', which is empty; let it end later than it starts"),
        (("18:00-09:00",), "has '18:00-09:00', which ends before it starts; swap them"),
        (
            ("11:00-18:00", "09:00-12:00"),
            "has 09:00-12:00 and 11:00-18:00, which overlap; let the second start at 12:00 or later",
        ),
    ],
)
def test_a_wrong_period_is_named_with_its_repair(texts: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(ValueError) as told:
        parse_periods(texts)
    assert str(told.value).startswith(sentence)


@pytest.mark.parametrize(
    ("moment", "opened"),
    [
        ("2026-11-23T08:59:59", False),
        ("2026-11-23T09:00", True),
        ("2026-11-23T12:00", False),
        ("2026-11-23T13:30", True),
        ("2026-11-23T17:59:59", True),
        ("2026-11-23T18:00", False),
        ("2026-11-22T10:00", False),
        ("2026-10-10T10:00", True),
        ("2026-10-01T10:00", False),
    ],
)
def test_open_and_closed(moment: str, opened: bool) -> None:
    assert HOURS.is_open(at(moment)) is opened
    assert HOURS.is_open(at(moment).astimezone(UTC)) is opened


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-23T10:00", "2026-11-23T10:00"),
        ("2026-11-23T12:30", "2026-11-23T13:30"),
        ("2026-11-20T18:00", "2026-11-23T09:00"),
        ("2026-09-30T19:00", "2026-10-08T09:00"),
        ("2026-02-14T18:00", "2026-02-24T09:00"),
    ],
)
def test_the_next_opening_jumps_lunch_weekends_and_holidays(moment: str, opening: str) -> None:
    assert HOURS.next_opening(at(moment)) == at(opening)


@given(
    st.integers(0, 6 * 365 * 24 * 60).map(lambda minute: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minute))
)
def test_the_next_opening_is_open_and_nothing_before_it_is(moment: datetime) -> None:
    opening = HOURS.next_opening(moment)
    assert HOURS.is_open(opening) and opening >= moment
    if opening > moment:
        assert not HOURS.is_open(moment)
        assert not HOURS.is_open(moment + (opening - moment) * 0.999)


def test_a_naive_moment_is_refused_not_guessed() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        HOURS.is_open(datetime(2026, 11, 23, 10))  # noqa: DTZ001


def test_a_calendar_that_never_opens_is_an_error_not_a_loop() -> None:
    class Closed(Weekdays):
        def is_workday(self, day: date) -> bool:
            return False

    with pytest.raises(ValueError, match="nothing opens within 60 days"):
        WorkingHours(HOURS.periods, Closed(), SHANGHAI).next_opening(at("2026-11-23T10:00"))


def test_periods_of_a_day_are_aware_and_none_on_a_holiday() -> None:
    first, second = HOURS.periods_on(date(2026, 11, 23))
    assert (first.start, first.end - first.start) == (at("2026-11-23T09:00"), timedelta(hours=3))
    assert second.start in second and second.end not in second
    assert HOURS.periods_on(date(2026, 10, 1)) == ()


WEEK = WorkingHours(
    HOURS.periods,
    MainlandChina(),
    SHANGHAI,
    week={2: parse_periods(("09:00-12:00",)), 4: (), 5: parse_periods(("10:00-15:00",))},
    days={
        date(2026, 11, 24): (),
        date(2026, 11, 29): parse_periods(("10:00-11:00",)),
        date(2026, 10, 2): parse_periods(("14:00-16:00",)),
    },
)


@pytest.mark.parametrize(
    ("day", "periods"),
    [
        ("2026-11-23", "09:00-12:00 13:30-18:00"),  # a Monday as ever
        ("2026-11-25", "09:00-12:00"),  # a short Wednesday
        ("2026-11-27", ""),  # a Friday that is never worked
        ("2026-11-28", "10:00-15:00"),  # an open Saturday
        ("2026-11-22", ""),  # a Sunday
        ("2026-10-10", "09:00-12:00 13:30-18:00"),  # a Saturday that makes up for a holiday: a workday's hours
        ("2026-10-03", ""),  # a Saturday that is a holiday
        ("2026-06-20", ""),  # a Saturday behind a holiday's Friday: announced as three days off
        ("2026-11-24", ""),  # a Tuesday that the bank closes
        ("2026-11-29", "10:00-11:00"),  # a Sunday that it opens
        ("2026-10-02", "14:00-16:00"),  # a holiday that it opens
    ],
)
def test_weekdays_and_single_dates_have_hours_of_their_own(day: str, periods: str) -> None:
    found = WEEK.hours_of(date.fromisoformat(day))
    assert " ".join(str(period) for period in found) == periods
    assert WEEK.is_workday(date.fromisoformat(day)) is bool(periods)


def test_a_closure_is_jumped_and_an_extra_day_is_found() -> None:
    assert WEEK.next_opening(at("2026-11-23T19:00")) == at("2026-11-25T09:00")
    assert WEEK.next_opening(at("2026-11-28T16:00")) == at("2026-11-29T10:00")


def test_closed_on_a_weekday_that_is_usually_worked_is_a_holiday() -> None:
    assert WEEK.is_holiday(date(2026, 11, 24)) and WEEK.is_holiday(date(2026, 10, 1))
    assert not WEEK.is_holiday(date(2026, 11, 27)) and not WEEK.is_holiday(date(2026, 11, 22))


def test_what_the_bank_set_for_a_date_is_no_estimate() -> None:
    assert not HOURS.known(date(2027, 10, 1))
    assert WorkingHours(HOURS.periods, MainlandChina(), SHANGHAI, days={date(2027, 10, 1): ()}).known(date(2027, 10, 1))
