"""What a customer gets today, and each reason why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.care import library, programmes
from app.care.decide import arm, compiled, decide, spoken
from app.care.person import Person, Waiting
from app.care.programme import Arm, Condition, Programme, When
from app.care.reasons import REASONS
from tests.care.people import MORNING, SHANGHAI, TODAY, at, decisions, person, programme, reason

DUE = person(settled_on=TODAY - timedelta(days=15))
OFFER = programme()


def test_a_text_is_planned_within_a_window_of_the_day() -> None:
    planned = decisions(DUE, OFFER)["settled"]
    assert planned.reason == ""
    assert planned.occasion == "settled_on:2026-11-10"
    assert (planned.template, planned.variant, planned.language) == ("settled", "", "zh-CN")
    assert planned.due_at is not None and planned.closes_at is not None
    assert planned.due_at.date() == TODAY
    assert planned.due_at.hour in (10, 15)
    assert (planned.closes_at.hour, planned.closes_at.minute) == (planned.due_at.hour + 1, 0)


@pytest.mark.parametrize(
    ("code", "who", "offer"),
    [
        ("not_due", person(), OFFER),
        ("not_due", person(settled_on=TODAY - timedelta(days=14)), OFFER),
        ("not_due", person(settled_on=TODAY - timedelta(days=29)), OFFER),
        ("wrong_audience", DUE, replace(OFFER, audience=(Condition("segment", "is", ("vip",)),))),
        ("no_number", replace(DUE, phone=""), OFFER),
        ("shared_number", replace(DUE, owners=2), OFFER),
        ("refused", replace(DUE, refused=frozenset({"commercial"})), OFFER),
        ("blocked", replace(DUE, refused=frozenset({"gateway"})), OFFER),
        ("no_consent", replace(DUE, granted=frozenset()), OFFER),
        (
            "already_done",
            replace(DUE, events={"drawn": (at("2026-11-20 09:00"),)}),
            replace(OFFER, converted_by=("drawn",)),
        ),
        ("over_cap", replace(DUE, had={"care": (at("2026-11-02 10:00"), at("2026-11-09 10:00"))}), OFFER),
        ("not_today", DUE, replace(OFFER, window="owner")),
        ("no_slot", DUE, replace(OFFER, window="owner", when=When(fact="settled_on", after=15, lasts=2))),
        ("already_planned", replace(DUE, planned=frozenset({("settled", "settled_on:2026-11-10")})), OFFER),
        ("overdue", replace(DUE, overdue_days=1), OFFER),
        ("language", replace(DUE, language="en"), OFFER),
    ],
)
def test_each_reason_is_given(code: str, who: object, offer: object) -> None:
    assert reason(who, offer) == code  # type: ignore[arg-type]


def test_a_template_without_an_approved_version_is_a_reason_of_its_own() -> None:
    assert reason(DUE, OFFER, texts={("other", "zh-CN")}) == "not_approved"


def test_the_one_with_more_weight_goes_and_the_other_says_why() -> None:
    rival = programme("rival", priority=51)
    found = decisions(DUE, OFFER, rival)
    assert (found["settled"].reason, found["rival"].reason) == ("outranked", "")
    assert found["settled"].occasion == "settled_on:2026-11-10"
    assert found["settled"].due_at is None


def test_of_two_with_the_same_weight_the_one_that_cannot_wait_goes() -> None:
    hurried = programme("hurried", when=When(fact="settled_on", after=13, lasts=3))
    assert reason(DUE, OFFER, hurried) == "outranked"
    assert reason(DUE, OFFER, programme("other")) == ""


def test_who_lost_a_day_has_the_next() -> None:
    rival = programme("rival", priority=51)
    won = frozenset({("rival", "settled_on:2026-11-10")})
    tomorrow = TODAY + timedelta(days=1)
    who = replace(DUE, planned=won, had={"activity": (at("2026-11-25 10:10"),)})
    assert reason(who, OFFER, rival, day=tomorrow, now=MORNING + timedelta(days=1)) == ""


def test_a_day_that_had_its_text_gets_no_other_whatever_its_priority() -> None:
    first = replace(OFFER, priority=100)
    assert reason(replace(DUE, had={"service": (at("2026-11-25 00:10"),)}), first) == "outranked"
    assert reason(replace(DUE, had={"service": (at("2026-11-24 15:30"),)}), first) == ""


@pytest.mark.parametrize(("priority", "expected"), [(49, ""), (50, "outranked"), (51, "outranked")])
def test_a_text_that_waits_for_this_day_gives_way_only_to_a_higher_priority(priority: int, expected: str) -> None:
    other = programme("other", priority=priority)
    assert reason(waiting_for(other, "2026-11-25 15:30"), OFFER, other) == expected
    assert reason(waiting_for(other, "2026-11-24 15:30"), OFFER, other) == ""
    assert reason(waiting_for(other, "2026-11-26 10:30"), OFFER, other) == ""


def test_of_several_that_wait_the_one_with_the_highest_priority_counts() -> None:
    low, high = programme("low", priority=20), programme("high", priority=70)
    one, other = waiting_for(low, "2026-11-25 15:30"), waiting_for(high, "2026-11-25 10:30")
    both = replace(one, planned=one.planned | other.planned, waiting=(*one.waiting, *other.waiting))
    assert reason(one, OFFER, low) == ""
    assert reason(both, OFFER, low, high) == "outranked"


def test_what_waits_of_a_programme_that_is_off_takes_no_day() -> None:
    """It is held before it could leave."""
    assert reason(waiting_for(programme("off", priority=100), "2026-11-25 15:30"), OFFER) == ""


def test_the_second_best_does_not_slip_past_a_text_that_waits() -> None:
    waits, best = programme("waits", priority=60), programme("best", priority=60)
    found = decisions(waiting_for(waits, "2026-11-25 15:30"), OFFER, waits, best)
    assert {found[key].reason for key in ("settled", "best")} == {"outranked"}


def waiting_for(other: Programme, due_at: str) -> Person:
    """Its occasion has its text, which waits until then, of a kind without caps."""
    planned = frozenset({(other.key, "settled_on:2026-11-10")})
    return replace(DUE, planned=planned, waiting=(Waiting(other.key, "service", at(due_at)),))


def test_an_event_that_is_told_late_makes_no_second_text() -> None:
    """The fourth look of 24 November had its text; then one of the 20th is told, and the fourth is that of the 23rd."""
    looked = programme("page", when=When(event="page_viewed", times=4, days=7, lasts=7))
    known = tuple(at(f"2026-11-{day} 20:00") for day in (24, 23, 22, 21))
    planned = frozenset({("page", decisions(person(events={"page_viewed": known}), looked)["page"].occasion)})
    late = {"page_viewed": (*known, at("2026-11-20 20:00"))}
    assert reason(person(events=late), looked) == ""
    assert reason(person(events=late, planned=planned), looked) == "already_planned"


@pytest.mark.parametrize(
    ("due_at", "priority", "expected"),
    [
        ("2026-11-27 10:00", 49, "over_cap"),
        ("2026-11-25 15:30", 49, ""),
        ("2026-11-25 15:30", 50, "over_cap"),
    ],
)
def test_texts_that_wait_count_for_the_cap_but_one_that_loses_its_day(
    due_at: str, priority: int, expected: str
) -> None:
    other = programme("other", priority=priority)
    who = replace(waiting_for(other, due_at), had={"care": (at("2026-11-02 10:00"),)})
    who = replace(who, waiting=(Waiting("other", "care", at(due_at)),))
    assert reason(who, OFFER, other) == expected


def test_a_reminder_needs_no_agreement_and_stops_for_its_own_refusal() -> None:
    due = person(
        due_on=TODAY + timedelta(days=7), granted=frozenset(), refused=frozenset({"commercial"}), overdue_days=3
    )
    reminder = programme("reminder", purpose="reminder", kind="service", when=When(fact="due_on", after=-7))
    assert reason(due, reminder) == ""
    assert reason(replace(due, refused=frozenset({"reminders"})), reminder) == "refused"


def test_a_bank_may_write_to_all_who_did_not_refuse() -> None:
    who = replace(DUE, granted=frozenset())
    assert reason(who, OFFER, consent="not_refused") == ""
    assert reason(replace(who, refused=frozenset({"commercial"})), OFFER, consent="not_refused") == "refused"


def test_a_plan_that_is_made_late_takes_what_is_left_of_the_day() -> None:
    late = datetime(2026, 11, 25, 15, 40, tzinfo=SHANGHAI)
    planned = decisions(DUE, OFFER, now=late)["settled"]
    assert planned.due_at is not None and planned.due_at >= late
    assert reason(DUE, OFFER, now=datetime(2026, 11, 25, 15, 59, tzinfo=SHANGHAI)) == "not_today"


def test_the_same_question_has_the_same_answer() -> None:
    assert decisions(DUE, OFFER) == decisions(DUE, OFFER)


def test_decide_answers_as_a_compiled_plan_does_in_the_order_of_the_programmes() -> None:
    on = programmes.shipped()
    texts = set(library.shipped())
    plan = compiled(on, day=TODAY, now=MORNING, zone=SHANGHAI, consent="granted", texts=texts)
    found = decide(DUE, on, day=TODAY, now=MORNING, zone=SHANGHAI, consent="granted", texts=texts)
    assert found == plan.decide(DUE)
    assert [decision.programme for decision in found] == list(on)
    assert {decision.reason for decision in found} <= {"", *REASONS}


@pytest.mark.parametrize(
    ("bank", "customer", "local"),
    [
        ("Asia/Shanghai", "America/New_York", "2026-11-25"),
        ("Asia/Shanghai", "Pacific/Auckland", "2026-11-26"),
        ("America/New_York", "Asia/Shanghai", "2026-11-26"),
        ("Europe/London", "Asia/Shanghai", "2026-11-26"),
        ("Asia/Shanghai", "Asia/Tokyo", "2026-11-25"),
    ],
)
def test_a_customer_elsewhere_is_planned_for_a_day_of_theirs_that_lies_ahead(
    bank: str, customer: str, local: str
) -> None:
    day = date.fromisoformat(local)
    now = datetime(2026, 11, 25, 8, 0, tzinfo=ZoneInfo(bank))
    who = person(settled_on=day - timedelta(days=15), zone=customer)
    planned = decisions(who, OFFER, now=now, zone=ZoneInfo(bank))["settled"]
    assert planned.due_at is not None
    assert (planned.due_at.date(), str(planned.due_at.tzinfo)) == (day, customer)
    assert planned.due_at.hour in (10, 15)


def test_arms_share_the_customers_and_keep_them() -> None:
    test = replace(OFFER, arms=(Arm("a", "settled", 30), Arm("b", "settled_b", 70)))
    found = [arm(test, f"C{number}") for number in range(4_000)]
    assert found == [arm(test, f"C{number}") for number in range(4_000)]
    assert set(found) == {("settled", "a"), ("settled_b", "b")}
    assert 0.27 < found.count(("settled", "a")) / len(found) < 0.33


def test_two_tests_share_the_customers_differently() -> None:
    arms = (Arm("a", "settled", 50), Arm("b", "settled_b", 50))
    one, two = replace(OFFER, arms=arms), replace(programme("other"), arms=arms)
    same = sum(arm(one, f"C{number}") == arm(two, f"C{number}") for number in range(4_000))
    assert 0.45 < same / 4_000 < 0.55


@pytest.mark.parametrize(
    ("language", "approved", "expected"),
    [
        ("zh-CN", {"zh-CN", "en"}, "zh-CN"),
        ("zh-HK", {"zh-CN", "en"}, "zh-CN"),
        ("en-GB", {"zh-CN", "en"}, "en"),
        ("fr", {"zh-CN", "en"}, ""),
        ("en", {"zh-CN"}, ""),
        ("en", set(), ""),
    ],
)
def test_a_customer_reads_other_forms_of_their_language(language: str, approved: set[str], expected: str) -> None:
    assert spoken(language, approved) == expected
