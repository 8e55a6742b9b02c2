"""The planner: everybody is asked about, each occasion has one row, and only programmes that are on have any."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from app.care.person import Person
from app.care.programmes import shipped
from app.handlers.care import deciding, switches
from app.handlers.care.planning import LEASE, CannotPlan, plan, plan_daily
from app.handlers.service import Service
from app.store import plans, tables
from app.store.migrate import upgrade
from app.store.plans import PlanRun
from tests.clock import START, Clock
from tests.handlers.care.bank import SETTLED, TODAY, clock_of, customer, customers, phone, rows, serving, switch_on
from tests.rig import sqlite_url


def planned(service: Service) -> list[str]:
    return [row.customer_id for row in rows(service)]


def test_whoever_has_an_occasion_has_a_row_that_says_what_and_when(service: Service) -> None:
    customers(service.database, 2, language="zh-CN", segment="owner")
    switch_on(service, "birthday")
    run = plan(service, TODAY, asked_by="ops")
    assert (run.state, run.seen, run.planned, run.asked_by) == ("done", 2, 2, "ops")
    started = rows(service, tables.Audit)[-1]
    assert (started.actor, started.action, started.subject) == ("ops", "plan.start", f"plan:{run.id}")
    assert started.detail == {"day": "2026-06-10", "scope": ""}
    first, second = rows(service)
    assert (first.programme, first.customer_id, first.phone) == ("birthday", "C00001", phone(1))
    assert (first.occasion, first.run_id) == ("birthday:2026-06-10", run.id)
    programme = shipped()["birthday"]
    assert (first.template, first.variant, first.language) == (programme.template, "", "zh-CN")
    assert (first.purpose, first.kind, first.priority) == (programme.purpose, programme.kind, programme.priority)
    assert (first.segment, first.zone, first.state, first.reason) == ("owner", "Asia/Shanghai", "planned", "")
    assert START <= first.due_at < first.closes_at <= START + timedelta(hours=12)
    assert (first.planned_at, first.queued_at, first.message_id) == (START, None, None)
    assert second.due_at != first.due_at


def test_only_programmes_that_are_on_plan_anything(service: Service) -> None:
    customers(service.database, 2)
    assert plan(service, TODAY, asked_by="ops").planned == 0
    switch_on(service, "settled")
    run = plan(service, TODAY, asked_by="ops", again=True)
    assert (run.planned, run.reasons) == (0, {"settled": {"not_due": 2}})
    assert rows(service) == []


def test_who_gets_nothing_is_counted_with_the_reason(service: Service) -> None:
    with service.database.begin() as connection:
        customer(connection, 1)
        customer(connection, 2, consent="")
        customer(connection, 3, consent="refused")
        customer(connection, 4, phones=())
        customer(connection, 5, birthday=None)
        customer(connection, 6, phones=(phone(67),))
        customer(connection, 7, phones=(phone(67),))
    switch_on(service, "birthday")
    run = plan(service, TODAY, asked_by="ops")
    assert planned(service) == ["C00001"]
    counted = {"no_consent": 1, "refused": 1, "no_number": 1, "not_due": 1, "shared_number": 2}
    assert (run.seen, run.reasons) == (7, {"birthday": counted})
    with service.database.begin() as connection:
        assert plans.read(connection, TODAY, "") == run


def test_the_bank_may_write_to_whoever_did_not_refuse(tmp_path: Path, clock: Clock) -> None:
    upgrade(sqlite_url(tmp_path))
    with serving(sqlite_url(tmp_path), clock=clock, care_consent="not_refused") as service:
        with service.database.begin() as connection:
            customer(connection, 1, consent="")
            customer(connection, 2, consent="refused")
        switch_on(service, "birthday")
        plan(service, TODAY, asked_by="ops")
        assert planned(service) == ["C00001"]


def test_the_text_goes_to_the_newest_number(service: Service) -> None:
    with service.database.begin() as connection:
        customer(connection, 1, phones=(phone(1), phone(2)))
    switch_on(service, "birthday")
    plan(service, TODAY, asked_by="ops")
    assert [row.phone for row in rows(service)] == [phone(2)]


def test_a_customer_has_one_text_on_a_day(service: Service) -> None:
    customers(service.database, 1, settled_on=SETTLED, loan_product="consumer")
    switch_on(service, "birthday", "settled")
    run = plan(service, TODAY, asked_by="ops")
    assert len(rows(service)) == 1
    assert "outranked" in {code for counted in run.reasons.values() for code in counted}


def test_a_run_is_done_once_and_looks_again_when_asked_to(service: Service) -> None:
    customers(service.database, 7)
    switch_on(service, "birthday")
    heard: list[PlanRun] = []
    first = plan(service, TODAY, asked_by="ops", tell=heard.append)
    assert [run.seen for run in heard] == [0, 3, 6, 7, 7]
    assert [run.state for run in heard] == ["running"] * 4 + ["done"]
    assert plan(service, TODAY, asked_by="ops", tell=heard.append) == first and len(heard) == 5
    with service.database.begin() as connection:
        customer(connection, 8)
    again = plan(service, TODAY, asked_by="eve", again=True)
    assert (again.id, again.seen, again.planned, again.asked_by) == (first.id, 8, 1, "eve")
    assert again.reasons == {"birthday": {"already_planned": 7}}
    assert planned(service) == [f"C{number:05}" for number in range(1, 9)]


def test_who_plans_before_switching_on_plans_again_after_it(service: Service) -> None:
    customers(service.database, 2)
    assert plan(service, TODAY, asked_by="ops").planned == 0
    clock_of(service).advance(minutes=1)
    switch_on(service, "birthday")
    clock_of(service).advance(minutes=1)
    assert (once := plan(service, TODAY, asked_by="ops")).planned == 2
    assert plan(service, TODAY, asked_by="ops") == once


def test_tomorrow_plans_nobody_for_the_same_occasion(service: Service) -> None:
    customers(service.database, 2, birthday=None, settled_on=SETTLED, loan_product="consumer")
    switch_on(service, "settled")
    clock = clock_of(service)
    for _ in range(4):
        plan(service, clock().astimezone(service.zone).date(), asked_by="ops")
        clock.advance(days=1)
    assert planned(service) == ["C00001", "C00002"]
    assert len(rows(service, tables.PlanRun)) == 4


def test_a_programme_may_be_planned_by_itself(service: Service) -> None:
    customers(service.database, 1, settled_on=SETTLED, loan_product="consumer")
    with service.database.begin() as connection:
        customer(connection, 2)
    switch_on(service, "birthday", "settled")
    run = plan(service, TODAY, asked_by="ops", scope="birthday")
    assert set(run.reasons) <= {"birthday"}
    assert {row.programme for row in rows(service)} == {"birthday"}
    plan(service, TODAY, asked_by="ops")
    assert len({(row.customer_id, row.occasion) for row in rows(service)}) == len(rows(service))


@pytest.mark.parametrize(
    ("day", "scope", "says"),
    [
        (TODAY - timedelta(days=1), "", "2026-06-09 is over; plan 2026-06-10 or a later day"),
        (TODAY, "settled", "the programme settled is off; switch it on with: huifu care on settled"),
        (TODAY, "gifts", "there is no programme 'gifts'; there are "),
    ],
)
def test_what_cannot_be_planned_is_said(service: Service, day: date, scope: str, says: str) -> None:
    switch_on(service, "birthday")
    with pytest.raises(ValueError, match=says):
        plan(service, day, asked_by="ops", scope=scope)
    assert rows(service, tables.PlanRun) == []
    assert issubclass(CannotPlan, ValueError)


def test_a_second_planner_takes_nothing_while_the_first_is_at_it(service: Service) -> None:
    customers(service.database, 5)
    switch_on(service, "birthday")
    others: list[PlanRun] = []

    def hear(run: PlanRun) -> None:
        if run.state == "running":
            others.append(plan(service, TODAY, asked_by="other", again=True))

    run = plan(service, TODAY, asked_by="ops", tell=hear)
    assert [other.state for other in others] == ["running"] * 3
    assert [other.seen for other in others] == [0, 3, 5]
    assert (run.state, run.seen, run.planned) == ("done", 5, 5)


def test_a_planner_that_was_thought_dead_writes_nothing_more(service: Service) -> None:
    customers(service.database, 9)
    switch_on(service, "birthday")
    others: list[PlanRun] = []

    def sleep(run: PlanRun) -> None:
        if run.seen == 3 and not others:
            clock_of(service).advance(seconds=LEASE.total_seconds())
            others.append(plan(service, TODAY, asked_by="other"))

    run = plan(service, TODAY, asked_by="ops", tell=sleep)
    assert (run.state, run.seen) == ("running", 3)
    assert [(other.state, other.seen, other.planned) for other in others] == [("done", 9, 9)]
    assert planned(service) == [f"C{number:05}" for number in range(1, 10)]


def test_a_programme_that_is_switched_off_in_the_middle_plans_nothing_more(
    service: Service,
) -> None:
    customers(service.database, 7)
    switch_on(service, "birthday")

    def off(run: PlanRun) -> None:
        if run.seen == 3:
            switches.switch(service, "ops", "birthday", False)

    run = plan(service, TODAY, asked_by="ops", tell=off)
    assert (run.state, run.seen, run.planned) == ("done", 7, 3)
    assert [(row.state, row.reason) for row in rows(service)] == [("held", "stopped")] * 3


def test_a_customer_who_goes_away_in_the_middle_holds_nobody_up(service: Service) -> None:
    customers(service.database, 7)
    switch_on(service, "birthday")

    def leave(run: PlanRun) -> None:
        if run.seen == 3:
            with service.database.begin() as connection:
                for gone in ("C00003", "C00004"):
                    connection.execute(delete(tables.PhoneBinding).where(tables.PhoneBinding.customer_id == gone))
                    connection.execute(delete(tables.Customer).where(tables.Customer.customer_id == gone))

    run = plan(service, TODAY, asked_by="ops", tell=leave)
    assert (run.state, run.seen) == ("done", 6)
    assert planned(service) == ["C00001", "C00002", "C00003", "C00005", "C00006", "C00007"]


def test_a_customer_whom_the_rules_cannot_take_stops_nobody_else() -> None:
    class Broken:
        def decide(self, person: Person) -> Any:
            raise ArithmeticError(person.customer_id)

    programmes = {"birthday": shipped()["birthday"], "settled": shipped()["settled"]}
    batch = deciding.Batch([], programmes, Broken())  # type: ignore[arg-type]
    told = batch.decisions(Person(customer_id="C1"))
    assert [(one.programme, one.reason) for one in told] == [("birthday", "failed"), ("settled", "failed")]


# ---- by itself, every day ------------------------------------------------------------------------------------


def at(hour: int, minute: int = 0) -> datetime:
    """That time in Shanghai, today."""
    return datetime(2026, 6, 10, hour - 8, minute, tzinfo=UTC)


def test_the_day_is_planned_once_after_daybreak(service: Service) -> None:
    customers(service.database, 2)
    clock = clock_of(service)
    clock.set(at(8) - timedelta(seconds=1))
    switch_on(service, "birthday")
    assert plan_daily(service) == 0
    clock.set(at(8))
    assert plan_daily(service) == 2
    assert plan_daily(service) == 0
    (run,) = rows(service, tables.PlanRun)
    assert (run.day, run.scope, run.asked_by, run.state) == (TODAY, "", "clock", "done")
    clock.advance(days=1)
    assert plan_daily(service) == 2
    assert len(rows(service, tables.PlanRun)) == 2 and len(rows(service)) == 2


def test_nothing_is_done_while_no_programme_is_on(service: Service) -> None:
    customers(service.database, 2)
    assert plan_daily(service) == 0
    assert rows(service, tables.PlanRun) == []


def test_what_is_switched_on_later_in_the_day_is_planned_by_itself(service: Service) -> None:
    customers(service.database, 1, birthday=None, settled_on=SETTLED, loan_product="consumer")
    switch_on(service, "birthday")
    assert plan_daily(service) == 1
    clock_of(service).advance(hours=1)
    switch_on(service, "settled")
    assert plan_daily(service) == 1
    assert plan_daily(service) == 0
    assert [(run.scope, run.state) for run in rows(service, tables.PlanRun)] == [("", "done"), ("settled", "done")]
    assert [row.programme for row in rows(service)] == ["settled"]


def test_while_somebody_plans_the_lane_begins_no_other_run(service: Service) -> None:
    """Two runs beside each other would not see what the other one plans for the same customer on the same day."""
    customers(service.database, 1, settled_on=SETTLED, loan_product="consumer")
    switch_on(service, "birthday")
    now = service.clock()
    with service.database.begin() as connection:
        assert plans.take(connection, TODAY, "", asked_by="other", now=now, lease=now + LEASE)
    clock_of(service).advance(minutes=1)
    switch_on(service, "settled")
    assert plan_daily(service) == 0
    assert [run.scope for run in rows(service, tables.PlanRun)] == [""]
    clock_of(service).advance(minutes=2)
    assert plan_daily(service) == 1
    assert len(rows(service)) == 1


class Ticking(Clock):
    """Every look at it takes a second."""

    def __call__(self) -> datetime:
        return self.advance(seconds=1)


def test_the_lane_plans_in_slices_that_any_process_goes_on_with(
    tmp_path: Path,
) -> None:
    upgrade(sqlite_url(tmp_path))
    with (
        serving(sqlite_url(tmp_path), at_once=3, clock=Ticking()) as service,
        serving(sqlite_url(tmp_path), at_once=3, clock=service.clock) as other,
    ):
        customers(service.database, 20)
        switch_on(service, "birthday")
        seen = []
        while looked := plan_daily((service, other)[len(seen) % 2]):
            seen.append(looked)
        assert len(seen) > 2 and sum(seen) >= 20
        assert len(planned(service)) == 20
