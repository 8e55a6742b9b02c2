"""Open pages: what they hear, what they hear again, when they end, and what they cost while nothing happens."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from structlog.testing import capture_logs

from app.handlers.accounts import sign_in
from app.handlers.accounts.standing import standing
from app.store import agents, events, tables
from app.store.queue import QueueRow
from app.web.console.live.feed import LINGERS, MOST_MISSED, Place
from app.web.console.live.stream import Live
from tests.console.conftest import Seat, SignedIn
from tests.console.streams import add_ticket, ask_for_stream, go_live, milliseconds, open_stream, statements, tell
from tests.rig import Rig

SOON = 20.0


@pytest.fixture
def live(desk: Rig) -> Iterator[Live]:
    made = go_live(desk)
    yield made
    made.feed.stop()


def until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + SOON
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.005)  # the feed's own thread is being waited for


def test_a_change_reaches_every_page(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    pages = [open_stream(signed_in("agent")), open_stream(signed_in("supervisor"))]
    ticket = add_ticket(desk, last_text_at=desk.clock())
    tell(desk, "ticket", ticket)
    for page in pages:
        said = page.next()
        assert said.name == "ticket"
        assert said.data["id"] == ticket and not said.data["gone"]
        assert f"ticket-{ticket}" in said.data["html"] and said.data["key"]
        assert said.id and page.last_id == said.id
        page.close()
    assert live.attendance.count() == 0


def test_events_of_one_moment_come_as_one_message_each(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    page = open_stream(signed_in())
    ticket = add_ticket(desk)
    with desk.service.database.begin() as connection:
        for kind in ("ticket", "ticket", "talk", "agents", "agents", "callbacks", "settings"):
            events.tell(connection, kind, desk.clock(), ticket if kind in ("ticket", "talk") else None)
    heard = [page.next() for _ in range(5)]
    assert [one.name for one in heard] == ["ticket", "talk", "agents", "callbacks", "settings"]
    assert [bool(one.id) for one in heard] == [False, False, False, False, True]
    assert heard[1].data == {"ticket": ticket} and heard[2].data == {}
    page.close()


def test_a_closed_ticket_is_gone(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    page = open_stream(signed_in())
    ticket = add_ticket(desk, state="closed", closed_at=desk.clock())
    tell(desk, "ticket", ticket)
    said = page.next()
    assert said.data["id"] == ticket and said.data["gone"] and said.data["html"] == ""
    page.close()


def test_each_page_hears_in_its_language_and_each_is_rendered_once(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    painted: list[str] = []

    def paint(row: QueueRow, language: str) -> str:
        painted.append(language)
        return f"{row.id} in {language}"

    desk.app.extensions["huifu_live"] = dataclasses.replace(desk.app.extensions["huifu_live"], paint=paint)
    chinese = [open_stream(signed_in(name=name)) for name in ("甲", "乙", "丙")]
    english = [open_stream(signed_in(name=name, interface="en")) for name in ("Ann", "Bob")]
    ticket = add_ticket(desk)
    tell(desk, "ticket", ticket)
    assert {page.next().data["html"] for page in chinese} == {f"{ticket} in zh-CN"}
    assert {page.next().data["html"] for page in english} == {f"{ticket} in en"}
    assert sorted(painted) == ["en", "zh-CN"]
    for page in (*chinese, *english):
        page.close()


def test_a_row_that_cannot_be_shown_ends_no_page(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    def paint(row: QueueRow, language: str) -> str:
        raise KeyError("芝麻")

    desk.app.extensions["huifu_live"] = dataclasses.replace(desk.app.extensions["huifu_live"], paint=paint)
    page = open_stream(signed_in())
    with capture_logs() as logs:
        tell(desk, "ticket", add_ticket(desk))
        tell(desk, "agents")
        assert page.next().name == "agents"
    assert [line["event"] for line in logs] == ["change_not_told"] and "芝麻" not in repr(logs)
    page.close()


# ---- nothing is lost ------------------------------------------------------------------------------------


def test_a_page_hears_what_happened_between_its_making_and_its_stream(
    desk: Rig, live: Live, signed_in: SignedIn
) -> None:
    made = desk.clock()
    ticket = add_ticket(desk)
    tell(desk, "ticket", ticket)
    desk.clock.advance(seconds=30)
    page = open_stream(signed_in(), since=milliseconds(made))
    assert page.next().data["id"] == ticket
    page.close()


def test_a_page_that_comes_back_hears_what_it_missed_and_nothing_twice(
    desk: Rig, live: Live, signed_in: SignedIn
) -> None:
    seat = signed_in()
    first, second = add_ticket(desk, "+861"), add_ticket(desk, "+862")
    page = open_stream(seat, since=milliseconds(desk.clock()))
    tell(desk, "ticket", first)
    assert page.next().data["id"] == first
    page.close()
    tell(desk, "ticket", second)
    page = open_stream(seat, last_id=page.last_id)
    assert page.next().data["id"] == second
    page.close()


def test_a_page_of_another_process_is_told_from_a_minute_before(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    """That process is gone, or the proxy chose another one: its number says nothing here, its event id does."""
    tickets = [add_ticket(desk, f"+86{number}") for number in range(4)]
    for ticket in tickets:
        tell(desk, "ticket", ticket)
        desk.clock.advance(seconds=45)
    desk.clock.advance(hours=1)
    third = desk.rows(tables.ConsoleEvent)[2].id
    page = open_stream(signed_in(), last_id=str(Place(third, "elsewhere", 12)))
    # The second was 45 seconds before the third; the first 90.
    assert [page.next().data["id"] for _ in range(3)] == tickets[1:]
    page.close()


def test_a_page_that_missed_too_much_is_told_to_load_anew(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    ticket, made = add_ticket(desk), desk.clock()
    with desk.service.database.begin() as connection:
        for _ in range(MOST_MISSED + 1):
            events.tell(connection, "ticket", made, ticket)
    desk.clock.advance(hours=1)
    page = open_stream(signed_in(), since=milliseconds(made))
    assert page.next().name == "stale"
    tell(desk, "agents")
    assert page.next().name == "agents"
    page.close()


@pytest.mark.parametrize("last_id", ["", "x", "1", "1.2", "1.2.x", "9" * 70, "99999999.abc.4", "-1.a.2", "1.a.-2"])
def test_a_place_that_nobody_gave_out_is_no_error(desk: Rig, live: Live, signed_in: SignedIn, last_id: str) -> None:
    page = open_stream(signed_in(), last_id=last_id, since="yesterday")
    tell(desk, "agents")
    assert page.next().name == "agents"
    page.close()


# ---- polling --------------------------------------------------------------------------------------------


def test_who_polls_hears_the_same(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    seat, made = signed_in(), milliseconds(desk.clock())
    page = open_stream(signed_in("supervisor"), since=made)
    first, second = add_ticket(desk, "+861"), add_ticket(desk, "+862")
    tell(desk, "ticket", first)
    streamed = page.next()
    answer = seat.get("/console/changes", query_string={"since": made}).get_json()
    assert answer["messages"] == [{"event": "ticket", "data": streamed.data}]
    assert answer["wait"] >= 2
    again = seat.get("/console/changes", query_string={"after": answer["after"]}).get_json()
    assert again["messages"] == []
    tell(desk, "ticket", second)
    assert page.next().data["id"] == second
    more = seat.get("/console/changes", query_string={"after": again["after"]}).get_json()
    assert [one["data"]["id"] for one in more["messages"]] == [second]
    page.close()


def test_more_pages_than_places_are_sent_to_polling(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    seats = [signed_in(name=f"坐席{number}") for number in range(9)]
    pages = [open_stream(seat) for seat in seats[:8]]
    refused = ask_for_stream(seats[8])
    assert refused.status_code == 503 and int(refused.headers["Retry-After"]) > 0
    assert seats[8].get("/console/changes").status_code == 200
    pages[0].close()
    open_stream(seats[8]).close()
    for page in pages:
        page.close()


def test_a_tab_that_went_on_leaves_its_place_at_once(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    seat = signed_in()
    pages = [open_stream(seat, tab="one") for _ in range(20)]
    assert pages[0].next().name == "replaced"
    assert pages[18].ended()
    tell(desk, "agents")
    assert pages[19].next().name == "agents"
    other = open_stream(signed_in("supervisor"), tab="one")  # somebody else made up the same word
    tell(desk, "callbacks")
    assert [other.next().name for _ in range(2)] == ["agents", "callbacks"]
    assert pages[19].next().name == "callbacks"
    for page in (*pages, other):
        page.close()


# ---- who may listen, and for how long -------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/console/events", "/console/changes"])
@pytest.mark.parametrize("role", ["operator", "auditor"])
def test_a_role_without_customers_hears_nothing(live: Live, signed_in: SignedIn, role: str, path: str) -> None:
    assert signed_in(role).get(path).status_code == 403


@pytest.mark.parametrize("path", ["/console/events", "/console/changes"])
def test_nobody_hears_anything(live: Live, anonymous: Callable[[], Seat], path: str) -> None:
    answer = anonymous().get(path, headers={"Accept": "text/event-stream, application/json"})
    assert answer.status_code == 401


def test_the_end_of_a_session_ends_its_stream(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    seat, other = signed_in("agent"), signed_in("supervisor")
    page, stays = open_stream(seat), open_stream(other)
    with desk.service.database.begin() as connection:
        held = agents.by_name(connection, seat.name)
    found = standing(desk.service, held.id)
    assert found is not None
    sign_in.end(desk.service, found.agent)
    tell(desk, "agents")  # told with whatever changes a person; without it the next check finds it
    assert page.ended()
    assert ask_for_stream(seat).status_code == 401
    assert stays.next().name == "agents"
    stays.close()


@pytest.mark.parametrize("columns", [{"disabled_at": True}, {"role": "auditor"}])
def test_who_may_not_work_here_any_more_hears_no_more(
    desk: Rig, live: Live, signed_in: SignedIn, columns: dict[str, object]
) -> None:
    seat = signed_in()
    page = open_stream(seat)
    values = {name: desk.clock() if value is True else value for name, value in columns.items()}
    with desk.service.database.begin() as connection:
        agents.change(connection, agents.by_name(connection, seat.name).id, **values)
    live.attendance.timer = _later(live, 31)
    assert page.ended()


def _later(live: Live, seconds: float) -> Callable[[], float]:
    before = live.attendance.timer
    return lambda: before() + seconds


def test_a_stream_ends_when_nobody_has_acted_for_long(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    """The browser comes back by itself, and is let in when a person has acted in that page meanwhile."""
    seat = signed_in()
    page = open_stream(seat)
    desk.clock.advance(minutes=29)
    assert seat.get("/console/account").status_code == 200
    desk.clock.advance(minutes=2)
    assert page.ended()
    page = open_stream(seat)
    desk.clock.advance(minutes=31)
    assert page.ended()
    assert ask_for_stream(seat).status_code == 401


def test_pages_do_not_prolong_a_session(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    seat = signed_in()
    for _ in range(4):
        desk.clock.advance(minutes=10)
        asked = {"headers": {"Accept": "application/json"}}
        answers = [
            seat.post("/console/alive", **asked).status_code,
            seat.get("/console/changes", **asked).status_code,
        ]
    assert answers == [401, 401]


def test_the_end_of_the_service_ends_every_stream(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    pages = [open_stream(signed_in(name=name)) for name in ("甲", "乙")]
    live.feed.stop()
    assert all(page.ended() for page in pages)


# ---- what it costs --------------------------------------------------------------------------------------


def test_idle_pages_ask_nothing_of_the_database(desk: Rig, signed_in: SignedIn) -> None:
    live = go_live(desk, sweep=600, ping=0.01, comment=0.01)
    pages = [open_stream(signed_in(name=f"坐席{number}")) for number in range(8)]
    with statements(desk) as seen:
        for page in pages:
            for _ in range(10):
                assert page.next(besides=()).name == "ping"
    assert seen == []
    live.feed.stop()


def test_the_feed_asks_once_however_many_pages_wait(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    pages = [open_stream(signed_in(name=f"坐席{number}")) for number in range(8)]
    tickets = [add_ticket(desk, f"+86{number}") for number in range(20)]
    with statements(desk) as seen:
        with desk.service.database.begin() as connection:
            for ticket in tickets:
                events.tell(connection, "ticket", desk.clock(), ticket)
        for page in pages:
            assert sorted(page.next().data["id"] for _ in range(20)) == tickets
    assert len([statement for statement in seen if "FROM tickets" in statement]) == 1
    for page in pages:
        page.close()


def test_the_thread_ends_after_the_last_page_and_begins_with_the_next(
    desk: Rig, live: Live, signed_in: SignedIn
) -> None:
    seat = signed_in()
    assert not _feeds(live)
    page = open_stream(seat)
    tell(desk, "agents")
    page.next()
    page.close()
    desk.clock.advance(seconds=LINGERS.total_seconds())
    until(lambda: not _feeds(live))
    tell(desk, "callbacks")
    page = open_stream(seat, last_id=page.last_id)
    assert [page.next().name for _ in range(2)] == ["agents", "callbacks"]  # a minute further back
    page.close()


def _feeds(live: Live) -> bool:
    return live.feed._thread is not None and live.feed._thread in threading.enumerate()


def test_a_stream_says_that_it_lives(desk: Rig, signed_in: SignedIn) -> None:
    live = go_live(desk, comment=0.01, ping=0.2)
    page = open_stream(signed_in())
    assert 1000 <= page.retry <= 3000
    assert page.until("ping").id
    before = page.comments  # the first ping comes at any moment of the first 0.2 seconds, this one 0.2 later
    page.until("ping")
    assert page.comments > before
    assert page.answer.mimetype == "text/event-stream"
    assert page.answer.headers["Cache-Control"] == "no-store"
    live.feed.stop()


def test_a_database_that_is_away_ends_no_page(desk: Rig, live: Live, signed_in: SignedIn) -> None:
    page = open_stream(signed_in())
    with capture_logs() as logs:
        with desk.service.database.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE console_events RENAME TO elsewhere")
        until(lambda: [line for line in logs if line["event"] == "feed_failed"])
        with desk.service.database.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO console_events")
        tell(desk, "agents")
        assert page.next().name == "agents"
    assert len([line for line in logs if line["event"] == "feed_failed"]) == 1
    page.close()


def test_nothing_that_a_customer_wrote_is_logged(
    desk: Rig, live: Live, signed_in: SignedIn, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.customer("+8613800138000")
    page = open_stream(signed_in())
    with capture_logs() as logs:
        desk.say("+8613800138000", "转人工 我的秘密是芝麻")
        while (said := page.next()).name != "ticket" or "芝麻" not in said.data["html"]:
            pass
        page.close()
    shown = repr(logs) + "".join(capsys.readouterr())
    assert "芝麻" not in shown and "13800138000" not in shown
