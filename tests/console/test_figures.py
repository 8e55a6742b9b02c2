"""The supervisors' figures against rows made by hand: days from midnight to midnight, empty days, who counts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from app.handlers.agent_acted import transfer
from app.handlers.figures_read import last_days, today
from app.rules.promise import Pickups
from app.store import tables
from app.store.calls import Kept
from app.store.figures import Scores, Talked
from app.web.metrics import observe_pickup
from tests.console.conftest import SignedIn, text_of
from tests.handlers.talk import ANN, BEN, CEM
from tests.rig import Rig

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 6, 10)


def at(told: str, day: date = DAY) -> datetime:
    return datetime.fromisoformat(f"{day} {told}").replace(tzinfo=ZONE)


def add(desk: Rig, table: type[tables.Base], **row: Any) -> None:
    with desk.service.database.begin() as connection:
        connection.execute(insert(table).values(**row))


def ticket(desk: Rig, asked: datetime, claimed_after: float | None = None, **more: Any) -> None:
    claimed = None if claimed_after is None else asked + timedelta(seconds=claimed_after)
    state = more.pop("state", "closed" if claimed else "waiting")
    row = {
        "phone": ANN,
        "kind": "talk",
        "topic": "human",
        "state": state,
        "opened_at": asked,
        "asked_at": asked,
        "waiting_since": asked,
        "first_claimed_at": claimed,
        "claimed_at": claimed,
        "closed_at": claimed + timedelta(minutes=3) if claimed and state == "closed" else None,
        "agent": "小李" if claimed else "",
    }
    add(desk, tables.Ticket, **{**row, **more})


def turn(desk: Rig, phone: str, when: datetime, event: str = "heard") -> None:
    add(desk, tables.Trace, phone=phone, event=event, detail={}, at=when)


def test_an_empty_day(desk: Rig, signed_in: SignedIn) -> None:
    found = today(desk.service)
    assert (found.waiting.talks, found.waiting.flags, found.waiting.oldest) == (0, 0, None)
    assert found.day.pickups == Pickups()
    assert found.day.talked == Talked(0, 0)
    assert found.day.talked.contained is None
    assert found.day.kept == Kept()
    assert found.day.scores == Scores(None, 0, 0)
    assert (found.topics, found.flags) == ({}, {})
    page = signed_in("supervisor").get("/console/figures")
    assert page.status_code == 200
    assert "nan" not in page.text.lower()
    assert "None" not in page.text


def test_thirty_seconds_count_from_the_customers_text(desk: Rig) -> None:
    desk.clock.set(at("16:00"))
    ticket(desk, at("09:30"), 10)
    ticket(desk, at("09:40"), 30)
    ticket(desk, at("09:50"), 31)
    ticket(desk, at("10:00"), None, state="closed", closed_at=at("10:20"))
    ticket(desk, at("15:00"), None, phone=BEN)
    ticket(desk, at("15:59:45"), None, phone=CEM)
    ticket(desk, at("11:00"), 400, kind="flag", topic="fraud")
    found = today(desk.service)
    assert found.day.pickups == Pickups(asked=6, kept=2, broken=3, pending=1, p50=30, p95=31)
    assert found.day.pickups.rate == pytest.approx(0.4)
    assert (found.waiting.talks, found.waiting.oldest) == (2, at("15:00"))
    assert found.flags == {"fraud": 1}
    assert found.day.flags == 1
    hours = {hour.hour: (hour.asked, hour.broken) for hour in found.hours}
    assert hours[9] == (3, 1)
    assert hours[10] == (1, 1)
    assert hours[15] == (2, 1)
    assert hours[8] == hours[12] == (0, 0)


def test_after_hours_nothing_was_promised(desk: Rig) -> None:
    desk.clock.set(at("22:30"))
    ticket(desk, at("21:00"), 4000)
    ticket(desk, at("22:00"), None, phone=BEN)
    found = today(desk.service)
    assert found.day.pickups == Pickups(asked=2, closed=2)
    assert found.waiting.oldest == at("22:00")  # they wait all the same
    assert found.hours[-1].hour == 22


def test_days_end_at_the_zones_midnight(desk: Rig) -> None:
    """10 June in Shanghai begins at 16:00 of the 9th in UTC."""
    desk.clock.set(at("12:00"))
    before = DAY - timedelta(days=1)
    ticket(desk, at("23:59:59", before), 5)
    ticket(desk, at("00:00"), 5)
    turn(desk, ANN, at("23:59:59", before))
    turn(desk, BEN, at("00:00"))
    turn(desk, CEM, at("11:00"))
    for when in (at("23:59:59", before), at("00:00")):
        add(desk, tables.Survey, ticket_id=int(when.timestamp()), phone=ANN, agent="小李", asked_at=when, score=4)
    now, yesterday, *rest = last_days(desk.service, 7)
    assert [now.day, yesterday.day] == [DAY, before]
    assert (now.pickups.asked, yesterday.pickups.asked) == (1, 1)
    assert (now.talked.conversations, yesterday.talked.conversations) == (2, 1)
    assert (now.scores.answered, yesterday.scores.answered) == (1, 1)
    assert all(day.pickups.asked == day.talked.conversations == 0 for day in rest)
    assert len(rest) == 5


def test_a_conversation_is_contained_when_it_came_to_no_person_that_day(desk: Rig) -> None:
    desk.clock.set(at("12:00"))
    for _ in range(3):
        turn(desk, ANN, at("09:10"))
    turn(desk, BEN, at("09:20"))
    turn(desk, CEM, at("09:30"))
    turn(desk, "+8613900000001", at("09:40"), "silence")  # nobody wrote
    ticket(desk, at("09:10"), 10)
    ticket(desk, at("09:50"), 10, phone="+8613900000002")  # of somebody who did not write today
    ticket(desk, at("09:50"), 10, kind="flag", phone=BEN)
    found = today(desk.service).day.talked
    assert found == Talked(3, 1)
    assert found.contained == pytest.approx(2 / 3)


def test_the_day_is_found_among_turns_whose_numbers_have_gaps(desk: Rig) -> None:
    desk.clock.set(at("12:00"))
    moments = [at("09:00") + timedelta(hours=12 * n) for n in range(-9, 2)]
    for n, moment in enumerate(moments):
        add(desk, tables.Trace, id=1000 * n * n + 7, phone=f"p{n}", event="heard", detail={}, at=moment)
    counts = [day.talked.conversations for day in last_days(desk.service, 5)]
    expected = [sum(moment.date() == DAY - timedelta(days=ago) for moment in moments) for ago in range(5)]
    assert counts == expected == [2, 2, 2, 2, 2]


def test_people_with_their_load(desk: Rig, signed_in: SignedIn, person: Callable[..., int]) -> None:
    signed_in(name="小李", status="available", alive_until=desk.clock() + timedelta(seconds=30), most_open=3)
    signed_in(name="小周", status="away", idle_since=desk.clock())
    signed_in("operator")
    person("走了", disabled_at=desk.clock())
    ticket(desk, at("09:00"), 5, state="claimed")
    ticket(desk, at("09:00"), 5, state="claimed", phone=BEN)
    ticket(desk, at("09:00"), 5, state="claimed", phone=CEM, kind="flag")
    found = {one.name: one for one in today(desk.service).people}
    assert set(found) == {"小李", "小周"}
    assert (found["小李"].open, found["小李"].most_open, found["小李"].alive) == (2, 3, True)
    assert (found["小周"].open, found["小周"].status, found["小周"].alive) == (0, "away", False)


def test_satisfaction_is_the_mean_of_the_answers(desk: Rig) -> None:
    for n, score in enumerate((5, 4, None, 2)):
        add(desk, tables.Survey, ticket_id=n, phone=ANN, agent="小李", asked_at=desk.clock(), score=score)
    assert today(desk.service).day.scores == Scores(pytest.approx(11 / 3), 3, 4)


# ---- the page, the file, and the metrics -------------------------------------------------------------------------


def test_the_page_says_the_figures(desk: Rig, signed_in: SignedIn) -> None:
    desk.clock.set(at("16:00"))
    ticket(desk, at("09:30"), 10)
    ticket(desk, at("09:50"), 90, topic="complaint")
    ticket(desk, at("15:00"), None, phone=BEN)
    assert "33%" in text_of(signed_in("supervisor").get("/console/figures"))


def test_only_what_changes_for_htmx(desk: Rig, signed_in: SignedIn) -> None:
    desk.clock.set(at("16:00"))
    ticket(desk, at("15:00"))
    part = signed_in("supervisor").htmx("/console/figures").text
    assert part.lstrip().startswith('<div id="figures"')
    assert "<html" not in part
    assert f'data-since="{at("15:00").astimezone(UTC).isoformat(timespec="milliseconds")}"' in part
    assert 'data-waiting="1"' in part
    assert ANN not in part


def test_every_figure_says_how_it_is_counted(signed_in: SignedIn) -> None:
    page = signed_in("supervisor").get("/console/figures").text
    marks = re.findall(r'popovertarget="([^"]+)"', page)
    assert len(marks) == len(set(marks)) >= 9
    assert all(f'id="{mark}" popover' in page for mark in marks)


def test_the_file(desk: Rig, signed_in: SignedIn) -> None:
    ticket(desk, at("09:30"), 10)
    ticket(desk, at("09:40"), 45)
    seat = signed_in("supervisor")
    answer = seat.get("/console/figures.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="figures-2026-06-04-2026-06-10.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 7
    first = rows[0]
    assert (first["day"], first["requests"], first["in_time_rate"]) == ("2026-06-10", "2", "0.500")
    assert (first["pickup_p50_s"], first["pickup_p95_s"]) == ("10.000", "45.000")
    assert rows[1]["in_time_rate"] == ""
    for asked, given in (("31", 31), ("9999", 92), ("0", 1), ("x", 7), ("-3", 1)):
        assert len(seat.get(f"/console/figures.csv?days={asked}").text.splitlines()) == given + 1


@pytest.mark.parametrize("role", ["agent", "operator", "auditor"])
@pytest.mark.parametrize("path", ["/console/figures", "/console/figures.csv"])
def test_only_for_supervisors(signed_in: SignedIn, role: str, path: str) -> None:
    assert signed_in(role).get(path).status_code == 403


def sample(desk: Rig, name: str) -> float:
    scraped = desk.web.get("/metrics").text
    found = re.search(rf"^{name} (\S+)$", scraped, re.MULTILINE)
    assert found, scraped
    return float(found[1])


def test_the_metrics(desk: Rig) -> None:
    assert sample(desk, "huifu_tickets_waiting") == 0
    assert sample(desk, "huifu_oldest_wait_seconds") == 0
    ratio = sample(desk, "huifu_pickup_within_promise_ratio")
    assert ratio != ratio  # not a number while there is none
    desk.clock.set(at("16:00"))
    ticket(desk, at("09:30"), 10)
    ticket(desk, at("15:58"), None, phone=BEN)
    assert sample(desk, "huifu_tickets_waiting") == 1
    assert sample(desk, "huifu_oldest_wait_seconds") == 120
    assert sample(desk, "huifu_pickup_within_promise_ratio") == 0.5
    before = sample(desk, "huifu_pickup_seconds_count")
    observe_pickup(12.5)
    assert sample(desk, "huifu_pickup_seconds_count") == before + 1
    assert "13800138" not in desk.web.get("/metrics").text


def test_a_first_claim_is_observed_and_no_second_one(desk: Rig, signed_in: SignedIn) -> None:
    before = sample(desk, "huifu_pickup_seconds_count")
    desk.say(ANN, "转人工")
    desk.clock.advance(seconds=12)
    seat = signed_in(status="available")
    assert seat.post("/console/tickets/1/claim").status_code == 303
    assert sample(desk, "huifu_pickup_seconds_count") == before + 1
    transfer(desk.service, 1, "小李", to_team="human")
    desk.clock.advance(seconds=40)
    assert seat.post("/console/tickets/1/claim").status_code == 303
    assert sample(desk, "huifu_pickup_seconds_count") == before + 1
    assert today(desk.service).day.pickups == Pickups(asked=1, kept=1, p50=12, p95=12)
