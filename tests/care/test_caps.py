"""How many texts a customer gets (B5)."""

from __future__ import annotations

import pytest

from app.care.caps import over
from app.care.template import Kind
from tests.care.people import at

ZONE = "Asia/Shanghai"
NOW = at("2026-09-10 10:00")


@pytest.mark.parametrize("kind", ["care", "product", "activity"])
def test_the_third_text_of_a_month_is_one_too_many(kind: Kind) -> None:
    first, second = at("2026-09-01 10:00"), at("2026-09-05 10:00")
    assert not over(kind, {"care": (first,)}, NOW, ZONE)
    assert over(kind, {"care": (first, second)}, NOW, ZONE)
    assert over(kind, {"care": (first,), "activity": (second,)}, NOW, ZONE)


def test_in_the_first_month_texts_come_as_they_are_triggered() -> None:
    assert not over("product", {"product": (at("2026-09-01 10:00"),)}, NOW, ZONE)


@pytest.mark.parametrize("kind", ["product", "activity"])
def test_from_the_second_month_on_there_is_one_of_each(kind: Kind) -> None:
    before = at("2026-08-20 10:00")
    other: Kind = "activity" if kind == "product" else "product"
    this_month = (at("2026-09-02 10:00"),)
    assert over(kind, {"care": (before,), kind: this_month}, NOW, ZONE)
    assert not over(kind, {"care": (before,), other: this_month}, NOW, ZONE)
    assert not over("care", {"care": (before,), kind: this_month}, NOW, ZONE)


def test_who_only_had_reminders_last_month_is_in_the_first_month() -> None:
    had = {"service": (at("2026-08-20 10:00"),), "product": (at("2026-09-02 10:00"),)}
    assert not over("product", had, NOW, ZONE)


def test_service_texts_are_free_and_count_for_nothing() -> None:
    many = tuple(at(f"2026-09-0{day} 10:00") for day in range(1, 9))
    assert not over("service", {"care": many, "service": many}, NOW, ZONE)
    assert not over("care", {"service": many}, NOW, ZONE)


def test_a_greeting_goes_before_a_named_holiday_beside_the_months_two() -> None:
    full = {"care": (at("2026-09-01 10:00"), at("2026-09-02 10:00"))}
    assert not over("festival", full, at("2026-09-24 10:00"), ZONE)
    assert over("festival", {}, at("2026-09-25 10:00"), ZONE) is False  # it may be the next holiday's
    assert over("festival", {}, NOW, ZONE)


def test_each_named_holiday_has_one() -> None:
    autumn = at("2026-09-22 10:00")
    assert over("festival", {"festival": (autumn,)}, at("2026-09-24 10:00"), ZONE)
    assert not over("festival", {"festival": (autumn,)}, at("2026-09-28 10:00"), ZONE)


def test_greetings_are_not_among_the_two() -> None:
    had = {"festival": (at("2026-09-22 10:00"),), "care": (at("2026-09-01 10:00"),)}
    assert not over("care", had, at("2026-09-28 10:00"), ZONE)


@pytest.mark.parametrize(
    ("zone", "expected"), [("Asia/Shanghai", True), ("America/New_York", False)], ids=["September", "still August"]
)
def test_a_month_is_the_customers(zone: str, expected: bool) -> None:
    """06:00 of 1 September in Shanghai is the evening of 31 August in New York."""
    had = {"care": (at("2026-09-01 06:00"), at("2026-09-01 06:30"))}
    assert over("care", had, at("2026-09-05 23:00"), zone) is expected


def test_holidays_may_be_a_banks_own() -> None:
    own = {at("2026-09-10 10:00").date(): "founding_day:2026-09-12"}
    assert not over("festival", {}, NOW, ZONE, lambda day: own.get(day, ""))
