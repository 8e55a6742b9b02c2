"""The planner dies at every moment, and is killed for real: nobody is planned twice, and nobody is left out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import text

from app.handlers.care.planning import LEASE, plan
from app.handlers.service import Service
from app.store import tables
from app.store.database import Database
from app.store.migrate import upgrade
from app.store.plans import PlanRun
from tests.clock import Clock
from tests.handlers.care.bank import TODAY, customers, phone, rows, serving, switch_on
from tests.laws.crashes import Crash, Fuse, FusedDatabase
from tests.rig import sqlite_url

PLANNER = Path(__file__).with_name("planner.py")
CHECKOUT = PLANNER.parents[3]
TWO_BATCHES = 5


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """A new migrated database, each time it is called."""
    if request.param == "postgresql":
        made: Callable[..., str] = request.getfixturevalue("fresh_postgres_url")
        return lambda: made(upgrade)

    def on_sqlite() -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        upgrade(sqlite_url(folder))
        return sqlite_url(folder)

    return on_sqlite


def everybody_once(service: Service, count: int) -> None:
    planned = Counter(row.customer_id for row in rows(service))
    assert planned == {f"C{number:05}": 1 for number in range(1, count + 1)}
    (run,) = rows(service, tables.PlanRun)
    assert (run.state, run.seen, run.planned) == ("done", count, count)


def test_whenever_it_dies_the_next_one_plans_the_rest(fresh: Callable[[], str], clock: Clock) -> None:
    """A process dies at the first statement, the second one, and so on, between statements and around commits."""
    url, fuse, moment = fresh(), Fuse(), 0
    died = True
    with serving(url, FusedDatabase(url, fuse), at_once=3, clock=clock) as service:
        customers(service.database, TWO_BATCHES)
        switch_on(service, "birthday")
        while died:
            moment += 1
            fuse.clear()
            with service.database.begin() as connection:
                connection.execute(tables.Occasion.__table__.delete())
                connection.execute(tables.PlanRun.__table__.delete())
            fuse.set(moment)
            try:
                plan(service, TODAY, asked_by="ops")
                died = False
            except Crash:
                pass
            fuse.clear()
            clock.advance(seconds=LEASE.total_seconds())
            plan(service, TODAY, asked_by="ops")
            everybody_once(service, TWO_BATCHES)
    assert moment > 30


def test_it_dies_again_and_again(fresh: Callable[[], str], clock: Clock) -> None:
    """Each process dies a little later than the one before, on the same run."""
    url, fuse = fresh(), Fuse()
    with serving(url, FusedDatabase(url, fuse), at_once=2, clock=clock) as service:
        customers(service.database, 12)
        switch_on(service, "birthday")
        for moment in range(1, 200):
            fuse.set(moment)
            try:
                run: PlanRun | None = plan(service, TODAY, asked_by="ops")
            except Crash:
                run = None
            fuse.clear()
            clock.advance(seconds=LEASE.total_seconds())
            if run and run.state == "done":
                break
        everybody_once(service, 12)
        assert moment > 10


@pytest.mark.postgres
def test_of_planners_that_begin_at_once_one_plans(fresh_postgres_url: Callable[..., str], clock: Clock) -> None:
    url = fresh_postgres_url(upgrade)
    together = Barrier(4)
    with serving(url, clock=clock) as service:
        customers(service.database, 50)
        switch_on(service, "birthday")

        def one(number: int) -> PlanRun:
            together.wait()
            return plan(service, TODAY, asked_by=f"planner {number}")

        with ThreadPoolExecutor(4) as pool:
            runs = list(pool.map(one, range(4)))
        everybody_once(service, 50)
        assert len({run.asked_by for run in runs}) == 1


@pytest.mark.postgres
def test_killed_processes_plan_nobody_twice_and_miss_nobody(fresh_postgres_url: Callable[..., str]) -> None:
    """Real processes, SIGKILL in the middle, each resumed by the next one whose clock says that the lease is over."""
    url = fresh_postgres_url(upgrade)
    many = 2_000
    killed = 0
    with serving(url) as service:
        fill(service.database, many)
        switch_on(service, "birthday")
        for number in range(12):
            before = seen(service)
            minutes = number * (LEASE.total_seconds() / 60 + 5)
            arguments = [sys.executable, str(PLANNER), url, str(minutes), "25"]
            planner = subprocess.Popen(arguments, env={**os.environ, "PYTHONPATH": str(CHECKOUT)})
            try:
                while planner.poll() is None and killed < 2 and seen(service) < before + many // 5:
                    time.sleep(0.005)
                if planner.poll() is None and killed < 2:
                    planner.send_signal(signal.SIGKILL)
                    killed += 1
                assert planner.wait(60) in {0, -signal.SIGKILL}
            finally:
                planner.kill()
                planner.wait()
            if planner.returncode == 0:
                break
        everybody_once(service, many)
    assert killed == 2


EMPTY = ("name", "title", "language", "segment", "region", "card_last4", "loan_product", "manager_name")
EMPTY += ("manager_phone", "email")
FILL = (
    f"INSERT INTO customers (customer_id, birthday, {', '.join(EMPTY)}) SELECT 'C' || lpad(n::text, 5, '0'),"
    f" DATE '1990-06-10', {', '.join(repr('') for _ in EMPTY)} FROM generate_series(1, {{many}}) n",
    "INSERT INTO phone_bindings (phone, customer_id, bound_at, ended_because)"
    " SELECT '+86138' || lpad(substr(customer_id, 2), 8, '0'), customer_id, now(), '' FROM customers",
    "INSERT INTO consents (phone, scope, verdict, source, evidence, at)"
    " SELECT phone, 'commercial', 'granted', 'import', '', now() FROM phone_bindings",
)


def fill(database: Database, many: int) -> None:
    """As `customers`, by the database itself."""
    with database.begin() as connection:
        for statement in FILL:
            connection.execute(text(statement.format(many=many)))
        assert connection.execute(text("SELECT min(phone) FROM phone_bindings")).scalar() == phone(1)


def seen(service: Service) -> int:
    with service.database.begin() as connection:
        return connection.execute(text("SELECT coalesce(max(seen), 0) FROM plan_runs")).scalar_one()
