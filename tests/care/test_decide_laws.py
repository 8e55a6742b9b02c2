"""A year of plans for any customer, each day fed with what the days before it led to: what must never happen."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.care import calendars, library, programmes, windows
from app.care.decide import Plan, compiled
from app.care.occasions import finder
from app.care.person import Person, Waiting
from app.care.programme import Decision
from app.care.reasons import REASONS
from app.care.zones import local_day
from tests.care.people import SHANGHAI, person

ON = programmes.shipped()
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
ZONES = [
    "Asia/Shanghai",
    "Asia/Shanghai",
    "America/New_York",
    "Europe/London",
    "Pacific/Auckland",
    "America/Los_Angeles",
]
KINDS = sorted(
    {one.when.event for one in ON.values()} - {""} | {kind for one in ON.values() for kind in one.converted_by}
)

FACTS = {
    "birthday": lambda day: day.replace(year=1990, day=min(day.day, 28)),
    "settled_on": lambda day: day - timedelta(days=16),
    "limit_expires_on": lambda day: day + timedelta(days=20),
    "last_active_on": lambda day: day - timedelta(days=185),
}
"""What makes a day somebody's, nearly always."""
DATES = st.none() | st.dates(date(2024, 6, 1), date(2027, 3, 1))
MOMENTS = st.lists(
    st.integers(0, 600 * 24 * 60).map(lambda minute: datetime(2025, 6, 1, tzinfo=UTC) + timedelta(minutes=minute)),
    max_size=12,
).map(lambda moments: tuple(sorted(moments, reverse=True)))


@st.composite
def people(draw: st.DrawFn) -> Person:
    return person(
        customer_id=draw(st.text("0123456789abcdef", min_size=1, max_size=8)),
        language=draw(st.sampled_from(["zh-CN", "zh-CN", "en", "zh-HK"])),
        zone=draw(st.sampled_from(ZONES)),
        segment=draw(st.sampled_from(["", "vip", "owner", "employee", "farmer"])),
        birthday=draw(st.none() | st.dates(date(1950, 1, 1), date(2007, 12, 31))),
        loan_product=draw(st.sampled_from(["", "consumer", "business", "mortgage", "car"])),
        credit_limit=draw(st.sampled_from([None, Decimal(50_000), Decimal(500_000)])),
        available_limit=draw(st.sampled_from([None, Decimal(0), Decimal(50_000), Decimal(500_000)])),
        amount_due=draw(st.sampled_from([None, Decimal(0), Decimal("5360.00")])),
        autopay=draw(st.sampled_from([None, True, False])),
        overdue_days=draw(st.sampled_from([None, 0, 0, 12])),
        **{name: draw(DATES) for name in sorted(programmes.audience.DATES - {"birthday"})},
        events=draw(st.dictionaries(st.sampled_from(KINDS), MOMENTS, max_size=6)),
    )


@cache
def plan_of(day: date, clock: time) -> Plan:
    now = datetime.combine(day, clock, SHANGHAI)
    texts = set(library.shipped())
    return compiled(ON, day=day, now=now, zone=SHANGHAI, consent="granted", texts=texts)


def year(who: Person, clock: time) -> list[Decision]:
    """What is planned for a customer, with every text queued when it is due, as the store would tell it next day."""
    sent: list[Decision] = []
    day = FIRST
    while day <= LAST:
        now = datetime.combine(day, clock, SHANGHAI)
        found = plan_of(day, clock).decide(_known(who, sent, now))
        assert [decision.programme for decision in found] == list(ON)
        assert all(decision.reason in REASONS for decision in found if decision.reason)
        planned = [decision for decision in found if not decision.reason]
        assert len(planned) <= 1
        assert all(_aware(decision)[0] >= now for decision in planned)
        sent += planned
        day += timedelta(days=1)
    return sent


def _known(who: Person, sent: list[Decision], now: datetime) -> Person:
    since = (now.replace(day=1) - timedelta(days=1)).replace(day=1, hour=0, minute=0) - timedelta(days=1)
    had: defaultdict[str, list[datetime]] = defaultdict(list)
    waiting: list[Waiting] = []
    for decision in sent:
        due, _ = _aware(decision)
        kind = ON[decision.programme].kind
        if due > now:
            waiting.append(Waiting(decision.programme, kind, due))
        elif due >= since:
            had[kind].append(due)
    events = {kind: tuple(one for one in moments if one <= now) for kind, moments in who.events.items()}
    return replace(
        who,
        events={kind: moments for kind, moments in events.items() if moments},
        had={kind: tuple(reversed(moments)) for kind, moments in had.items()},
        waiting=tuple(reversed(waiting)),
        planned=frozenset((decision.programme, decision.occasion) for decision in sent),
    )


def _aware(decision: Decision) -> tuple[datetime, datetime]:
    assert decision.due_at is not None and decision.closes_at is not None
    return decision.due_at, decision.closes_at


CLOCKS = st.sampled_from([time(0, 30), time(8, 0), time(10, 40), time(15, 30)])


@settings(max_examples=60, deadline=None)
@given(people(), CLOCKS)
def test_no_year_of_plans_breaks_a_rule(who: Person, clock: time) -> None:
    sent = year(who, clock)
    _never_at_night_and_never_outside_a_window(who, sent)
    _once_for_an_occasion_and_once_a_day(sent)
    _never_over_the_caps(sent)
    _in_a_language_that_is_read(who, sent)


def _never_at_night_and_never_outside_a_window(who: Person, sent: list[Decision]) -> None:
    for decision in sent:
        due, closes = _aware(decision)
        window = windows.of(who, ON[decision.programme])
        assert str(due.tzinfo) == str(closes.tzinfo) == who.zone
        assert due < closes
        assert time(8) <= due.time() < time(22)
        assert time(8) < closes.time() <= time(22)
        assert window.opens(due.date(), who.zone)
        assert any(one.start <= due.time() and closes.time() <= one.end for one in window.hours)


def _once_for_an_occasion_and_once_a_day(sent: list[Decision]) -> None:
    assert len({(decision.programme, decision.occasion) for decision in sent}) == len(sent)
    assert len({_aware(decision)[0].date() for decision in sent}) == len(sent)


def _never_over_the_caps(sent: list[Decision]) -> None:
    months: defaultdict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    greeted: set[str] = set()
    for decision in sent:
        due, kind = _aware(decision)[0], ON[decision.programme].kind
        if kind == "festival":
            ahead = calendars.holiday_ahead(due.date())
            assert ahead and ahead not in greeted
            greeted.add(ahead)
        if kind != "service":
            months[due.year, due.month][kind] += 1
    for (told, month), counted in months.items():
        assert counted["care"] + counted["product"] + counted["activity"] <= 2
        if months.get((told, month - 1)):
            assert counted["product"] <= 1
            assert counted["activity"] <= 1


def _in_a_language_that_is_read(who: Person, sent: list[Decision]) -> None:
    assert {decision.language for decision in sent} <= {"en" if who.language == "en" else "zh-CN"}


@settings(max_examples=10, deadline=None)
@given(people())
def test_a_year_of_plans_is_the_same_when_it_is_asked_again(who: Person) -> None:
    assert year(who, time(8)) == year(who, time(8))


@settings(max_examples=100, deadline=None)
@given(
    people(),
    st.dates(FIRST, LAST),
    st.sampled_from(sorted(ON)),
    st.integers(0, 36),
    st.sets(st.sampled_from(sorted(FACTS))),
)
def test_a_text_that_waits_loses_its_day_only_to_one_that_is_worth_more(
    who: Person, day: date, key: str, hours: int, facts: set[str]
) -> None:
    """Whatever waits for whenever, of a customer to whom more happened since."""
    who = replace(who, overdue_days=0, **{name: happened(day) for name, happened in FACTS.items() if name in facts})
    now = datetime.combine(day, time(8), SHANGHAI)
    known = replace(_known(who, [], now), planned=frozenset())
    due = now + timedelta(hours=hours)
    alone = [one.programme for one in plan_of(day, time(8)).decide(known) if not one.reason]
    beside = replace(known, waiting=(Waiting(key, "service", due),))
    planned = [one.programme for one in plan_of(day, time(8)).decide(beside) if not one.reason]
    zone = ZoneInfo(who.zone)
    same_day = due.astimezone(zone).date() == local_day(day, SHANGHAI, zone)
    assert planned == [one for one in alone if not same_day or ON[one].priority > ON[key].priority]


@settings(max_examples=40, deadline=None)
@given(people(), st.dates(FIRST, LAST))
def test_who_is_planned_twice_on_a_day_gets_nothing_new(who: Person, day: date) -> None:
    """The planner died, or a programme was switched on, and all customers are looked at once more."""
    now = datetime.combine(day, time(8), SHANGHAI)
    first = [one for one in plan_of(day, time(8)).decide(_known(who, [], now)) if not one.reason]
    again = plan_of(day, time(8)).decide(_known(who, first, now))
    assert [one for one in again if not one.reason] == []


@settings(max_examples=40, deadline=None)
@given(people(), st.dates(FIRST, LAST), st.sampled_from(["commercial", "reminders", "gateway"]))
def test_a_refusal_leaves_nothing_of_what_it_is_about(who: Person, day: date, scope: str) -> None:
    stopped = {
        "commercial": {"commercial"},
        "reminders": {"reminder"},
        "gateway": {"commercial", "reminder", "service"},
    }
    for decision in plan_of(day, time(8)).decide(replace(who, refused=frozenset({scope}))):
        assert decision.reason or ON[decision.programme].purpose not in stopped[scope]


@settings(max_examples=40, deadline=None)
@given(people(), st.dates(FIRST, LAST))
def test_who_had_something_to_get_gets_it_or_hears_why(who: Person, day: date) -> None:
    """The day and the occasions are reckoned here once more, one programme at a time."""
    plan = plan_of(day, time(8))
    zone = ZoneInfo(who.zone)
    for decision, one in zip(plan.decide(who), ON.values(), strict=True):
        local = day + timedelta(days=who.zone == "Pacific/Auckland")
        find = finder(one.when, local, zone)
        found = find(who) if find else None
        assert (decision.reason == "not_due") is (found is None)
        assert decision.occasion == (found.occasion if found else "")


@pytest.mark.parametrize("zone", sorted(set(ZONES)))
def test_the_year_is_no_empty_one(zone: str) -> None:
    """So that the laws above are about something."""
    told: dict[str, Any] = {"birthday": date(1990, 5, 5), "loan_product": "mortgage", "segment": "employee"}
    who = person(zone=zone, settled_on=date(2025, 12, 28), info_updated_on=date(2025, 6, 6), opened_on=FIRST, **told)
    kinds = Counter(ON[decision.programme].kind for decision in year(who, time(8)))
    assert set(kinds) == {"care", "festival", "product", "activity", "service"}
    assert kinds["festival"] >= 7
    assert kinds["product"] >= 5
