"""The shipped programmes: a scene leads to its text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.care import library, programmes
from app.care.audience import belongs
from app.care.event_kinds import kinds
from app.care.placeholders import LANGUAGES
from tests.care.people import TODAY, at, decisions, person

SHIPPED = programmes.shipped()


def days_ago(count: int) -> date:
    return TODAY - timedelta(days=count)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("settled", {"settled_on": days_ago(15), "segment": "employee"}),
        ("unused_quota", {"limit_activated_on": days_ago(90), "limit_expires_on": days_ago(-200),
                          "credit_limit": Decimal(50000), "available_limit": Decimal(50000)}),
        ("repayment_reminder", {"due_on": days_ago(-7), "amount_due": Decimal(5360), "autopay": False}),
        ("good_payer", {"due_on": days_ago(-7), "opened_on": days_ago(400)}),
        ("limit_expiring", {"limit_expires_on": days_ago(-30)}),
        ("birthday", {"birthday": date(1990, 11, 25)}),
        ("birthday_offer", {"birthday": date(1990, 11, 25)}),
        ("learn_1", {"opened_on": days_ago(3)}),
        ("learn_2", {"opened_on": days_ago(12)}),
        ("learn_3", {"opened_on": days_ago(25)}),
        ("wake_up", {"last_active_on": days_ago(180)}),
        ("returning", {"settled_on": date(2025, 11, 25), "last_active_on": days_ago(120)}),
        ("info_update", {"info_updated_on": date(2025, 11, 25)}),
        ("overdue", {"due_on": days_ago(1), "overdue_days": 1}),
        ("page_seen", {"events": {"page_viewed": tuple(at(f"2026-11-{day} 20:00") for day in (24, 23, 22, 21))}}),
        ("calculator_used", {"events": {"calculator_used": (at("2026-11-24 20:00"),)}}),
        ("appointment_missed", {"events": {"appointment_missed": (at("2026-11-24 16:00"),)}}),
        ("approved_draw", {"events": {"approved": (at("2026-11-24 16:00"),)}}),
        ("policy_change", {"events": {"policy_changed": (at("2026-11-24 16:00"),)}}),
    ],
)  # fmt: skip
def test_every_scene_of_facts_and_behaviours_leads_to_its_text(key: str, told: dict[str, Any]) -> None:
    """2026-11-25 is a Wednesday, on which all windows but the weekend's open."""
    texts = {(text, "zh-CN") for text in SHIPPED[key].texts}
    assert decisions(person(**told), SHIPPED[key], texts=texts)[key].reason == ""


@pytest.mark.parametrize(
    ("key", "day", "told"),
    [
        ("spring_festival", "2026-02-14", {}),
        ("lantern", "2026-03-01", {}),
        ("tomb_sweeping", "2026-04-02", {}),
        ("labour_day", "2026-04-29", {}),
        ("dragon_boat", "2026-06-17", {}),
        ("mid_autumn", "2026-09-23", {}),
        ("national_day", "2026-09-28", {}),
        ("double_ninth", "2026-10-16", {}),
        ("new_year", "2026-12-30", {}),
        ("solar_term", "2026-11-07", {}),
        ("spring_farming", "2026-03-04", {"segment": "farmer"}),
        ("renovation", "2026-03-18", {"loan_product": "mortgage"}),
        ("home_balance", "2026-03-21", {"birthday": date(1990, 1, 1), "loan_product": "consumer"}),
        ("car", "2026-04-15", {"loan_product": "car"}),
        ("car_season", "2026-09-02", {"birthday": date(1990, 1, 1)}),
        ("vip", "2026-10-12", {"segment": "vip", "credit_limit": Decimal(500000)}),
        ("cross_sell", "2026-10-14", {"loan_product": "mortgage"}),
    ],
)
def test_every_scene_of_the_calendar_leads_to_its_text(key: str, day: str, told: dict[str, Any]) -> None:
    planned = date.fromisoformat(day)
    found = decisions(
        person(**told), SHIPPED[key], day=planned, now=at(f"{day} 08:00"), texts={(SHIPPED[key].template, "zh-CN")}
    )
    assert found[key].reason == ""


def test_every_programme_is_in_one_of_these_two_tests() -> None:
    def keys(test: Callable[..., None]) -> set[str]:
        (mark,) = test.pytestmark  # type: ignore[attr-defined]
        return {case[0] for case in mark.args[1]}

    facts = keys(test_every_scene_of_facts_and_behaviours_leads_to_its_text)
    assert facts | keys(test_every_scene_of_the_calendar_leads_to_its_text) == SHIPPED.keys()


@pytest.mark.parametrize("key", SHIPPED)
def test_a_programme_has_its_texts_in_both_languages_and_says_what_it_is_for(key: str) -> None:
    one = SHIPPED[key]
    for language in LANGUAGES:
        assert (one.template, language) in library.shipped()
        assert all((text, language) in library.shipped() for text in one.texts)
        assert one.title[language]
        assert one.goal[language]
    assert one.second_after_hours == 0 or library.shipped()[one.template, "en"].second


def test_every_text_of_the_library_has_its_programme() -> None:
    used = {text for one in SHIPPED.values() for text in one.texts}
    used |= {one.second for one in library.shipped().values()}
    assert {key for key, _ in library.shipped()} <= used


def test_what_invites_to_nothing_new_is_not_sent() -> None:
    who = person(events={"approved": (at("2026-11-24 16:00"),), "drawn": (at("2026-11-24 18:00"),)})
    texts = {("approved_draw", "zh-CN")}
    assert decisions(who, SHIPPED["approved_draw"], texts=texts)["approved_draw"].reason == "already_done"


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("unused_quota", {"credit_limit": Decimal(50000), "available_limit": Decimal(49999)}),
        ("repayment_reminder", {"amount_due": Decimal(5360), "autopay": True}),
        ("repayment_reminder", {"amount_due": Decimal(0), "autopay": False}),
        ("overdue", {"overdue_days": 0}),
        ("overdue", {"overdue_days": None}),
        ("good_payer", {"overdue_days": 2, "opened_on": days_ago(400)}),
        ("vip", {"segment": "employee", "credit_limit": Decimal(500000)}),
        ("spring_farming", {"segment": "owner"}),
    ],
)
def test_who_is_not_meant_is_left_out(key: str, told: dict[str, Any]) -> None:
    assert not belongs(SHIPPED[key].audience, TODAY)(replace(person(), **told))


def test_kinds_of_events_that_programmes_wait_for_are_known() -> None:
    asked = {one.when.event for one in SHIPPED.values()} - {""}
    assert asked <= kinds().keys()
    assert {"page_viewed", "calculator_used", "appointment_missed", "approved"} <= asked


def test_two_wordings_of_one_offer_are_compared() -> None:
    """Both arms make the same offer, and differ in nothing but their words."""
    one = SHIPPED["unused_quota"]
    assert [(arm.name, arm.template, arm.share) for arm in one.arms] == [
        ("A", "unused_quota", 60),
        ("B", "unused_quota_steps", 40),
    ]
    for language in LANGUAGES:
        first, other = (library.shipped()[text, language] for text in one.texts)
        assert first.words != other.words
        plain = {"key": "", "scene": "", "model": None}
        assert replace(first, **plain) == replace(other, **plain)  # type: ignore[arg-type]
