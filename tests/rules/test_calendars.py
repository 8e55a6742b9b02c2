from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from app.rules.calendars import MainlandChina, Weekdays, calendar_for

CHINA = MainlandChina()


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-01-04", True),  # a Sunday, for New Year's Friday
        ("2026-02-14", True),  # a Saturday before the Spring Festival
        ("2026-02-16", False),  # New Year's Eve of the lunar calendar
        ("2026-02-23", False),  # bridge day
        ("2026-06-19", False),  # Dragon Boat Festival
        ("2026-09-20", True),
        ("2026-10-07", False),
        ("2026-10-10", True),
        ("2026-11-22", False),  # a plain Sunday
        ("2026-11-23", True),
        ("2005-12-31", True),  # moved by the notice for 2006
    ],
)
def test_the_state_councils_days_hold(day: str, worked: bool) -> None:
    assert CHINA.is_workday(date.fromisoformat(day)) is worked


@pytest.mark.parametrize("day", ["2031-01-01", "2031-01-23", "2031-05-01", "2031-06-24", "2031-10-01"])
def test_past_the_data_statutory_days_are_still_free_but_said_to_be_estimates(day: str) -> None:
    """2031-01-23 is the first day of the lunar year, 2031-06-24 the fifth of its fifth month."""
    assert not CHINA.is_workday(date.fromisoformat(day))
    assert not CHINA.known(date.fromisoformat(day))


def test_a_plain_week_past_the_data_is_monday_to_friday() -> None:
    monday = date(2031, 3, 10)
    week = [CHINA.is_workday(monday + timedelta(days=ahead)) for ahead in range(7)]
    assert week == [True] * 5 + [False] * 2


def test_announced_years_are_known_up_to_what_the_next_notice_may_touch() -> None:
    assert CHINA.known(date(2025, 12, 31))
    assert CHINA.known(date(2026, 12, 25))
    assert all(CHINA.known(date(year, 6, 1)) for year in range(2001, 2027))
    unannounced = next(year for year in range(2026, 2040) if not CHINA.known(date(year + 1, 6, 1)))
    assert not CHINA.known(date(unannounced, 12, 31))


@pytest.mark.parametrize("day", [date.min, date(1949, 10, 1), date(2101, 1, 1), date.max])
def test_no_year_raises(day: date) -> None:
    assert CHINA.is_workday(day) in {True, False}
    assert CHINA.known(day) is False


def test_threads_that_look_first_all_see_the_holiday() -> None:
    with ThreadPoolExecutor(8) as threads:
        looks = list(threads.map(lambda year: CHINA.is_workday(date(year, 10, 1)), [*range(2040, 2060)] * 8))
    assert not any(looks)


def test_other_zones_work_monday_to_friday() -> None:
    assert isinstance(calendar_for("Asia/Shanghai"), MainlandChina)
    assert isinstance(calendar_for("Europe/Berlin"), Weekdays)
    assert calendar_for("Europe/Berlin").is_workday(date(2026, 10, 1))
    assert not calendar_for("Europe/Berlin").is_workday(date(2026, 10, 3))
    assert calendar_for("Europe/Berlin").known(date(2050, 1, 1))
