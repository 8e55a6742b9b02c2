"""Named days against published tables."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from app.care import calendars
from app.rules.calendars import MainlandChina

TABLE = Path(__file__).with_name("solar_terms.tsv").read_text(encoding="utf-8")
ROWS = [line.split("\t") for line in TABLE.splitlines() if not line.startswith("#")]
TERMS = [
    (name, date.fromisoformat(f"{year}-{day}"))
    for name, *days in ROWS[1:]
    for year, day in zip(ROWS[0][1:], days, strict=True)
]


def test_the_table_has_all_terms_of_three_years() -> None:
    assert len(TERMS) == 72
    assert sorted(day for _, day in TERMS) == [day for year in (2025, 2026, 2027) for day in _in_order(year)]


def _in_order(year: int) -> list[date]:
    return list(calendars.dates("solar_term", year))


@pytest.mark.parametrize(("term", "day"), TERMS)
def test_every_solar_term_is_on_its_published_day(term: str, day: date) -> None:
    assert calendars.terms(day.year)[term] == day
    assert any(one.term == term and calendars.dates(one.name, day.year) == (day,) for one in _named())


def _named() -> list[calendars.NamedDay]:
    return list(calendars.named().values())


@pytest.mark.parametrize(
    ("name", "days"),
    [
        # The Observatory's tables of the same years; 2025 has a second sixth month.
        ("laba", ["2025-01-07", "2026-01-26", "2027-01-15"]),
        ("little_new_year", ["2025-01-22", "2026-02-10", "2027-01-30"]),
        ("new_years_eve", ["2025-01-28", "2026-02-16", "2027-02-05"]),
        ("spring_festival", ["2025-01-29", "2026-02-17", "2027-02-06"]),
        ("lantern", ["2025-02-12", "2026-03-03", "2027-02-20"]),
        ("tomb_sweeping", ["2025-04-04", "2026-04-05", "2027-04-05"]),
        ("dragon_boat", ["2025-05-31", "2026-06-19", "2027-06-09"]),
        ("qixi", ["2025-08-29", "2026-08-19", "2027-08-08"]),
        ("mid_autumn", ["2025-10-06", "2026-09-25", "2027-09-15"]),
        ("double_ninth", ["2025-10-29", "2026-10-18", "2027-10-08"]),
        ("new_year", ["2025-01-01", "2026-01-01", "2027-01-01"]),
        ("labour_day", ["2025-05-01", "2026-05-01", "2027-05-01"]),
        ("national_day", ["2025-10-01", "2026-10-01", "2027-10-01"]),
    ],
)
def test_every_festival_is_on_its_published_day(name: str, days: list[str]) -> None:
    assert [calendars.dates(name, year) for year in (2025, 2026, 2027)] == [(date.fromisoformat(day),) for day in days]


def test_a_lunar_day_may_come_twice_in_a_year_or_not_at_all() -> None:
    """The eighth of the twelfth month came on 2022-01-10 and 2022-12-30, and not in 2023."""
    assert calendars.dates("laba", 2022) == (date(2022, 1, 10), date(2022, 12, 30))
    assert calendars.dates("laba", 2023) == ()


@pytest.mark.parametrize("name", [one.name for one in calendars.named().values() if one.lunar])
def test_a_lunar_day_comes_once_in_each_lunar_year(name: str) -> None:
    """Which has 353 to 385 days."""
    days = [day for year in range(2000, 2100) for day in calendars.dates(name, year)]
    assert all(353 <= (after - before).days <= 385 for before, after in pairwise(days))
    assert len(days) >= 99


def test_days_of_groups_are_those_of_their_members() -> None:
    assert len(calendars.dates("solar_term", 2026)) == 24
    eight = calendars.dates("principal_term", 2026)
    assert len({day.month for day in eight}) == len(eight) == 8


def test_every_day_has_names_in_both_languages_and_one_way_to_be_found() -> None:
    for one in _named():
        assert all(one.title[language] for language in ("zh-CN", "en"))
        assert sum(map(bool, (one.lunar, one.term, one.dates, one.days))) == 1, one.name


OFF_2025 = "01-01 01-28..02-04 04-04..04-06 05-01..05-05 05-31..06-02 10-01..10-08"
WORKED_2025 = "01-26 02-08 04-27 09-28 10-11"
OFF_2026 = "01-01..01-03 02-15..02-23 04-04..04-06 05-01..05-05 06-19..06-21 09-25..09-27 10-01..10-07"
WORKED_2026 = "01-04 02-14 02-28 05-09 09-20 10-10"


@pytest.mark.parametrize(("year", "off", "worked"), [(2025, OFF_2025, WORKED_2025), (2026, OFF_2026, WORKED_2026)])
def test_the_workdays_of_the_year_are_those_that_the_state_council_announced(year: int, off: str, worked: str) -> None:
    """Notices of the General Office of the State Council of November 2024 and 2025; every day of the year is told."""
    free = {day for part in off.split() for day in _days(year, part)}
    made_up = {day for part in worked.split() for day in _days(year, part)}
    day = date(year, 1, 1)
    while day.year == year:
        expected = day in made_up or (day.weekday() < 5 and day not in free)
        assert MainlandChina().is_workday(day) is expected, day
        day += timedelta(days=1)


def test_the_statutory_days_of_2027_are_free_whatever_is_announced() -> None:
    statutory = ["2027-01-01", "2027-02-08", "2027-04-05", "2027-06-09", "2027-09-15", "2027-10-01"]
    assert not any(MainlandChina().is_workday(date.fromisoformat(day)) for day in statutory)


def _days(year: int, part: str) -> list[date]:
    first, _, last = part.partition("..")
    start = date.fromisoformat(f"{year}-{first}")
    count = (date.fromisoformat(f"{year}-{last or first}") - start).days + 1
    return [start + timedelta(days=ahead) for ahead in range(count)]


def test_a_greeting_goes_before_a_named_holiday_and_not_on_it() -> None:
    assert calendars.holiday_ahead(date(2026, 9, 24)) == "mid_autumn:2026-09-25"
    assert calendars.holiday_ahead(date(2026, 9, 18)) == "mid_autumn:2026-09-25"
    assert calendars.holiday_ahead(date(2026, 9, 17)) == ""
    assert calendars.holiday_ahead(date(2026, 8, 20)) == ""


def test_days_before_two_holidays_belong_to_the_next_one() -> None:
    assert calendars.holiday_ahead(date(2026, 9, 25)) == "national_day:2026-10-01"
    assert calendars.holiday_ahead(date(2025, 9, 30)) == "national_day:2025-10-01"
    assert calendars.holiday_ahead(date(2025, 10, 1)) == "mid_autumn:2025-10-06"
    assert calendars.holiday_ahead(date(2025, 12, 28)) == "new_year:2026-01-01"
