"""A customer who sends 500 texts in a minute: all are kept in order, few are answered, nobody else waits for them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from app.flows.floods import LIMITS
from app.handlers.time_passed import take_waiting_texts
from app.store import tables
from tests.bad_days.house import House, phone, until
from tests.servers.service import free_port
from tests.web.line import Line

pytestmark = pytest.mark.postgres
ANN = phone(1)
WISHES = ("帮助", "利率多少", "怎么还钱", "网点地址", "菜单")


def test_500_texts_in_a_minute(line: Line) -> None:
    for number in range(500):
        assert line.text(WISHES[number % len(WISHES)], From=ANN).status_code == 200
        if number % 50 == 0:
            line.clock.advance(seconds=5)
            line.pump()
    line.pump()
    rows = line.rows(tables.Inbound)
    assert [row.body for row in rows] == [WISHES[number % len(WISHES)] for number in range(500)]
    assert {row.state for row in rows} == {"taken"}
    answers = [row for row in line.rows(tables.Message) if row.phone == ANN]
    assert [row.template for row in answers].count("guard.flood") == 1
    answered = [row.inbound_id for row in answers if row.inbound_id]
    assert answered == sorted(answered)
    assert len(answered) <= LIMITS[0].most + 1
    assert [(row.kind, row.topic) for row in line.rows(tables.Ticket)] == [("flag", "flood")]
    assert line.text("TD", From=ANN).status_code == 200
    line.pump()
    assert {(row.scope, row.verdict) for row in line.rows(tables.Consent)} == {("commercial", "refused")}
    line.clock.advance(minutes=3)
    assert len(line.say("帮助", From=ANN)) == 1


def test_waiting_texts_of_many_numbers_take_turns(line: Line) -> None:
    """One number has 300 texts that wait, and the others come behind it: theirs is the next pass, not the last."""
    for number in range(300):
        line.text(f"帮助{number}", From=ANN)
    others = [phone(10 + number) for number in range(20)]
    for other in others:
        line.text("帮助", From=other)
    with line.service.database.begin() as connection:
        connection.execute(update(tables.Inbound).values(state="waiting"))
    take_waiting_texts(line.service)
    waiting = {row.phone for row in line.rows(tables.Inbound) if row.state == "waiting"}
    assert waiting == {ANN}


def test_others_are_answered_while_the_flood_goes_on(house: House, line: Line) -> None:
    """Real web processes: the flood comes by eight connections, and 20 other numbers text in the middle of it."""
    house.settings["DATABASE_URL"] = line.service.database.url.render_as_string(False)
    web = house.start("web", port=free_port(), WEB_THREADS="4")
    house.start("worker")
    with ThreadPoolExecutor(9) as crowd:
        flood = [crowd.submit(house.text, web, f"帮助{number}", ANN) for number in range(500)]
        until(lambda: sum(one.done() for one in flood) > 50, "the flood does not begin")
        for number in range(20):
            assert house.text(web, "帮助", phone(10 + number)) == 200
        ended = sum(one.done() for one in flood)
        assert {one.result() for one in flood} == {200}
    assert ended < 500, "the others were served after the flood only"
    until(lambda: all(house.sent_to(phone(10 + number)) for number in range(20)), "somebody got no answer")
    until(lambda: {row.state for row in line.rows(tables.Inbound)} == {"taken"}, "texts wait for ever")
    assert 1 <= len(house.sent_to(ANN)) <= LIMITS[0].most + 1
