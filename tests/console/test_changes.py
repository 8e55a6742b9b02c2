"""The feed on a real PostgreSQL, where ids are given out before they are committed; and what a batch becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.store import agents, events, tables
from app.web.console.live.attendance import Page
from app.web.console.live.changes import changes, painter
from app.web.console.live.feed import BATCH, Feed, Heard, Place
from app.web.console.live.stream import Live
from tests.clock import Clock
from tests.console.streams import add_ticket, go_live, statements, tell
from tests.rig import Rig, sqlite_url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def rig(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Rig]:
    url = sqlite_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("fresh_postgres_url")()
    made = Rig(url, clock)
    yield made
    made.close()


@pytest.fixture
def on_postgres(fresh_postgres_url: Callable[..., str], clock: Clock) -> Iterator[Rig]:
    made = Rig(fresh_postgres_url(), clock)
    yield made
    made.close()


class Listener:
    """A page without HTTP: gives one kind of change after the other."""

    def __init__(self, rig: Rig, live: Live, *, place: Place | None = None) -> None:
        self.feed: Feed = live.feed
        with rig.service.database.begin() as connection:
            row = agents.by_name(connection, "小李")
            row = row or agents.by_id(connection, agents.add(connection, "小李", "agent", "", rig.clock()))
        self.page = Page(agents.agent(row), 0, rig.clock() + timedelta(days=30), "")
        assert live.attendance.enter(self.page)
        self.feed.use()
        self.heard = self.feed.resume(place, rig.clock())
        self._waiting = list(self.heard.changes)

    def next(self) -> str:
        """The kind of the next change, or its ticket when it has one."""
        while not self._waiting:
            before = self.heard
            self.heard: Heard = self.feed.listen(before.place.number, 20, self.page)
            assert self.heard.place != before.place, "nothing came"
            self._waiting = list(self.heard.changes)
        change = self._waiting.pop(0)
        return f"{change.kind} {change.ticket_id}" if change.ticket_id else change.kind


def begun(rig: Rig, kind: events.Kind) -> Connection:
    """A transaction that has told an event and is not committed yet."""
    connection = rig.service.database.engine.connect()
    connection.begin()
    events.tell(connection, kind, rig.clock())
    return connection


@pytest.mark.postgres
def test_an_event_that_is_committed_after_a_later_one_is_heard(on_postgres: Rig) -> None:
    live = go_live(on_postgres)
    page = Listener(on_postgres, live)
    tell(on_postgres, "settings")
    assert page.next() == "settings"
    slow = [begun(on_postgres, "agents"), begun(on_postgres, "callbacks")]
    tell(on_postgres, "settings")
    assert page.next() == "settings"
    on_postgres.clock.advance(seconds=59)
    for connection, kind in zip(reversed(slow), ("callbacks", "agents"), strict=True):
        connection.commit()
        connection.close()
        assert page.next() == kind
    live.feed.stop()


@pytest.mark.postgres
def test_a_feed_that_begins_in_between_hears_it_too(on_postgres: Rig) -> None:
    """The service was started anew while a transaction was under way; its id lies before the last one."""
    tell(on_postgres, "settings")
    slow = begun(on_postgres, "agents")
    tell(on_postgres, "callbacks")
    live = go_live(on_postgres)
    page = Listener(on_postgres, live)
    assert {page.next(), page.next()} == {"settings", "callbacks"}
    slow.commit()
    slow.close()
    assert page.next() == "agents"
    live.feed.stop()


@pytest.mark.postgres
def test_a_page_that_comes_back_hears_what_was_committed_behind_its_back(on_postgres: Rig) -> None:
    slow = begun(on_postgres, "agents")
    live = go_live(on_postgres)
    page = Listener(on_postgres, live)
    tell(on_postgres, "callbacks")
    assert page.next() == "callbacks"
    place = page.heard.place
    live.feed.stop()
    on_postgres.clock.advance(seconds=50)
    slow.commit()  # its id lies before the one that the page knows
    slow.close()
    again = go_live(on_postgres)
    page = Listener(on_postgres, again, place=place)
    assert {page.next(), page.next()} == {"agents", "callbacks"}
    again.feed.stop()


@pytest.mark.postgres
def test_ids_that_never_come_are_given_up(on_postgres: Rig) -> None:
    live = go_live(on_postgres)
    page = Listener(on_postgres, live)
    for _ in range(3):
        given_up = begun(on_postgres, "agents")
        given_up.rollback()
        given_up.close()
    tell(on_postgres, "callbacks")
    assert page.next() == "callbacks"
    assert len(live.feed._gaps) == 3
    on_postgres.clock.advance(seconds=61)
    tell(on_postgres, "settings")
    assert page.next() == "settings"
    tell(on_postgres, "callbacks")
    assert page.next() == "callbacks"
    assert live.feed._gaps == {}
    live.feed.stop()


def test_more_events_than_a_batch_are_all_heard(rig: Rig) -> None:
    live = go_live(rig)
    page = Listener(rig, live)
    tickets = range(1, 2 * BATCH + 2)
    with rig.service.database.begin() as connection:
        for ticket in tickets:
            events.tell(connection, "ticket", rig.clock(), ticket)
    assert [page.next() for _ in tickets] == [f"ticket {ticket}" for ticket in tickets]
    live.feed.stop()


def test_events_that_are_forgotten_do_not_make_ids_start_anew(rig: Rig) -> None:
    """SQLite numbers from 1 again when a table is empty; a feed that has passed 5 would never hear of 1."""
    live = go_live(rig)
    page = Listener(rig, live)
    for _ in range(5):
        tell(rig, "settings")
    page.next()
    rig.clock.advance(days=2)
    with rig.service.database.begin() as connection:
        events.forget(connection, rig.clock())
        assert len(rig_events(connection)) == 1
    tell(rig, "agents")
    while page.next() != "agents":
        pass
    live.feed.stop()


def rig_events(connection: Connection) -> list[int]:
    return [row.id for row in events.after(connection, 0, 100)]


def test_a_batch_asks_once_for_all_its_tickets(rig: Rig) -> None:
    tickets = [add_ticket(rig, f"+86{number}") for number in range(50)]
    for ticket in tickets:
        tell(rig, "ticket", ticket)
        tell(rig, "talk", ticket)
        tell(rig, "presence", ticket)
    with statements(rig) as seen, rig.service.database.begin() as connection:
        found = events.after(connection, 0, 500)
        made = changes(connection, found, rig.clock())
    assert len(seen) == 3
    assert len(made) == 150 and all(one.row for one in made if one.kind == "ticket")


def test_events_without_what_they_are_about_tell_nothing(rig: Rig) -> None:
    tell(rig, "ticket")
    tell(rig, "presence")
    tell(rig, "ticket", 4711)
    with rig.service.database.begin() as connection:
        made = changes(connection, events.after(connection, 0, 10), rig.clock())
    assert [(one.kind, one.ticket_id, one.row) for one in made] == [("ticket", 4711, None)]


def test_rows_are_rendered_in_the_language_and_escaped(rig: Rig) -> None:
    rig.customer("+8613800138000")
    rig.say("+8613800138000", "转人工")
    rig.say("+8613800138000", "<script>alert(1)</script><img src=x onerror=alert(1)>")
    ticket = rig.rows(tables.Ticket)[-1].id
    tell(rig, "ticket", ticket)
    with rig.service.database.begin() as connection:
        last = events.after(connection, 0, 500)
        row = next(one.row for one in changes(connection, last, rig.clock()) if one.row)
    paint = painter(rig.app)
    chinese, english = paint(row, "zh-CN"), paint(row, "en")
    assert "转人工" not in chinese and "接入" in chinese and "Claim" in english
    for html in (chinese, english):
        assert "<script" not in html and "<img" not in html and "&lt;script&gt;" in html
        assert "13800138000" not in html and "8000" in html and "王建国" not in html
