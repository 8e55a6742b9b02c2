"""The preview says what the planner then does, and leaves no row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.care.programmes import shipped
from app.handlers.care import switches
from app.handlers.care.planning import plan
from app.handlers.care.preview import SAMPLES, explain, preview
from app.handlers.service import Service
from app.store import tables
from app.store.migrate import upgrade
from tests.clock import Clock
from tests.handlers.care.bank import SETTLED, TODAY, customer, customers, phone, rows, serving, switch_on
from tests.rig import sqlite_url


@pytest.fixture
def service(tmp_path: Path, clock: Clock) -> Iterator[Service]:
    upgrade(sqlite_url(tmp_path))
    with serving(sqlite_url(tmp_path), at_once=5, clock=clock) as built:
        yield built


@pytest.fixture
def everybody(service: Service) -> Service:
    """Customers of every sort, two programmes that are on and one that is not."""
    with service.database.begin() as connection:
        for number in range(1, 13):
            customer(
                connection,
                number,
                consent=("granted", "", "refused")[number % 3],
                loan_product="consumer",
                settled_on=SETTLED if number % 2 else None,
                phones=() if number == 12 else (phone(number),),
            )
    switch_on(service, "birthday", "settled")
    return service


def test_it_is_what_the_planner_does_next(everybody: Service) -> None:
    heard: list[int] = []
    before = [len(rows(everybody, table)) for table in (tables.Option, tables.Audit)]
    found = preview(everybody, TODAY, tell=heard.append)
    assert heard == [5, 10, 12] and found.seen == 12
    assert rows(everybody) == rows(everybody, tables.PlanRun) == []
    assert [len(rows(everybody, table)) for table in (tables.Option, tables.Audit)] == before
    run = plan(everybody, TODAY, asked_by="ops")
    planned = Counter(row.programme for row in rows(everybody))
    assert set(found.programmes) == {"birthday", "settled"} and sum(planned.values()) == run.planned > 1
    for key, forecast in found.programmes.items():
        assert forecast.on
        assert dict(forecast.outcomes) == {**run.reasons[key], **({"planned": planned[key]} if planned[key] else {})}
        assert sum(forecast.outcomes.values()) == 12
        assert sum(forecast.hours.values()) == planned[key]
    hours = Counter(row.due_at.replace(minute=0, second=0, microsecond=0) for row in rows(everybody))
    assert sum((forecast.hours for forecast in found.programmes.values()), Counter()) == hours


def test_examples_are_few_and_tell_no_whole_number(service: Service) -> None:
    customers(service.database, SAMPLES + 3)
    switch_on(service, "birthday")
    (forecast,) = preview(service, TODAY).programmes.values()
    samples = forecast.samples["planned"]
    assert [one.customer_id for one in samples] == [f"C{number:05}" for number in range(1, SAMPLES + 1)]
    assert samples[0].tail == phone(1)[-4:]
    assert samples[0].due_at and TODAY == samples[0].due_at.astimezone(service.zone).date()


def test_a_programme_that_is_off_is_previewed_beside_those_that_are_on(service: Service) -> None:
    customers(service.database, 2, settled_on=SETTLED, loan_product="consumer")
    alone = preview(service, TODAY, keys=["settled"]).programmes["settled"]
    assert (alone.on, dict(alone.outcomes)) == (False, {"planned": 2})
    first = max(("birthday", "settled"), key=lambda key: shipped()[key].priority)
    second = min(("birthday", "settled"), key=lambda key: shipped()[key].priority)
    switch_on(service, first)
    beside = preview(service, TODAY, keys=[second]).programmes
    assert set(beside) == {second} and beside[second].outcomes["outranked"] == 2


def test_the_day_that_is_asked_for_is_previewed(service: Service) -> None:
    customers(service.database, 1)
    day = TODAY + timedelta(days=1)
    switch_on(service, "birthday")
    assert preview(service, day).programmes["birthday"].outcomes == {"not_due": 1}


def test_no_such_programme(service: Service) -> None:
    with pytest.raises(switches.UnknownProgramme):
        preview(service, TODAY, keys=["gifts"])


def test_a_customer_is_explained_as_if_each_programme_were_on(service: Service) -> None:
    with service.database.begin() as connection:
        customer(connection, 1, settled_on=SETTLED, loan_product="consumer")
        customer(connection, 2, consent="refused")
    switch_on(service, "birthday")
    found = explain(service, "C00001", TODAY)
    assert found is not None and list(found) == list(shipped())
    birthday = found["birthday"]
    assert birthday.on and birthday.decision.reason == "" and birthday.decision.occasion == "birthday:2026-06-10"
    assert not found["settled"].on and found["settled"].decision.reason == "outranked"
    refused = explain(service, "C00002", TODAY)
    assert refused is not None and refused["birthday"].decision.reason == "refused"
    assert explain(service, "C9", TODAY) is None
    assert rows(service) == []


def test_hours_are_the_banks(service: Service, clock: Clock) -> None:
    """A customer in New York is written to in their own day, and counted where the bank's people look."""
    clock.set(datetime(2026, 6, 10, 1, tzinfo=UTC))
    with service.database.begin() as connection:
        customer(connection, 1, phones=("+12125550100",))
    switch_on(service, "birthday")
    (forecast,) = preview(service, TODAY).programmes.values()
    (hour,) = forecast.hours
    (sample,) = forecast.samples["planned"]
    assert hour.tzinfo == service.zone and sample.due_at is not None
    assert hour <= sample.due_at < hour + timedelta(hours=1)
    assert sample.due_at.utcoffset() == timedelta(hours=-4) and 8 <= sample.due_at.hour < 22
