"""Runs for all programmes and for one, beside each other and after each other: a customer has one text on a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import insert, update

from app.care.programmes import shipped
from app.handlers.care import switches
from app.handlers.care.planning import LEASE, SLICE, plan, plan_daily
from app.handlers.service import Service
from app.store import tables
from app.store.migrate import upgrade
from app.store.plans import PlanRun
from tests.clock import START, Clock
from tests.handlers.care.bank import SETTLED, TODAY, clock_of, customer, customers, phone, rows, serving, switch_on
from tests.laws.crashes import Fuse, FusedDatabase

LATER, SOONER = sorted(("birthday", "settled"), key=lambda key: shipped()[key].priority)


@pytest.fixture
def wanted(service: Service) -> Service:
    """Each of seven customers has two occasions on the same day."""
    customers(service.database, 7, settled_on=SETTLED, loan_product="consumer")
    switch_on(service, "birthday", "settled")
    return service


def one_each(service: Service, programme: str) -> None:
    assert [(row.customer_id, row.programme) for row in rows(service)] == [
        (f"C{number:05}", programme) for number in range(1, 8)
    ]


@pytest.mark.parametrize("scopes", [("", LATER), (LATER, ""), (LATER, SOONER, ""), (SOONER, LATER), ("", "", LATER)])
def test_runs_after_each_other_plan_one_text_a_day(wanted: Service, scopes: tuple[str, ...]) -> None:
    """Whatever is planned by itself stands behind what goes first, and after it the day is taken."""
    for scope in scopes:
        assert plan(wanted, TODAY, asked_by="ops", scope=scope, again=True).state == "done"
        clock_of(wanted).advance(minutes=1)
    one_each(wanted, SOONER)
    again = plan(wanted, TODAY, asked_by="ops", scope=LATER, again=True)
    assert again.reasons == {LATER: {"outranked": 7}}


@pytest.mark.parametrize(("first", "then"), [(LATER, SOONER), (SOONER, LATER)])
def test_what_is_switched_on_behind_a_plan_is_planned_beside_what_waits_with_a_lower_priority(
    service: Service, first: str, then: str
) -> None:
    """Which of the two has the day, leaving decides."""
    customers(service.database, 1, settled_on=SETTLED, loan_product="consumer")
    switch_on(service, first)
    plan(service, TODAY, asked_by="ops")
    switch_on(service, then)
    run = plan(service, TODAY, asked_by="ops", scope=then)
    assert (run.planned, run.reasons) == ((1, {}) if then == SOONER else (0, {then: {"outranked": 1}}))
    assert [row.programme for row in rows(service)] == [first, then][: 1 + run.planned]
    again = plan(service, TODAY, asked_by="ops", again=True)
    assert again.planned == 0


def test_what_was_queued_keeps_the_day_whatever_comes(service: Service) -> None:
    customers(service.database, 1, settled_on=SETTLED, loan_product="consumer")
    switch_on(service, LATER)
    plan(service, TODAY, asked_by="ops")
    with service.database.begin() as connection:
        connection.execute(update(tables.Occasion).values(state="queued", queued_at=START))
    switch_on(service, SOONER)
    assert plan(service, TODAY, asked_by="ops", scope=SOONER).reasons == {SOONER: {"outranked": 1}}


@pytest.mark.parametrize(("mine", "others"), [("", LATER), (LATER, ""), (SOONER, LATER)])
def test_beside_another_run_none_begins(wanted: Service, mine: str, others: str) -> None:
    beside: list[PlanRun] = []

    def hear(run: PlanRun) -> None:
        if run.state == "running":
            beside.append(plan(wanted, TODAY, asked_by="other", scope=others))
            beside.append(plan(wanted, TODAY + timedelta(days=1), asked_by="other", scope=others))
            assert plan_daily(wanted) == 0

    run = plan(wanted, TODAY, asked_by="ops", scope=mine, tell=hear)
    assert {(other.id, other.scope, other.state) for other in beside} == {(run.id, mine, "running")}
    assert [one.scope for one in rows(wanted, tables.PlanRun)] == [mine]
    plan(wanted, TODAY, asked_by="other", scope=others)
    one_each(wanted, SOONER)


def test_between_two_slices_of_the_lane_another_run_may_pass(wanted: Service) -> None:
    """A slice is over after a batch when the clock moves on so far with every look at it."""
    lane = replace(wanted, clock=lambda: clock_of(wanted).advance(seconds=SLICE.total_seconds()))
    assert plan_daily(lane) == 3
    assert plan(wanted, TODAY, asked_by="ops", scope=SOONER).planned == 4
    while plan_daily(lane):
        pass
    one_each(wanted, SOONER)


def test_who_slept_while_another_run_passed_writes_nothing_of_what_was_judged_before(wanted: Service) -> None:
    """A run of one programme stands still between reading and writing, its lease is over, and the whole day is planned
    meanwhile, with another programme that goes first."""
    fuse = Fuse()
    switches.switch(wanted, "ops", SOONER, False)

    def sleep() -> None:
        clock_of(wanted).advance(seconds=LEASE.total_seconds())
        switch_on(wanted, SOONER)
        assert plan(wanted, TODAY, asked_by="other").planned == 7

    def hear(run: PlanRun) -> None:
        if not run.seen:
            fuse.once("after commit", sleep)  # of the transaction that reads the first batch

    with closing(FusedDatabase(wanted.database.url.render_as_string(hide_password=False), fuse)) as database:
        run = plan(replace(wanted, database=database), TODAY, asked_by="ops", scope=LATER, tell=hear)
    assert (run.state, run.planned) == ("running", 0)
    one_each(wanted, SOONER)
    run = plan(wanted, TODAY, asked_by="ops", scope=LATER)
    assert (run.state, run.seen, run.planned) == ("done", 7, 0)


@pytest.mark.postgres
def test_runs_that_begin_at_the_same_moment_plan_one_text_a_day(
    fresh_postgres_url: Callable[..., str], clock: Clock
) -> None:
    url = fresh_postgres_url(upgrade)
    scopes = ("", LATER, SOONER, "")
    with serving(url, at_once=3, clock=clock) as service:
        customers(service.database, 40, settled_on=SETTLED, loan_product="consumer")
        switch_on(service, "birthday", "settled")
        together = Barrier(len(scopes))

        def one(scope: str) -> PlanRun:
            together.wait()
            return plan(service, TODAY, asked_by="ops", scope=scope)

        for _ in range(3):
            with ThreadPoolExecutor(len(scopes)) as pool:
                runs = list(pool.map(one, scopes))
            assert {run.state for run in runs} <= {"running", "done"}
        planned = Counter(row.customer_id for row in rows(service))
        assert planned == {f"C{number:05}": 1 for number in range(1, 41)}


def test_a_text_to_another_number_takes_the_customers_day(service: Service) -> None:
    """Planned for one number, then another one is the newest."""
    with service.database.begin() as connection:
        customer(connection, 1, settled_on=SETTLED, loan_product="consumer")
    switch_on(service, SOONER)
    assert plan(service, TODAY, asked_by="ops").planned == 1
    with service.database.begin() as connection:
        bound = {"phone": phone(2), "customer_id": "C00001", "bound_at": START}
        connection.execute(insert(tables.PhoneBinding).values(**bound))
        given = {"scope": "commercial", "verdict": "granted", "source": "import", "at": START}
        connection.execute(insert(tables.Consent).values(phone=phone(2), **given))
    switch_on(service, LATER)
    assert plan(service, TODAY, asked_by="ops", again=True).reasons[LATER] == {"outranked": 1}
    assert [row.phone for row in rows(service)] == [phone(1)]
