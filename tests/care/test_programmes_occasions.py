"""When something has happened that a programme waits for (B2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.care.occasions import Found, finder, months_later
from app.care.person import Person
from app.care.programme import When
from tests.care.people import SHANGHAI, at, person


def found(when: When, day: str, who: Person, zone: ZoneInfo = SHANGHAI) -> Found | None:
    find = finder(when, date.fromisoformat(day), zone)
    return find(who) if find else None


def days(when: When, who: Person, first: str, count: int) -> list[str]:
    """On which of these days the occasion is there."""
    start = date.fromisoformat(first)
    every = [(start + timedelta(days=ahead)).isoformat() for ahead in range(count)]
    return [day for day in every if found(when, day, who)]


def test_an_occasion_begins_so_many_days_after_a_date_and_lasts() -> None:
    when = When(fact="settled_on", after=15, lasts=3)
    who = person(settled_on=date(2026, 10, 20))
    assert days(when, who, "2026-10-20", 60) == ["2026-11-04", "2026-11-05", "2026-11-06"]
    there = found(when, "2026-11-05", who)
    assert there is not None
    assert (there.occasion, there.last) == ("settled_on:2026-10-20", date(2026, 11, 6))
    assert there.since == at("2026-10-20 00:00")


def test_an_occasion_begins_so_many_days_before_a_date() -> None:
    who = person(due_on=date(2026, 12, 1))
    assert days(When(fact="due_on", after=-7, lasts=2), who, "2026-11-01", 60) == ["2026-11-24", "2026-11-25"]


@pytest.mark.parametrize(
    ("updated", "months", "first"),
    [
        ("2025-11-25", 12, "2026-11-25"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2025-08-31", 6, "2026-02-28"),
        ("2026-12-31", -1, "2026-11-30"),
    ],
)
def test_months_are_those_of_the_calendar(updated: str, months: int, first: str) -> None:
    who = person(info_updated_on=date.fromisoformat(updated))
    start = date.fromisoformat(first) - timedelta(days=40)
    assert days(When(fact="info_updated_on", months=months, lasts=1), who, start.isoformat(), 80) == [first]


@given(
    known=st.dates(date(2020, 1, 1), date(2026, 12, 31)),
    months=st.integers(-24, 24),
    after=st.integers(-60, 60),
    lasts=st.integers(1, 40),
    ahead=st.integers(-5, 45),
)
def test_the_quick_look_misses_no_day(known: date, months: int, after: int, lasts: int, ahead: int) -> None:
    first = months_later(known, months) + timedelta(days=after)
    day = first + timedelta(days=ahead)
    there = found(When(fact="due_on", months=months, after=after, lasts=lasts), day.isoformat(), person(due_on=known))
    assert (there is not None) is (0 <= ahead < lasts)


@pytest.mark.parametrize(
    ("born", "year", "celebrated"),
    [
        ("1990-11-25", 2026, "2026-11-25"),
        ("1992-02-29", 2026, "2026-02-28"),
        ("1992-02-29", 2028, "2028-02-29"),
        ("1992-02-28", 2028, "2028-02-28"),
        ("1992-03-01", 2026, "2026-03-01"),
        ("1988-12-31", 2026, "2026-12-31"),
    ],
)
def test_a_birthday_comes_once_a_year(born: str, year: int, celebrated: str) -> None:
    who = person(birthday=date.fromisoformat(born))
    assert days(When(fact="birthday", yearly=True, lasts=1), who, f"{year}-01-01", 366 - (year % 4 > 0)) == [celebrated]


def test_an_anniversary_lasts_over_the_turn_of_the_year_under_one_name() -> None:
    who = person(birthday=date(1990, 12, 30))
    when = When(fact="birthday", yearly=True, after=1, lasts=3)
    assert days(when, who, "2026-12-25", 14) == ["2026-12-31", "2027-01-01", "2027-01-02"]
    there = found(when, "2027-01-02", who)
    assert there is not None
    assert there.occasion == "birthday:2026-12-30"


def test_the_day_itself_is_no_anniversary() -> None:
    when = When(fact="opened_on", yearly=True, lasts=5)
    assert days(when, person(opened_on=date(2026, 11, 25)), "2026-11-20", 20) == []
    assert days(when, person(opened_on=date(2025, 11, 25)), "2026-11-20", 20)[0] == "2026-11-25"


def test_a_named_day_is_everybodys() -> None:
    when = When(day="mid_autumn", after=-3, lasts=3)
    assert days(when, person(), "2026-09-01", 60) == ["2026-09-22", "2026-09-23", "2026-09-24"]
    there = found(when, "2026-09-23", person())
    assert there is not None
    assert there.occasion == "mid_autumn:2026-09-25"


def test_a_greeting_before_new_year_is_looked_for_in_the_year_before() -> None:
    assert days(When(day="new_year", after=-2, lasts=2), person(), "2026-12-25", 10) == ["2026-12-30", "2026-12-31"]


def test_any_solar_term_has_its_own_name() -> None:
    there = found(When(day="solar_term", lasts=1), "2026-07-07", person())
    assert there is not None
    assert there.occasion == "xiaoshu:2026-07-07"
    assert found(When(day="solar_term", lasts=1), "2026-07-08", person()) is None


LOOKED = When(event="page_viewed", times=4, days=7, lasts=5)


def seen(*moments: str, **told: Any) -> Person:
    return person(events={"page_viewed": tuple(sorted((at(one) for one in moments), reverse=True))}, **told)


def test_more_than_three_looks_within_a_week_are_an_occasion_from_the_fourth_on() -> None:
    three = ("2026-11-01 10:00", "2026-11-03 10:00", "2026-11-05 20:00")
    assert days(LOOKED, seen(*three), "2026-11-01", 30) == []
    four = seen(*three, "2026-11-08 09:00")
    assert days(LOOKED, four, "2026-11-08", 30) == [f"2026-11-{day:02}" for day in range(8, 13)]
    there = found(LOOKED, "2026-11-10", four)
    assert there is not None
    assert (there.occasion, there.since) == ("page_viewed:2026-11-08T01:00", at("2026-11-08 09:00"))
    assert days(LOOKED, seen(*three, "2026-11-08 10:01"), "2026-11-01", 30) == []


def test_who_keeps_looking_has_one_occasion() -> None:
    often = seen(*(f"2026-11-{day:02} 10:00" for day in range(1, 29)))
    assert days(LOOKED, often, "2026-11-01", 40) == [f"2026-11-{day:02}" for day in range(4, 9)]


def test_who_comes_back_later_has_another() -> None:
    again = seen(*(f"2026-{month}-0{day} 10:00" for month in ("10", "11") for day in range(1, 5)))
    there = found(LOOKED, "2026-11-05", again)
    assert there is not None
    assert there.occasion == "page_viewed:2026-11-04T02:00"


def test_a_burst_that_ended_with_single_looks_is_still_one() -> None:
    burst = [f"2026-11-0{day} 10:00" for day in range(1, 5)]
    who = seen(*burst, "2026-11-12 10:00")
    assert found(When(event="page_viewed", times=4, days=7, lasts=14), "2026-11-13", who) is not None


def test_a_single_event_counts_on_the_day_of_the_customer() -> None:
    when = When(event="appointment_missed", lasts=2)
    who = person(events={"appointment_missed": (at("2026-11-25 06:00"),)})
    assert days(when, who, "2026-11-20", 10) == ["2026-11-25", "2026-11-26"]
    new_york = ZoneInfo("America/New_York")
    assert found(when, "2026-11-24", who, new_york) is not None
    assert found(when, "2026-11-26", who, new_york) is None


def test_an_event_may_wait_some_days_for_its_text() -> None:
    who = person(events={"approved": (at("2026-11-20 10:00"),)})
    assert days(When(event="approved", after=2, lasts=2), who, "2026-11-18", 10) == ["2026-11-22", "2026-11-23"]


@given(
    hours=st.lists(st.integers(0, 24 * 40), min_size=1, max_size=25),
    times=st.integers(1, 5),
    within=st.integers(1, 10),
)
def test_an_occasion_keeps_its_name_while_more_events_come(hours: list[int], times: int, within: int) -> None:
    """Else every look at a page would be a new occasion with a new text."""
    when = When(event="page_viewed", times=times, days=within, lasts=6)
    moments = sorted(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in hours)
    names: list[str] = []
    for ahead in range(50):
        night = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=ahead + 1)
        known = tuple(reversed([moment for moment in moments if moment < night]))
        there = found(
            when, f"{night - timedelta(days=1):%Y-%m-%d}", person(events={"page_viewed": known}), ZoneInfo("UTC")
        )
        if there and (not names or names[-1] != there.occasion):
            names.append(there.occasion)
    assert len(set(names)) == len(names)
    assert names == sorted(names)
