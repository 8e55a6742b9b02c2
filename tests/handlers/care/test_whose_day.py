"""Of two planned texts for one day the one with the higher priority has it, whichever was planned first, and the other
one has it after all when that one cannot leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.handlers.care import switches
from app.handlers.care.events import Given, take
from app.handlers.care.judged import LATER
from app.handlers.care.leaving import let_go
from app.handlers.care.planning import plan
from app.store import tables
from app.store.migrate import upgrade
from tests.clock import Clock
from tests.handlers.care.campaign import (
    ANN,
    BEN,
    agrees,
    change,
    fate,
    invited,
    message_of,
    planned,
    row_of,
    second_of,
    switch_on,
)
from tests.rig import Rig, sqlite_url

GREETING, MISSED = "dragon_boat", "appointment_missed"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def rig(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Rig]:
    if request.param == "postgresql":
        made = Rig(request.getfixturevalue("fresh_postgres_url")(upgrade), clock)
    else:
        made = Rig(sqlite_url(tmp_path), clock)
    yield made
    made.close()


# ---- planned, and planned again when something happened --------------------------------------------------


def greeted(rig: Rig, customer_id: str = "C1") -> None:
    """A customer who is greeted before the Dragon Boat Festival of 19 June, and may be called back to the branch. Their
    id decides when a text is due: that of C1 at 15:17, that of C3 at 10:10."""
    switch_on(rig, GREETING, MISSED)
    invited(rig, ANN, customer_id, manager_name="李红", manager_phone="+8613900139000")


def planned_at(rig: Rig, moment: str, expected: int) -> None:
    """The day of June is planned, or planned once more, at a moment of Shanghai's."""
    rig.clock.set(here(moment))
    assert plan(rig.service, rig.clock().date(), asked_by="ops", again=True).planned == expected


def missed_an_appointment(rig: Rig, moment: str, customer_id: str = "C1") -> None:
    rig.clock.set(here(moment))
    happened(rig, MISSED, customer_id)


def happened(rig: Rig, kind: str, customer_id: str = "C1") -> None:
    event = Given(key=kind, customer_id=customer_id, kind=kind, at=rig.clock().isoformat(), detail={})
    assert take(rig.service, "branch", [event]).count("taken") == 1


def lane_works(rig: Rig, since: str, until: str) -> None:
    """It lets go every minute."""
    rig.clock.set(here(since))
    while rig.clock() < here(until):
        let_go(rig.service)
        rig.clock.advance(minutes=1)


def here(moment: str) -> datetime:
    """`16 15:00`: of June in Shanghai."""
    return datetime.strptime(f"2026-06-{moment} +0800", "%Y-%m-%d %H:%M %z")


def told(rig: Rig, programme: str) -> tuple[str, str, str]:
    """State and reason of its text, and when it was queued or shall be, in Shanghai."""
    (row,) = [row for row in rig.rows(tables.Occasion) if row.programme == programme]
    return row.state, row.reason, f"{(row.queued_at or row.due_at) + timedelta(hours=8):%d %H:%M}"


def test_an_event_at_eleven_takes_the_day_from_a_greeting_that_waits_for_the_afternoon(rig: Rig) -> None:
    greeted(rig)
    planned_at(rig, "16 08:00", 1)
    missed_an_appointment(rig, "16 11:00")
    planned_at(rig, "16 11:00", 1)
    assert told(rig, GREETING) == ("planned", "", "16 15:17")
    assert told(rig, MISSED) == ("planned", "", "16 15:32"), "later than the greeting"
    lane_works(rig, "16 15:00", "16 15:30")
    assert told(rig, GREETING) == ("planned", "outranked", "16 15:42")
    lane_works(rig, "16 15:30", "16 16:01")
    assert told(rig, MISSED) == ("queued", "", "16 15:33")
    assert told(rig, GREETING) == ("planned", "outranked", "17 15:17")


def test_the_greeting_has_the_next_day_while_its_occasion_lasts(rig: Rig) -> None:
    test_an_event_at_eleven_takes_the_day_from_a_greeting_that_waits_for_the_afternoon(rig)
    planned_at(rig, "17 08:00", 0)
    lane_works(rig, "17 15:00", "17 16:01")
    assert told(rig, GREETING) == ("queued", "", "17 15:18")
    assert len(rig.rows(tables.Message)) == 2


@pytest.mark.parametrize(("planned_on", "due"), [("17 08:00", "19 17:05"), ("16 08:00", "17 18:00")])
def test_it_moves_for_three_days_however_long_its_occasion_lasts(rig: Rig, planned_on: str, due: str) -> None:
    """Who used the calculator may be written to for a week, on Wednesdays and Fridays."""
    switch_on(rig, "calculator_used", "overdue")
    invited(rig, ANN, "C1")
    rig.clock.set(here("14 20:00"))
    happened(rig, "calculator_used")
    rig.clock.set(here(planned_on))
    this = {"programme": "calculator_used", "occasion": "calculator_used:2026-06-14T12:00"}
    planned(rig, **this, due_at=here("17 16:00"), closes_at=here("17 18:00"))
    planned(rig, programme="overdue", due_at=here("17 19:00"), closes_at=here("17 20:00"))
    rig.clock.set(here("17 16:00"))
    let_go(rig.service)
    assert told(rig, "calculator_used") == ("planned", "outranked", due)


def test_on_the_last_day_of_its_occasion_it_stays_held(rig: Rig) -> None:
    greeted(rig)
    planned_at(rig, "18 08:00", 1)
    missed_an_appointment(rig, "18 11:00")
    planned_at(rig, "18 11:00", 1)
    lane_works(rig, "18 15:00", "18 16:01")
    assert told(rig, MISSED)[0] == "queued"
    assert told(rig, GREETING)[:2] == ("held", "outranked")


def test_what_left_in_the_morning_keeps_the_day(rig: Rig) -> None:
    greeted(rig, "C3")
    planned_at(rig, "16 08:00", 1)
    lane_works(rig, "16 10:00", "16 10:20")
    assert told(rig, GREETING) == ("queued", "", "16 10:11")
    missed_an_appointment(rig, "16 11:00", "C3")
    planned_at(rig, "16 11:00", 0)
    planned_at(rig, "17 08:00", 1)


def test_the_greeting_leaves_after_all_when_the_other_one_has_become_needless(rig: Rig) -> None:
    greeted(rig)
    planned_at(rig, "16 08:00", 1)
    missed_an_appointment(rig, "16 11:00")
    planned_at(rig, "16 11:00", 1)
    lane_works(rig, "16 15:00", "16 15:20")
    happened(rig, "appointment_booked")
    lane_works(rig, "16 15:20", "16 16:00")
    assert told(rig, MISSED)[:2] == ("held", "already_done")
    assert told(rig, GREETING) == ("queued", "", "16 15:43")


def test_a_greeting_that_waits_for_its_second_day_gives_way_again(rig: Rig) -> None:
    """And takes the day of no other: what comes then counts as if it had been planned for that day."""
    test_an_event_at_eleven_takes_the_day_from_a_greeting_that_waits_for_the_afternoon(rig)
    change(rig, tables.Customer, tables.Customer.customer_id == "C1", birthday=date(1990, 6, 17))
    switch_on(rig, "birthday", "settled")
    change(rig, tables.Customer, tables.Customer.customer_id == "C1", settled_on=date(2026, 6, 1))
    planned_at(rig, "17 08:00", 1)
    lane_works(rig, "17 15:00", "17 16:01")
    assert told(rig, "birthday")[0] == "queued"
    assert told(rig, GREETING) == ("planned", "outranked", "18 15:17")
    assert [row.programme for row in rig.rows(tables.Occasion)] == [GREETING, MISSED, "birthday"]


@pytest.mark.parametrize(("leaves", "greets"), [(True, "17 15:17"), (False, "16 15:33")])
def test_a_greeting_of_the_morning_may_have_the_afternoon(rig: Rig, leaves: bool, greets: str) -> None:
    """The other one is due at noon; until then nobody knows whether it leaves."""
    greeted(rig)
    switch_on(rig, "birthday")
    rig.clock.set(here("16 10:10"))
    planned(rig, programme=GREETING, occasion=f"{GREETING}:2026-06-19", closes_at=here("16 11:00"))
    planned(rig, programme="birthday", due_at=here("16 12:00"), closes_at=here("16 13:00"))
    let_go(rig.service)
    assert told(rig, GREETING) == ("planned", "outranked", "16 15:32")
    if not leaves:
        switches.switch(rig.service, "ops", "birthday", False)
    lane_works(rig, "16 12:00", "16 12:02")
    lane_works(rig, "16 15:00", "16 16:00")
    assert told(rig, "birthday")[0] == ("queued" if leaves else "held")
    assert told(rig, GREETING) == (("planned", "outranked", greets) if leaves else ("queued", "", greets))


# ---- rows of whatever planner, as they leave ---------------------------------------------------------------


@pytest.fixture
def ann(rig: Rig) -> Rig:
    """It is 10:00 in Shanghai. Three programmes are on, with the priorities 76, 60 and 57."""
    invited(rig)
    switch_on(rig, "birthday", "settled", "birthday_offer")
    return rig


def two(rig: Rig, high: str = "birthday", low: str = "settled", **later: Any) -> tuple[int, int]:
    """The lower one is due now and open for eight hours; the higher one in an hour, for an hour."""
    due = rig.clock() + timedelta(hours=1)
    return planned(rig, programme=high, due_at=due, closes_at=due + timedelta(hours=1), **later), planned(
        rig, programme=low, occasion="xiazhi:2026-06-21", closes_at=rig.clock() + timedelta(hours=8)
    )


def test_the_lower_one_waits_until_the_higher_one_should_have_left(ann: Rig) -> None:
    high, low = two(ann)
    assert let_go(ann.service) == 1
    assert fate(ann, low) == ("planned", "outranked")
    assert row_of(ann, low).due_at == row_of(ann, high).due_at + LATER
    assert let_go(ann.service) == 0, "it is not looked at again and again"
    ann.clock.advance(hours=1)
    assert let_go(ann.service) == 1
    assert fate(ann, high) == ("queued", "")
    ann.clock.set(row_of(ann, low).due_at)
    let_go(ann.service)
    assert [fate(ann, low), row_of(ann, low).due_at] == [("planned", "outranked"), row_of(ann, low).closes_at]
    ann.clock.set(row_of(ann, low).closes_at)
    let_go(ann.service)
    assert fate(ann, low) == ("held", "outranked")


def refuses_reminders(rig: Rig) -> None:
    agrees(rig, ANN, "refused", "reminders")


def owes(rig: Rig) -> None:
    change(rig, tables.Customer, tables.Customer.customer_id == "C1", overdue_days=3)


def nothing(rig: Rig) -> None:
    """The higher one should never have been planned: she is no VIP, and no holiday is near."""


def stops(rig: Rig) -> None:
    switches.switch(rig.service, "ops", "settled", False)


@pytest.mark.parametrize(
    ("high", "low", "happens", "reason"),
    [
        ("repayment_reminder", "info_update", refuses_reminders, "refused"),
        ("vip", "wake_up", nothing, "wrong_audience"),
        ("dragon_boat", "settled", nothing, "over_cap"),
        ("settled", "solar_term", owes, "overdue"),
        ("settled", "wake_up", stops, "stopped"),
    ],
)
def test_when_the_higher_one_is_held_the_lower_one_leaves_on_the_same_day(
    ann: Rig, high: str, low: str, happens: Callable[[Rig], None], reason: str
) -> None:
    switch_on(ann, high, low)
    first, second = two(ann, high, low)
    let_go(ann.service)
    assert fate(ann, second) == ("planned", "outranked")
    happens(ann)
    ann.clock.set(row_of(ann, second).due_at)
    let_go(ann.service)
    assert [fate(ann, first), fate(ann, second)] == [("held", reason), ("queued", "")]


def test_of_two_that_are_due_together_the_lower_one_leaves_at_once_when_the_higher_one_is_held(ann: Rig) -> None:
    switch_on(ann, "vip", "wake_up")
    high, low = planned(ann, programme="vip"), planned(ann, programme="wake_up")
    assert let_go(ann.service) == 2
    assert [fate(ann, high), fate(ann, low)] == [("held", "wrong_audience"), ("queued", "")]


def test_of_two_with_the_same_priority_the_one_that_is_due_first_has_the_day(ann: Rig) -> None:
    now = ann.clock()
    one = planned(ann, programme="birthday", occasion="one", closes_at=now + timedelta(hours=8))
    other = planned(ann, programme="birthday", occasion="other", due_at=now + timedelta(hours=1))
    let_go(ann.service)
    assert [fate(ann, one), fate(ann, other)] == [("queued", ""), ("planned", "")]


@pytest.mark.parametrize("off", ["already", "never on"])
def test_a_text_of_a_programme_that_is_off_stands_in_nobodys_way(ann: Rig, off: str) -> None:
    high, low = two(ann, "birthday" if off == "already" else "dragon_boat")
    if off == "already":
        switches.switch(ann.service, "ops", "birthday", False)
        ann.clock.advance(seconds=1)
    let_go(ann.service)
    assert fate(ann, low) == ("queued", "")
    assert fate(ann, high)[0] in ("planned", "held")


@pytest.mark.parametrize(
    ("due", "lasts"),
    [(timedelta(days=1), timedelta(hours=1)), (-timedelta(hours=2), timedelta(hours=2))],
    ids=["tomorrow", "too late"],
)
def test_what_is_not_for_this_day_or_is_over_stands_in_nobodys_way(ann: Rig, due: timedelta, lasts: timedelta) -> None:
    due_at = ann.clock() + due
    planned(ann, programme="birthday", due_at=due_at, closes_at=due_at + lasts)
    low = planned(ann, occasion="low")
    let_go(ann.service)
    assert fate(ann, low) == ("queued", "")


def test_what_is_put_off_to_its_end_stands_in_nobodys_way(ann: Rig) -> None:
    """It is in a talk until its window closes; the lower one, at another number, is in none."""
    invited(ann, BEN, "C1")
    ann.text(ANN, "怎么还款")
    ann.pump()
    high = planned(ann, programme="birthday", closes_at=ann.clock() + LATER)
    low = planned(ann, BEN, occasion="low")
    assert let_go(ann.service) == 2
    assert [fate(ann, high), fate(ann, low)] == [("planned", "in_talk"), ("queued", "")]


def test_the_day_is_the_customers_at_all_their_numbers(ann: Rig) -> None:
    invited(ann, BEN, "C1")
    due = ann.clock() + timedelta(hours=1)
    high = planned(ann, BEN, programme="birthday", due_at=due)
    low = planned(ann, closes_at=ann.clock() + timedelta(hours=8))
    let_go(ann.service)
    assert fate(ann, low) == ("planned", "outranked")
    ann.clock.advance(hours=1)
    let_go(ann.service)
    assert message_of(ann, high).phone == BEN


def test_of_three_each_stands_behind_all_that_are_higher(ann: Rig) -> None:
    now = ann.clock()
    closes = now + timedelta(hours=8)
    low = planned(ann, programme="birthday_offer", occasion="low", closes_at=closes)
    middle = planned(ann, occasion="middle", due_at=now + timedelta(hours=1), closes_at=closes)
    high = planned(ann, programme="birthday", due_at=now + timedelta(hours=3), closes_at=closes)
    let_go(ann.service)
    assert row_of(ann, low).due_at == now + timedelta(hours=3) + LATER
    ann.clock.advance(hours=1)
    let_go(ann.service)
    assert row_of(ann, middle).due_at == now + timedelta(hours=3) + LATER
    switches.switch(ann.service, "ops", "birthday", False)
    ann.clock.set(row_of(ann, middle).due_at)
    let_go(ann.service)
    assert [fate(ann, one)[0] for one in (high, middle, low)] == ["held", "queued", "planned"]


def test_a_second_text_has_the_day_of_its_first_whatever_waits(ann: Rig) -> None:
    """The day is gone for all others."""
    switch_on(ann, "settled")
    first = planned(ann)
    let_go(ann.service)
    ann.pump()
    second = second_of(ann, first)
    ann.clock.set(second.due_at)
    high = planned(ann, programme="birthday", due_at=ann.clock() + timedelta(minutes=5))
    let_go(ann.service)
    assert [fate(ann, second.id), fate(ann, high)] == [("queued", ""), ("planned", "")]


@pytest.mark.parametrize("rig", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_a_higher_text_whose_row_another_process_has_keeps_its_day(ann: Rig) -> None:
    """The lower one is judged without it."""
    high, low = planned(ann, programme="birthday"), planned(ann, closes_at=ann.clock() + timedelta(hours=8))
    with ann.service.database.engine.connect() as another:
        another.execute(select(tables.Occasion.id).where(tables.Occasion.id == high).with_for_update())
        let_go(ann.service)
        assert [fate(ann, high), fate(ann, low)] == [("planned", ""), ("planned", "outranked")]
        assert row_of(ann, low).due_at == ann.clock() + LATER
        ann.clock.set(row_of(ann, high).closes_at)  # nobody but that process could hold it as too late
        let_go(ann.service)
        assert [fate(ann, high), fate(ann, low)] == [("planned", ""), ("queued", "")]
