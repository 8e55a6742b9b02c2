from __future__ import annotations

from datetime import date

from app.rules.breaks import Break, coming, in_a_break
from app.rules.calendars import MainlandChina, Weekdays

CHINA = MainlandChina()


def test_a_break_holds_its_weekends_and_is_named() -> None:
    found = list(coming(CHINA, date(2026, 9, 14), date(2026, 10, 12)))
    assert found == [
        Break(date(2026, 9, 20), date(2026, 9, 20), worked=True, name="", known=True),
        Break(date(2026, 9, 25), date(2026, 9, 27), worked=False, name="Mid-Autumn Festival", known=True),
        Break(date(2026, 10, 1), date(2026, 10, 7), worked=False, name="National Day", known=True),
        Break(date(2026, 10, 10), date(2026, 10, 10), worked=True, name="", known=True),
    ]


def test_breaks_of_a_year_that_is_not_announced_are_estimates() -> None:
    found = list(coming(CHINA, date(2027, 9, 28), date(2027, 10, 12)))
    assert [(one.first, one.known) for one in found] == [(date(2027, 10, 1), False)]


def test_a_break_that_reaches_over_the_end_is_shown_up_to_it() -> None:
    assert [one.last for one in coming(CHINA, date(2026, 9, 29), date(2026, 10, 3))] == [date(2026, 10, 2)]


def test_an_ordinary_weekend_is_no_break() -> None:
    assert not in_a_break(CHINA, date(2026, 11, 21)) and not in_a_break(CHINA, date(2026, 10, 10))
    assert list(coming(CHINA, date(2026, 11, 2), date(2026, 11, 30))) == []


def test_a_calendar_without_holidays_has_no_breaks() -> None:
    assert list(coming(Weekdays(), date(2026, 9, 14), date(2026, 10, 12))) == []
