"""One text a day and a few a month for a number and for a customer, when they leave: whoever planned what for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.handlers.care.leaving import let_go
from app.store import tables
from app.store.migrate import upgrade
from tests.clock import Clock
from tests.handlers.care.campaign import (
    ANN,
    BEN,
    at,
    change,
    fate,
    had,
    invited,
    message_of,
    planned,
    row_of,
    switch_on,
)
from tests.laws.crashes import Fuse, FusedDatabase
from tests.rig import Rig
from tests.store.test_persons import statements


def test_of_two_for_one_day_the_second_waits_for_the_next_morning(bank: Rig) -> None:
    """Somebody planned twice for the same day, without knowing of each other."""
    low = planned(bank, closes_at=bank.clock() + timedelta(days=2))
    high = planned(bank, programme="birthday", occasion="2026-06-10")
    assert let_go(bank.service) == 2
    assert [fate(bank, high), fate(bank, low)] == [("queued", ""), ("planned", "outranked")]
    assert row_of(bank, low).due_at == at("2026-06-11 00:00"), "08:00 in Shanghai"
    bank.clock.set(at("2026-06-11 00:00"))
    assert let_go(bank.service) == 1
    assert fate(bank, low) == ("queued", "")


def test_within_a_window_of_that_day_it_stays_held(bank: Rig) -> None:
    had(bank, ANN, "care", [bank.clock() - timedelta(hours=1)])
    text = planned(bank, closes_at=bank.clock() + timedelta(hours=2))
    let_go(bank.service)
    assert row_of(bank, text).due_at == bank.clock() + timedelta(hours=2)
    bank.clock.advance(hours=2)
    let_go(bank.service)
    assert fate(bank, text) == ("held", "outranked")


def test_a_reminder_takes_the_day_and_is_bound_by_it(bank: Rig) -> None:
    switch_on(bank, "repayment_reminder")
    closes = bank.clock() + timedelta(days=1)
    had(bank, ANN, "service", [bank.clock() - timedelta(minutes=5)])
    offer = planned(bank, closes_at=closes)
    reminder = planned(bank, programme="repayment_reminder", occasion="due_on:2026-06-17", closes_at=closes)
    let_go(bank.service)
    assert [fate(bank, text) for text in (offer, reminder)] == [("planned", "outranked")] * 2


def test_the_day_is_the_customers(bank: Rig) -> None:
    """10:00 in Shanghai is 22:00 of the day before in New York."""
    york = invited(bank, "+12125550123", "C2")
    bank.clock.set(at("2026-06-10 12:30"))
    for number in (ANN, york):
        had(bank, number, "care", [at("2026-06-10 02:00")])
    here = planned(bank, closes_at=bank.clock() + timedelta(days=1))
    there = planned(bank, york, customer_id="C2", occasion="settled:2026-05-27")
    let_go(bank.service)
    assert [fate(bank, here), fate(bank, there)] == [("planned", "outranked"), ("queued", "")]


def test_a_customer_with_two_numbers_hears_at_one_of_them(bank: Rig) -> None:
    invited(bank, BEN, "C1")
    one = planned(bank)
    other = planned(bank, BEN, programme="birthday", occasion="2026-06-10")
    assert let_go(bank.service) == 2
    assert [fate(bank, one), fate(bank, other)] == [("planned", "outranked"), ("queued", "")]
    assert message_of(bank, other).phone == BEN


@pytest.mark.postgres
def test_whoever_lets_a_text_to_the_other_number_go_waits(fresh_postgres_url: Callable[..., str], clock: Clock) -> None:
    """Two workers, each with one of two texts of the same priority: the second one reads what counts when the first one
    is done."""
    rig, fuse = Rig(fresh_postgres_url(upgrade), clock), Fuse()
    for number in (ANN, BEN):
        invited(rig, number)
    switch_on(rig, "settled")
    closes = clock() + timedelta(days=2)
    mine, theirs = planned(rig, closes_at=closes), planned(rig, BEN, occasion="settled:2026-05-27", closes_at=closes)
    others = list[Future[int]]()

    def another_begins() -> None:
        somebody.rollback()
        others.append(pool.submit(let_go, rig.service))
        while not others[0].done() and not blocked(rig):
            pass

    fuse.once("INSERT INTO messages", another_begins)
    url = rig.service.database.url.render_as_string(hide_password=False)
    with (
        closing(FusedDatabase(url, fuse)) as database,
        rig.service.database.engine.connect() as somebody,
        ThreadPoolExecutor(1) as pool,
    ):
        somebody.execute(select(tables.Occasion.id).where(tables.Occasion.id == theirs).with_for_update())
        let_go(replace(rig.service, database=database))
        others[0].result(60)
    assert [fate(rig, mine), fate(rig, theirs)] == [("queued", ""), ("planned", "outranked")]
    rig.close()


def blocked(rig: Rig) -> bool:
    """Whether a process waits for another one's lock."""
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pg_blocking_pids(pid) <> '{}'"
    with rig.service.database.begin() as connection:
        return bool(connection.exec_driver_sql(waits).scalar_one())


@pytest.mark.parametrize("still_theirs", [True, False])
def test_a_month_is_full_by_what_two_numbers_had(bank: Rig, still_theirs: bool) -> None:
    invited(bank, BEN, "C1")
    for number, day in ((ANN, "2026-06-01"), (BEN, "2026-06-05")):
        had(bank, number, "care", [at(f"{day} 02:00")])
        change(bank, tables.Occasion, tables.Occasion.phone == number, customer_id="C1")
    if not still_theirs:
        change(bank, tables.PhoneBinding, tables.PhoneBinding.phone == BEN, ended_at=bank.clock())
    text = planned(bank)
    let_go(bank.service)
    assert fate(bank, text) == ("held", "over_cap")


def test_a_month_is_full_by_what_two_holders_of_a_number_had(bank: Rig) -> None:
    had(bank, ANN, "care", [at("2026-06-01 02:00")])
    change(bank, tables.Occasion, tables.Occasion.phone == ANN, customer_id="C1")
    had(bank, ANN, "care", [at("2026-06-05 02:00")], programme="of another holder")
    text = planned(bank)
    let_go(bank.service)
    assert fate(bank, text) == ("held", "over_cap")


def test_a_batch_asks_as_often_for_one_customer_as_for_twenty(bank: Rig) -> None:
    """Texts whose day is taken: what leaves needs a link, a message and more of its own."""
    told = []
    for many in (1, 20):
        for number in range(many):
            phone = invited(bank, f"+86138001{many:02}{number:03}", f"D{many}-{number}")
            invited(bank, f"+86138002{many:02}{number:03}", f"D{many}-{number}")
            had(bank, phone, "care", [bank.clock() - timedelta(hours=1)])
            planned(bank, phone, customer_id=f"D{many}-{number}")
        with statements(bank.service.database) as heard:
            assert let_go(bank.service) == many
        told.append(Counter(one for one in heard if one.startswith("SELECT")))
    asked = [counted.total() for counted in told]
    assert asked[0] == asked[1]
