"""Programmes are switched on with their number, and off with all that has not left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from app.care.programmes import shipped
from app.handlers.care import switches
from app.handlers.care.leaving import let_go
from app.handlers.care.planning import plan
from app.handlers.service import Lane, Service
from app.store import conversations, leaving, locks, occasions, outbox, tables
from app.store.database import Database
from app.store.migrate import upgrade
from app.store.outbox import NewMessage
from tests.clock import START, Clock
from tests.handlers.care.bank import TODAY, customer, customers, rows, serving, switch_on
from tests.laws.crashes import Crash, Fuse, FusedDatabase
from tests.rig import sqlite_url

KEYS = [*shipped()]


def on(service: Service) -> list[str]:
    with service.database.begin() as connection:
        return list(switches.active(connection))


def state(service: Service, key: str) -> switches.State:
    with service.database.begin() as connection:
        return switches.state(connection, key)


def audit(service: Service) -> list[tuple[str, str, str, object]]:
    return [(row.actor, row.action, row.subject, row.detail) for row in rows(service, tables.Audit)]


def test_every_programme_begins_switched_off_and_fits_its_option(service: Service) -> None:
    assert on(service) == []
    assert all(state(service, key) == switches.State() for key in KEYS)
    assert max(len(switches.NAME + key) for key in KEYS) <= 40


def test_who_switched_what_and_when_is_kept(service: Service, clock: Clock) -> None:
    assert switches.switch(service, "eve", "birthday", True)
    assert not switches.switch(service, "bob", "birthday", True)
    assert on(service) == ["birthday"]
    assert state(service, "birthday") == switches.State(True, "", "eve", START)
    clock.advance(hours=1)
    assert switches.switch(service, "bob", "birthday", False)
    assert not switches.switch(service, "eve", "birthday", False)
    assert state(service, "birthday") == switches.State(False, "", "bob", START + timedelta(hours=1))
    assert audit(service) == [
        ("eve", "programme.on", "programme:birthday", {"customers": 0, "of": 0}),
        ("bob", "programme.off", "programme:birthday", {"held": 0, "withdrawn": 0}),
    ]


def test_one_that_stopped_itself_says_why_until_it_is_on_again(service: Service) -> None:
    switch_on(service, "birthday")
    assert switches.switch(service, "clock", "birthday", False, stopped="refusals")
    assert state(service, "birthday").stopped == "refusals"
    assert audit(service)[-1][3] == {"held": 0, "withdrawn": 0, "stopped": "refusals"}
    with pytest.raises(switches.StoppedItself, match="say why it may go on"):
        switches.switch(service, "eve", "birthday", True)
    assert switches.switch(service, "eve", "birthday", True, told={"because": "new words"})
    assert state(service, "birthday").stopped == ""


def test_no_such_programme(service: Service) -> None:
    for act in (lambda: state(service, "gifts"), lambda: switches.switch(service, "eve", "gifts", True)):
        with pytest.raises(switches.UnknownProgramme, match=r"no programme 'gifts'; there are .*birthday"):
            act()
    assert rows(service, tables.Option) == rows(service, tables.Audit) == []


# ---- the number ------------------------------------------------------------------------------------------------


def wants(service: Service, key: str, expected: int | None = None) -> tuple[int, int] | None:
    """What it asks to be confirmed; None when it did not ask."""
    try:
        switches.switch(service, "eve", key, True, expected=expected)
    except switches.ConfirmNumber as asked:
        return asked.count, asked.total
    return None


def test_a_programme_for_everybody_asks_for_the_number(service: Service) -> None:
    customers(service.database, 12)
    with service.database.begin() as connection:
        customer(connection, 13, phones=())
    assert wants(service, "birthday") == (12, 13)
    assert wants(service, "birthday", 13) == (12, 13)
    assert on(service) == [] and rows(service, tables.Audit) == []
    assert wants(service, "birthday", 12) is None
    assert on(service) == ["birthday"]


def test_a_number_that_is_not_true_any_more_is_no_confirmation(service: Service) -> None:
    customers(service.database, 12)
    asked = wants(service, "birthday")
    with service.database.begin() as connection:
        customer(connection, 13)
    assert asked and wants(service, "birthday", asked[0]) == (13, 13)


@pytest.fixture
def fused(service: Service) -> Iterator[tuple[Service, Fuse]]:
    """The same service, in which something happens meanwhile."""
    fuse = Fuse()
    with closing(FusedDatabase(url_of(service), fuse)) as database:
        yield replace(service, database=database), fuse


def url_of(service: Service) -> str:
    return service.database.url.render_as_string(hide_password=False)


def test_counting_waits_for_nobody_and_keeps_nobody_waiting(fused: tuple[Service, Fuse]) -> None:
    """A million customers are counted in seconds; meanwhile others plan, let go and write."""
    service, fuse = fused
    customers(service.database, 12)
    passed: list[bool] = []
    with closing(Database(url_of(service))) as other:
        with other.begin() as connection:
            locks.beside_others(connection, locks.PROGRAMMES)
            assert wants(service, "birthday") == (12, 12)

        def others_go_on() -> None:
            with other.begin() as connection:
                locks.beside_others(connection, locks.PROGRAMMES)
                passed.append(True)

        fuse.once("SELECT count", others_go_on)
        assert wants(service, "birthday", 12) is None
    assert passed


def test_who_counts_while_somebody_switches_it_on_changes_nothing(
    service: Service, fused: tuple[Service, Fuse]
) -> None:
    counting, fuse = fused
    fuse.once("SELECT count", lambda: switch_on(service, "birthday"))
    assert not switches.switch(counting, "eve", "birthday", True)
    assert [actor for actor, *_ in audit(service)] == ["operator"]


FEW = next(key for key, one in shipped().items() if [c.fact for c in one.audience] == ["segment"])
SEGMENT = shipped()[FEW].audience[0].value[0]


@pytest.mark.parametrize(("meant", "others", "asked"), [(2, 18, None), (3, 17, (3, 20)), (0, 20, None)])
def test_up_to_a_tenth_of_the_customers_nobody_is_asked(
    service: Service, meant: int, others: int, asked: tuple[int, int] | None
) -> None:
    facts = {"segment": SEGMENT}
    with service.database.begin() as connection:
        for number in range(1, meant + others + 1):
            customer(connection, number, **(facts if number <= meant else {}))
    assert wants(service, FEW) == asked


def test_more_than_a_thousand_are_many_whatever_their_share(service: Service) -> None:
    meant, total = switches.MOST + 1, (switches.MOST + 1) * switches.SHARE
    ids = [f"C{number:05}" for number in range(total)]
    blank = [{"customer_id": one, "segment": SEGMENT if number < meant else ""} for number, one in enumerate(ids)]
    bound = [{"phone": f"+86{one}", "customer_id": one, "bound_at": START} for one in ids[:meant]]
    with service.database.begin() as connection:
        connection.execute(insert(tables.Customer), blank)
        connection.execute(insert(tables.PhoneBinding), bound)
    assert wants(service, FEW) == (meant, total)


# ---- off ---------------------------------------------------------------------------------------------------------


def test_what_is_planned_and_queued_goes_with_it(service: Service) -> None:
    customers(service.database, 3)
    switch_on(service, "birthday")
    plan(service, TODAY, asked_by="ops")
    first = rows(service)[0]
    with service.database.begin() as connection:
        conversations.hold(connection, first.phone, "zh-CN", START)
        text = NewMessage(first.phone, "commercial", 2, "care.birthday@0", "…", 1, START, START + timedelta(hours=9))
        message_id = outbox.queue(connection, text, START)
        occasions.queued(connection, first.id, message_id, 0, {}, START)
    switches.switch(service, "eve", "birthday", False)
    assert [(row.state, row.reason) for row in rows(service)] == [("queued", ""), *[("held", "stopped")] * 2]
    assert [(row.state, row.reason) for row in rows(service, tables.Message)] == [("withdrawn", "stopped")]
    assert audit(service)[-1][3] == {"held": 2, "withdrawn": 1}


def test_however_many_are_planned_the_switch_does_not_wait_for_them(tmp_path: Path, clock: Clock) -> None:
    """A million rows take a minute: until then the sender would go on with what is queued."""
    upgrade(sqlite_url(tmp_path))
    fuse = Fuse()
    with serving(sqlite_url(tmp_path), FusedDatabase(sqlite_url(tmp_path), fuse), clock=clock) as service:
        customers(service.database, leaving.OLDEST + 1)
        switch_on(service, "birthday")
        plan(service, TODAY, asked_by="ops")
        fuse.once("after commit", die)
        with pytest.raises(Crash):
            switches.switch(service, "eve", "birthday", False)
        assert not state(service, "birthday").on
        assert {row.state for row in rows(service)} == {"planned"}
        clock.advance(hours=8)
        let_go(service)
        let_go(service)
        assert {(row.state, row.reason) for row in rows(service)} == {("held", "stopped")}


def test_all_that_is_planned_goes_with_the_switch(tmp_path: Path, clock: Clock) -> None:
    upgrade(sqlite_url(tmp_path))
    many = leaving.OLDEST + 1
    with serving(sqlite_url(tmp_path), clock=clock) as service:
        customers(service.database, many)
        switch_on(service, "birthday")
        plan(service, TODAY, asked_by="ops")
        switches.switch(service, "eve", "birthday", False)
        assert [(row.state, row.reason) for row in rows(service)] == [("held", "stopped")] * many
        assert audit(service)[-1][3] == {"held": many, "withdrawn": 0}


def die() -> None:
    raise Crash


@pytest.mark.postgres
def test_switching_off_waits_for_whoever_plans_by_it(fresh_postgres_url: Callable[..., str], clock: Clock) -> None:
    """A transaction that saw the programme on adds its rows before it is off, never after."""
    with serving(fresh_postgres_url(upgrade), clock=clock) as service, ThreadPoolExecutor(1) as pool:
        customers(service.database, 1)
        switch_on(service, "birthday")
        with service.database.begin() as connection:
            locks.beside_others(connection, locks.PROGRAMMES)
            assert "birthday" in switches.active(connection)
            off = pool.submit(switches.switch, service, "eve", "birthday", False)
            waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while not off.done() and connection.exec_driver_sql(waits).scalar_one() == 0:
                pass
            assert not off.done()
            connection.execute(insert(tables.Occasion).values(planned_row()))
        assert off.result(60)
        assert [(row.state, row.reason) for row in rows(service)] == [("held", "stopped")]


def planned_row() -> dict[str, object]:
    moments = dict.fromkeys(("due_at", "closes_at", "planned_at"), START)
    row = {"programme": "birthday", "customer_id": "C00001", "phone": "+861", "occasion": "o", "template": "birthday"}
    return {**row, **moments, "language": "zh-CN", "purpose": "commercial", "kind": "care", "state": "planned",
            "given": {}, "menu": {}}  # fmt: skip


def test_the_care_lane_is_woken(tmp_path: Path, clock: Clock) -> None:
    upgrade(sqlite_url(tmp_path))
    woken: list[Lane] = []
    with serving(sqlite_url(tmp_path), clock=clock) as service:
        switches.switch(replace(service, wake=woken.append), "eve", "birthday", True)
    assert woken == ["care"]
