"""Who is there, who looks, who types: told when it changes, ended by itself, and cheap while it only goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from app.handlers.presence_told import LOOKS, TYPES
from app.store import agents, tables
from app.web.console.live.stream import Live
from tests.console.conftest import Seat, SignedIn
from tests.console.streams import Said, Stream, add_ticket, go_live, open_stream, statements, tell
from tests.rig import Rig


@pytest.fixture
def live(desk: Rig) -> Iterator[Live]:
    made = go_live(desk)
    yield made
    made.feed.stop()


def alive(seat: Seat, ticket: int | str = "", **told: str) -> int:
    form = {"ticket": str(ticket), **told}
    return seat.post("/console/alive", data=form, headers={"Accept": "application/json"}).status_code


def kinds(rig: Rig) -> list[str]:
    return [row.kind for row in rig.rows(tables.ConsoleEvent)]


def people(stream: Stream) -> list[tuple[str, bool]]:
    """Who looks, by the next message about that."""
    said: Said = stream.next()
    while said.name != "presence":
        said = stream.next()
    return [(one["agent"], one["typing"]) for one in said.data["people"]]


def in_some_seconds(live: Live, seconds: float) -> None:
    """Moves the timer that decides when batches are written."""
    before = live.attendance.timer
    live.attendance.timer = lambda: before() + seconds


def until_written(stream: Stream, rig: Rig) -> None:
    """Lets the feed's thread go round once."""
    tell(rig, "settings")
    while stream.next().name != "settings":
        pass


def test_an_open_page_keeps_its_person_there(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    seat = signed_in()
    assert alive(seat) == 204
    (row,) = desk.rows(tables.Agent)
    assert row.alive_until == desk.clock() + LOOKS
    assert kinds(desk) == ["agents"], "somebody came"


def test_going_on_is_written_in_batches_and_told_to_nobody(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    seats = [signed_in(name=f"坐席{number}") for number in range(6)]
    watcher = open_stream(signed_in("supervisor"))
    ticket = add_ticket(desk)
    for seat in seats:
        alive(seat, ticket)
    told = len(kinds(desk))
    desk.clock.advance(seconds=20)
    with statements(desk) as seen:
        for seat in seats:
            alive(seat, ticket)
    assert not [one for one in seen if not one.startswith("SELECT")], "a page that is only open writes nothing itself"
    in_some_seconds(live, 11)
    until_written(watcher, desk)
    until_written(watcher, desk)
    assert {row.alive_until for row in desk.rows(tables.Agent) if row.role == "agent"} == {desk.clock() + LOOKS}
    assert {row.looking_until for row in desk.rows(tables.Presence)} == {desk.clock() + LOOKS}
    assert len(kinds(desk)) == told + 2  # ours, both `settings`
    watcher.close()


def test_colleagues_hear_who_looks_types_and_leaves(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    watcher, seat = open_stream(signed_in("supervisor")), signed_in()
    ticket = add_ticket(desk)
    for told, expected in (
        ({}, [("小李", False)]),
        ({"typing": "1"}, [("小李", True)]),
        ({"typing": ""}, [("小李", False)]),
        ({"left": "1"}, []),
    ):
        alive(seat, ticket, **told)
        assert people(watcher) == expected
    watcher.close()


def test_typing_ends_by_itself_and_then_looking(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    """A closed laptop says nothing. No event is written for it: every process notices."""
    watcher, seat = open_stream(signed_in("supervisor")), signed_in()
    ticket = add_ticket(desk)
    alive(seat, ticket, typing="1")
    assert people(watcher) == [("小李", True)]
    before = len(kinds(desk))
    desk.clock.advance(seconds=TYPES.total_seconds() + 1)
    assert people(watcher) == [("小李", False)]
    desk.clock.advance(seconds=LOOKS.total_seconds())
    assert people(watcher) == []
    assert len(kinds(desk)) == before
    watcher.close()


def test_who_goes_on_typing_is_not_lost(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    watcher, seat = open_stream(signed_in("supervisor")), signed_in()
    ticket = add_ticket(desk)
    alive(seat, ticket, typing="1")
    assert people(watcher) == [("小李", True)]
    for _ in range(5):
        desk.clock.advance(seconds=5)
        alive(seat, ticket, typing="1")
        until_written(watcher, desk)
    alive(seat, ticket)
    assert people(watcher) == [("小李", False)], "and nothing in between"
    watcher.close()


def test_two_people_at_one_ticket_are_both_shown(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    watcher = open_stream(signed_in("supervisor"))
    ticket = add_ticket(desk)
    alive(signed_in(name="小李"), ticket)
    assert people(watcher) == [("小李", False)]
    alive(signed_in(name="小王"), ticket, typing="1")
    assert people(watcher) == [("小李", False), ("小王", True)]
    watcher.close()


def test_who_comes_back_after_a_while_is_told_of(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    seat = signed_in()
    alive(seat)
    desk.clock.advance(seconds=61)
    alive(seat)
    assert kinds(desk) == ["agents", "agents"]


def test_an_older_word_of_another_page_does_not_shorten_it(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    seat, later = signed_in(), desk.clock().replace(year=2030)
    with desk.service.database.begin() as connection:
        connection.execute(update(tables.Agent).values(alive_until=later))
        assert agents.by_name(connection, seat.name).alive_until == later
    alive(seat)
    assert desk.rows(tables.Agent)[0].alive_until == later


@pytest.mark.parametrize("ticket", ["4711", "0", "-1", "x", "9" * 30, "1; DROP TABLE tickets"])
def test_a_ticket_that_is_not_there_is_looked_at_by_nobody(
    desk: Rig, live: Live, signed_in: SignedIn, ticket: str
) -> None:
    assert alive(signed_in(), ticket) in (204, 400)
    assert desk.rows(tables.Presence) == []
    assert "presence" not in kinds(desk)


def test_a_closed_ticket_is_looked_at_by_nobody(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    alive(signed_in(), add_ticket(desk, state="closed"))
    assert desk.rows(tables.Presence) == []


def test_nobody_is_kept_there_by_somebody_elses_page(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    seat = signed_in()
    assert seat.post("/console/alive", csrf=False).status_code == 400
    assert signed_in("auditor").post("/console/alive").status_code == 403
    assert [row.alive_until for row in desk.rows(tables.Agent)] == [None, None]


def test_rows_of_the_past_are_dropped(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    first, second = add_ticket(desk, "+861"), add_ticket(desk, "+862")
    seat = signed_in()
    alive(seat, first)
    desk.clock.advance(minutes=5)
    alive(seat, second)
    assert [row.ticket_id for row in desk.rows(tables.Presence)] == [second]
