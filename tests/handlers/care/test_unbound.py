"""A number that is not the customer's any more gets nothing of what was planned for them (A14)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from app.gateways.faults import Fault, Kind
from app.handlers.care.leaving import let_go
from app.handlers.customers_file import read
from app.handlers.customers_imported import Ears, import_customers
from app.store import conversations, leaving, locks, occasions, outbox, tables
from app.store.database import Database
from app.store.outbox import NewMessage
from tests.clock import Clock
from tests.handlers.care.campaign import ANN, BEN, invited, planned, switch_on
from tests.rig import Rig


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    if request.param == "postgresql":
        url = request.getfixturevalue("fresh_postgres_url")()
    else:
        url = f"sqlite:///{tmp_path / 'rig.db'}"
    built = Rig(url, Clock())
    yield built
    built.close()


def become(rig: Rig) -> list[tuple[str, str]]:
    return [(row.state, row.reason) for row in rig.rows(tables.Occasion)]


def take(rig: Rig, *lines: str, to: Database | None = None) -> None:
    rows = read(["customer_id,phone,name", *lines])[1]
    ears = Ears(lambda _: None, lambda _: None, lambda _: None)
    import_customers(to or rig.service.database, rows, file="bank.csv", clock=rig.clock, ears=ears, language="en")


def test_a_customer_who_moves_gets_nothing_on_the_old_number_and_others_keep_theirs(rig: Rig) -> None:
    invited(rig)
    invited(rig, BEN, "C2")
    rig.customer(ANN, "C3")
    later = rig.clock() + timedelta(minutes=30)
    planned(rig, due_at=later)
    planned(rig, BEN, customer_id="C2", due_at=later)
    planned(rig, customer_id="C3", due_at=later)
    take(rig, "C1,15400000077,王建国")
    assert become(rig) == [("held", "unbound"), ("planned", ""), ("planned", "")]


def test_what_is_queued_and_what_is_planned_go_together(rig: Rig) -> None:
    invited(rig)
    switch_on(rig, "settled", "wake_up")
    planned(rig)
    planned(rig, programme="wake_up", occasion="last_active_on:2025-12-01", due_at=rig.clock() + timedelta(hours=1))
    assert let_go(rig.service) == 1
    take(rig, "C1,15400000077,王建国")
    (message,) = rig.rows(tables.Message)
    assert (message.state, message.reason) == ("withdrawn", "unbound:import")
    assert become(rig) == [("queued", ""), ("held", "unbound"), ("held", "unbound")], "the second text too"


def test_a_wrong_person_gets_nothing_that_is_planned(rig: Rig) -> None:
    invited(rig)
    planned(rig, due_at=rig.clock() + timedelta(minutes=30))
    rig.say(ANN, "你们发错人了")
    assert become(rig) == [("held", "unbound")]


def test_a_number_that_is_dead_may_be_somebody_elses(rig: Rig) -> None:
    invited(rig)
    planned(rig, due_at=rig.clock() + timedelta(hours=20))
    rig.network.plan(Fault(Kind.UNDELIVERED, "30005"), ANN)
    rig.say(ANN, "额度")
    rig.wait(minutes=1)
    assert [row.topic for row in rig.rows(tables.Ticket)] == ["dead_number"]
    assert become(rig) == [("held", "unbound")]


@pytest.mark.parametrize("rig", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_a_text_that_is_leaving_meanwhile_is_withdrawn_or_never_queued(rig: Rig) -> None:
    """Nobody lets a text go to a number whose binding ends: it was queued before and is taken back, or finds the number
    unbound."""
    invited(rig)
    planned(rig)
    on_its_way, ended = threading.Event(), threading.Event()
    switch_on(rig, "settled")

    def release() -> None:
        with rig.service.database.begin() as connection:
            locks.beside_others(connection, locks.PROGRAMMES)
            (row,) = leaving.due(connection, "settled", rig.clock(), 5)
            conversations.hold(connection, ANN, "zh-CN", rig.clock())
            on_its_way.set()
            assert not ended.wait(0.5), "the import did not wait"
            now = rig.clock()
            words = {"purpose": "commercial", "lane": 1, "template": "care.settled@0", "body": "b", "parts": 1}
            new = NewMessage(phone=ANN, due_at=now, expires_at=now + timedelta(hours=2), **words)
            occasions.queued(connection, row.id, outbox.queue(connection, new, now), 0, {}, now)

    leaves = threading.Thread(target=release)
    leaves.start()
    assert on_its_way.wait(60)
    take(rig, "C1,15400000077,王建国")
    ended.set()
    leaves.join(60)
    (message,) = rig.rows(tables.Message)
    assert (message.state, message.reason) == ("withdrawn", "unbound:import")


class Hasty(Database):
    """Waits for a lock no longer than 0.3 seconds."""

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with super().begin() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = 300")
            yield connection


@pytest.mark.parametrize("rig", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_an_import_waits_for_its_own_numbers_and_for_nothing_else(rig: Rig) -> None:
    """Not for all that is planned or let go meanwhile, of which there is always some."""
    invited(rig)
    invited(rig, BEN, "C2")
    hasty = Hasty(rig.service.database.url.render_as_string(hide_password=False))
    with closing(hasty), rig.service.database.begin() as connection:
        locks.beside_others(connection, locks.PROGRAMMES)
        conversations.hold(connection, BEN, "zh-CN", rig.clock())
        take(rig, "C1,15400000077,王建国", to=hasty)
        with pytest.raises(OperationalError, match="lock timeout"):
            take(rig, "C2,15400000078,王建国", to=hasty)
    live = {row.phone for row in rig.rows(tables.PhoneBinding) if row.ended_at is None}
    assert live == {"+8615400000077", BEN}


def test_whoever_has_the_number_next_begins_in_the_banks_language(rig: Rig) -> None:
    invited(rig)
    take(rig, "C1,15400000077,王建国")
    (talk,) = rig.rows(tables.Conversation)
    assert (talk.phone, talk.language, talk.version) == (ANN, "en", 0)
