"""What is heard of a customer after the day was planned has its text on the same day, by the same rules, and once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from app.handlers.care import switches
from app.handlers.care.daily import look_after_programmes
from app.handlers.care.events import Given, take
from app.handlers.care.planning import HEARD, LEASE, plan, plan_daily
from app.handlers.care.planning_heard import SETTLES, plan_heard
from app.handlers.service import Service
from app.store import plans, tables
from app.store.plans import PlanRun
from tests.clock import START
from tests.handlers.care.bank import TODAY, clock_of, customers, rows, switch_on
from tests.laws.crashes import Crash, Fuse, FusedDatabase


def hear(service: Service, *customer_ids: str, kind: str = "approved", settles: bool = True) -> datetime:
    """Events of this moment, which have settled when it returns."""
    now = service.clock()
    at, detail = now.isoformat(), {"product": "consumer"} if kind == "approved" else {}
    events = [Given(f"{kind}:{who}:{at}", who, kind, at, detail) for who in customer_ids]
    assert take(service, "bank", events).count("taken") == len(events)
    if settles:
        clock_of(service).advance(seconds=SETTLES.total_seconds())
    return now


@pytest.fixture(autouse=True)
def planned_day(service: Service) -> None:
    """Four customers without a birthday; the day is planned."""
    customers(service.database, 4, birthday=None)
    switch_on(service, "approved_draw")
    assert plan(service, TODAY, asked_by="ops").planned == 0
    clock_of(service).advance(hours=1)


def run_of(service: Service) -> PlanRun:
    with service.database.begin() as connection:
        run = plans.read(connection, TODAY, HEARD)
    assert run is not None
    return run


def whole_day_is(service: Service, **values: Any) -> None:
    with service.database.begin() as connection:
        connection.execute(update(tables.PlanRun).where(tables.PlanRun.scope == "").values(**values))


def test_an_approval_at_eleven_has_its_text_in_the_same_afternoon(service: Service) -> None:
    heard_at = hear(service, "C00003")
    assert look_after_programmes(service) == 1
    [row] = rows(service)
    assert (row.programme, row.customer_id) == ("approved_draw", "C00003")
    assert heard_at < row.due_at < row.closes_at <= START + timedelta(hours=12)
    assert (run_of(service).state, run_of(service).seen, run_of(service).planned) == ("done", 1, 1)


def test_nobody_is_planned_twice_however_often_the_same_is_heard(service: Service) -> None:
    hear(service, "C00001")
    assert plan_heard(service) == 1
    assert plan_heard(service) == 0
    hear(service, "C00001", "C00002")
    assert plan_heard(service) == 2
    assert sorted(row.customer_id for row in rows(service)) == ["C00001", "C00002"]
    assert (run_of(service).seen, run_of(service).planned) == (3, 2)
    assert run_of(service).reasons["approved_draw"] == {"already_planned": 1}
    plan(service, TODAY, asked_by="ops", again=True)
    assert len(rows(service)) == 2


def test_more_events_than_are_looked_at_at_once_are_looked_at_one_after_the_other(service: Service) -> None:
    hear(service, "C00001", "C00002", "C00003", "C00004")
    assert [plan_heard(service) for _ in range(3)] == [3, 1, 0]
    assert len(rows(service)) == 4


def test_what_was_heard_before_the_day_was_planned_is_not_looked_at_again(service: Service) -> None:
    hear(service, "C00001")
    plan(service, TODAY, asked_by="ops", again=True)
    assert len(rows(service)) == 1
    assert plan_heard(service) == 0


def test_an_event_waits_until_those_before_it_must_be_there(service: Service) -> None:
    hear(service, "C00001", settles=False)
    assert plan_heard(service) == 0
    clock_of(service).advance(seconds=SETTLES.total_seconds())
    assert plan_heard(service) == 1


def test_events_that_no_programme_waits_for_are_passed(service: Service) -> None:
    hear(service, "C00001", kind="drawn")
    assert plan_heard(service) == 1
    assert (plan_heard(service), rows(service), run_of(service).seen) == (0, [], 0)


@pytest.mark.parametrize("state", ["running", "failed"])
def test_nothing_is_done_while_everybody_is_looked_at_anyway(service: Service, state: str) -> None:
    hear(service, "C00001")
    whole_day_is(service, state=state)
    assert (plan_heard(service), rows(service)) == (0, [])
    whole_day_is(service, state="done")
    assert plan_heard(service) == 1


def test_nothing_is_done_beside_another_planner(service: Service) -> None:
    hear(service, "C00001")
    now = service.clock()
    with service.database.begin() as connection:
        plans.take(connection, TODAY, "approved_draw", asked_by="ops", now=now, lease=now + LEASE)
    assert (plan_heard(service), rows(service)) == (0, [])
    clock_of(service).advance(seconds=LEASE.total_seconds())
    assert plan_heard(service) == 1


def test_a_programme_that_went_off_plans_nobody(service: Service) -> None:
    hear(service, "C00001")
    switches.switch(service, "ops", "approved_draw", False)
    assert (plan_heard(service), rows(service)) == (1, [])


def test_whenever_it_dies_the_next_one_plans_the_rest(service: Service) -> None:
    """A process dies at the first statement, the second one, and so on, between statements and around commits."""
    hear(service, "C00001", "C00002")
    fuse, moment, died = Fuse(), 0, True
    database = FusedDatabase(service.database.engine.url.render_as_string(hide_password=False), fuse)
    dying = replace(service, database=database)
    while died:
        moment += 1
        with service.database.begin() as connection:
            connection.execute(tables.Occasion.__table__.delete())
            connection.execute(delete(tables.PlanRun).where(tables.PlanRun.scope == HEARD))
        fuse.clear()
        fuse.set(moment)
        try:
            plan_heard(dying)
            died = False
        except Crash:
            fuse.clear()
            clock_of(service).advance(seconds=LEASE.total_seconds())
            plan_heard(service)
        assert sorted(row.customer_id for row in rows(service)) == ["C00001", "C00002"], moment
        assert (run_of(service).state, run_of(service).planned) == ("done", 2), moment
    database.close()
    assert moment > 10


def test_the_next_day_begins_behind_its_own_run(service: Service) -> None:
    hear(service, "C00001")
    assert plan_heard(service) == 1
    clock_of(service).advance(days=1)
    assert plan_heard(service) == 0
    assert plan_daily(service) > 0
    while plan_daily(service):
        pass
    assert plan_heard(service) == 0
    assert len(rows(service)) == 1
