"""Releases follow the sender's room and the agents: slower while customers wait, faster when agents are free."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.handlers.care.leaving import let_go
from app.handlers.care.pace import pace
from app.rules.circuit import Circuit, opened, worked
from app.store import circuits, tables
from tests.handlers.care.campaign import change, invited, planned, switch_on
from tests.handlers.staff import hire, keep_alive
from tests.rig import Rig

MANY = 60
TO_A_PERSON, TO_NOBODY = "appointment_missed", "settled"
"""A reply to the first may lead to an agent, one to the other is answered by a flow."""


def numbers(count: int, first: int = 100) -> list[str]:
    return [f"+86138000{number:05}" for number in range(first, first + count)]


@pytest.fixture
def bank(rig: Rig) -> Rig:
    switch_on(rig, TO_A_PERSON, TO_NOBODY)
    return rig


def campaign(rig: Rig, key: str, count: int = MANY, first: int = 100) -> None:
    for place, phone in enumerate(numbers(count, first)):
        customer_id = f"{key}{place}"
        invited(rig, phone, customer_id)
        planned(rig, phone, key, customer_id=customer_id, occasion=key)


def queued(rig: Rig, key: str) -> int:
    return sum(row.state == "queued" and row.programme == key and not row.first_id for row in rig.rows(tables.Occasion))


def call_for_people(rig: Rig, count: int) -> None:
    """So many customers wait for somebody."""
    now = rig.clock()
    same = {"kind": "talk", "topic": "person", "state": "waiting", "agent": "", "opened_at": now, "reason": ""}
    with rig.service.database.begin() as connection:
        rows = [{**same, "phone": phone} for phone in numbers(count, 900)]
        connection.execute(insert(tables.Ticket), rows)


def test_a_bank_without_agents_is_limited_by_nobody(bank: Rig) -> None:
    campaign(bank, TO_A_PERSON)
    assert pace(bank.service).desk is None
    let_go(bank.service)
    assert queued(bank, TO_A_PERSON) == MANY


def test_nobody_there_in_working_hours_stops_what_needs_a_person_and_nothing_else(bank: Rig) -> None:
    hire(bank, "li", alive=False)
    campaign(bank, TO_A_PERSON, 10)
    campaign(bank, TO_NOBODY, 10, 300)
    let_go(bank.service)
    assert (queued(bank, TO_A_PERSON), queued(bank, TO_NOBODY)) == (0, 10)
    told = {one.programme: one for one in pace(bank.service).programmes}
    assert told[TO_A_PERSON].may_go == 0
    assert told[TO_A_PERSON].why == "agents have no room for the replies that it would bring"
    assert TO_NOBODY not in told, "nothing of it waits"


def test_when_the_bank_is_closed_whoever_asks_for_a_person_is_offered_a_call(bank: Rig) -> None:
    hire(bank, "li", alive=False)
    bank.clock.advance(hours=9)  # 19:00
    campaign(bank, TO_A_PERSON, 10)
    let_go(bank.service)
    assert queued(bank, TO_A_PERSON) == 10


def test_as_many_leave_as_the_agents_can_answer_and_the_rest_when_they_are_free_again(bank: Rig) -> None:
    hire(bank, "li", most_open=1)
    campaign(bank, TO_A_PERSON, 200)
    let_go(bank.service)
    some = queued(bank, TO_A_PERSON)
    assert 10 < some < 200, "a seat is free, and one text in twenty brings a customer"
    assert let_go(bank.service) == 0, "those under way count"
    call_for_people(bank, 3)
    bank.clock.advance(minutes=30)
    keep_alive(bank, "li")
    assert let_go(bank.service) == 0, "three wait for one agent"
    change(bank, tables.Ticket, tables.Ticket.state == "waiting", state="closed", closed_at=bank.clock())
    let_go(bank.service)
    more = queued(bank, TO_A_PERSON)
    assert more > some
    hire(bank, "zhao", most_open=20)
    let_go(bank.service)
    assert queued(bank, TO_A_PERSON) > more


def test_a_programme_whose_texts_ended_with_people_is_taken_for_one_that_needs_them(bank: Rig) -> None:
    """It was said to need nobody; 30 of its last 100 customers asked for a person."""
    long_ago = bank.clock() - timedelta(hours=3)
    same = {"programme": TO_NOBODY, "template": "t", "language": "zh-CN", "purpose": "commercial", "kind": "care"}
    same |= {"state": "queued", "reason": "", "given": {}, "menu": {}, "variant": "", "segment": "", "zone": ""}
    same |= {"due_at": long_ago, "closes_at": long_ago, "planned_at": long_ago, "queued_at": long_ago, "priority": 0}
    ticket = {"kind": "talk", "topic": "person", "state": "closed", "agent": "li", "reason": ""}
    ticket |= {"opened_at": long_ago + timedelta(minutes=4), "closed_at": long_ago + timedelta(minutes=20)}
    ticket |= {"claimed_at": long_ago + timedelta(minutes=5)}
    earlier = numbers(100, 500)
    with bank.service.database.begin() as connection:
        rows = [{**same, "phone": one, "customer_id": one, "occasion": "earlier"} for one in earlier]
        connection.execute(insert(tables.Occasion), rows)
        connection.execute(insert(tables.Ticket), [{**ticket, "phone": one} for one in earlier[:30]])
    hire(bank, "li", most_open=1)
    campaign(bank, TO_NOBODY)
    found = pace(bank.service)
    assert found.programmes[0].to_a_person == pytest.approx((30 + 0.1) / 150)
    assert found.desk is not None
    assert found.desk.minutes == pytest.approx((30 * 15 + 20 * 8) / 50)
    let_go(bank.service)
    assert 0 < queued(bank, TO_NOBODY) - len(earlier) < 15


def test_a_priority_goes_first_when_there_is_room_for_few(make_rig: Callable[..., Rig]) -> None:
    """Room for six parts; every text takes two."""
    rig = make_rig(send_rate=1.0, outbox_hours=6 / 3600)
    switch_on(rig, "birthday", TO_NOBODY)
    campaign(rig, TO_NOBODY, 5)
    campaign(rig, "birthday", 2, 300)
    let_go(rig.service)
    assert queued(rig, "birthday") == 2
    assert queued(rig, TO_NOBODY) < 5
    parts = sum(row.parts for row in rig.rows(tables.Message))
    assert parts <= 6
    assert let_go(rig.service) == 0, "the outbox is full"
    assert pace(rig.service).says[0] in {
        "campaigns queue nothing more: the outbox is as long as OUTBOX_HOURS allows",
        f"the sender has room for {6 - parts} parts",
    }


def test_nothing_is_released_while_the_gateway_rests_or_answers_are_behind(bank: Rig) -> None:
    campaign(bank, TO_NOBODY, 3)
    rests = opened(Circuit(), bank.clock(), "HTTP 503")
    with bank.service.database.begin() as connection:
        circuits.keep(connection, "simulator", rests, bank.clock())
    assert let_go(bank.service) == 0
    found = pace(bank.service)
    assert found.says[-1] == (
        f"{TO_NOBODY}: 3 due, none may go now: offers and reminders wait: the gateway rests"
        " (0.2% of its texts end with a person)"
    )
    assert found.rests == "gateway_rests"
    assert found.programmes[0].may_go == 0
    assert found.says[0] == "offers and reminders wait: the gateway rests"
    with bank.service.database.begin() as connection:
        circuits.keep(connection, "simulator", worked(rests, bank.clock()), bank.clock())
    assert let_go(bank.service) == 3


def test_the_pace_is_told_in_words(bank: Rig) -> None:
    hire(bank, "li", most_open=3)
    campaign(bank, TO_A_PERSON, 4)
    says = pace(bank.service).says
    assert says[0].startswith("agents have 3 of 3 seats free, 0 customers wait for one, a talk takes 8 minutes")
    assert says[1] == f"{TO_A_PERSON}: 4 due, 4 may go now (5.0% of its texts end with a person)"


def test_one_customer_whose_rows_are_broken_holds_nobody_else_up(bank: Rig) -> None:
    """The menu of one row cannot be read: it is put off, the others of its batch leave."""
    campaign(bank, TO_NOBODY, 4)
    change(bank, tables.Occasion, tables.Occasion.customer_id == "settled2", given=["not", "a", "table"])
    let_go(bank.service)
    assert queued(bank, TO_NOBODY) == 3
    (left,) = [row for row in bank.rows(tables.Occasion) if row.state == "planned" and not row.first_id]
    assert left.due_at == bank.clock() + timedelta(minutes=10)
