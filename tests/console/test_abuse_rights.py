"""An agent who tries for more than is theirs, and a service that tells more than it may."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.handlers import options_set
from app.handlers.accounts.others import BadAccount, add
from app.handlers.accounts.standing import standing
from app.handlers.agent_acted import claim, close
from app.handlers.audit_exported import harmless
from app.logs import set_up_logs
from app.store import agents, tables
from app.web.console.live.attendance import MOST_OF_ONE, Attendance, Page
from tests.console.conftest import Seat, SignedIn
from tests.handlers.talk import ANN
from tests.rig import Rig

TALK = "/console/tickets/1"


@pytest.fixture
def mine(desk: Rig, signed_in: SignedIn) -> Seat:
    """小李's browser; Ann's ticket is theirs."""
    desk.customer(ANN)
    desk.say(ANN, "转人工")
    seat = signed_in()
    claim(desk.service, 1, "小李")
    return seat


def test_a_note_is_written_only_where_one_may_read(desk: Rig, mine: Seat, signed_in: SignedIn) -> None:
    close(desk.service, 1, "小李", "answered", survey=False)
    other = signed_in(name="小周")
    assert other.get(TALK).status_code == 403
    assert other.htmx(f"{TALK}/note", "POST", data={"body": "不是我的客户"}).status_code == 409
    assert desk.rows(tables.Note) == []
    assert mine.htmx(f"{TALK}/note", "POST", data={"body": "回访已约"}).status_code == 200
    assert signed_in("supervisor").htmx(f"{TALK}/note", "POST", data={"body": "已复核"}).status_code == 200
    assert [row.agent for row in desk.rows(tables.Note)] == ["小李", "张主管"]


def test_a_customer_of_long_ago_is_no_longer_read(desk: Rig, mine: Seat, signed_in: SignedIn) -> None:
    """Else one closed ticket would open everything that the customer ever says to anybody."""
    close(desk.service, 1, "小李", "answered", survey=False)
    desk.clock.advance(days=29)
    assert signed_in().get(TALK).status_code == 200
    desk.clock.advance(days=2)
    assert signed_in().get(TALK).status_code == 403
    assert signed_in("supervisor").get(TALK).status_code == 200


def test_an_agent_cannot_ask_for_a_survey_that_the_operator_does_not_want(
    desk: Rig, mine: Seat, person: Callable[..., int]
) -> None:
    held = standing(desk.service, person("运营", "operator"))
    assert held is not None
    options_set.set_survey(desk.service, held.agent, wanted=False)
    assert mine.post(f"{TALK}/close", data={"outcome": "answered", "survey": "on"}).status_code == 303
    assert desk.rows(tables.Survey) == []
    assert desk.rows(tables.Ticket)[0].state == "closed"


@pytest.mark.parametrize("team", ["made up", "13800138000 王建国", "x" * 200])
def test_a_ticket_goes_to_no_team_that_does_not_exist(desk: Rig, mine: Seat, team: str) -> None:
    """Its name stands in the audit: it may carry no word of a customer there (law 11)."""
    assert mine.htmx(f"{TALK}/transfer", "POST", data={"to": f"team:{team}"}).status_code == 422
    assert desk.rows(tables.Ticket)[0].agent == "小李"
    assert team not in json.dumps([row.detail for row in desk.rows(tables.Audit)], ensure_ascii=False)


@pytest.mark.parametrize("name", ["clock", "Clock", "terminal:root", "agent:小李", "bot"])
def test_nobody_is_called_what_the_audit_calls_the_service(desk: Rig, signed_in: SignedIn, name: str) -> None:
    with pytest.raises(BadAccount):
        add(desk.service, name, "agent", actor="张主管")
    answer = signed_in("supervisor").post("/console/people", data={"name": name, "role": "agent", "most_open": "4"})
    assert answer.status_code == 422


@pytest.mark.parametrize("cell", ["=1+1", "＝1+1", "＋1", "－1", "＠SUM(A1)", "\t=1", "@x", "-2"])
def test_no_cell_of_an_export_is_a_formula(cell: str) -> None:
    """Full-width signs too: a spreadsheet in Chinese reads them as the others (OWASP, CSV injection)."""
    assert harmless(cell) == f"'{cell}"


def test_one_person_cannot_take_every_stream(desk: Rig, person: Callable[..., int]) -> None:
    ids = [person(name) for name in ("小李", "小周")]
    with desk.service.database.begin() as connection:
        greedy, other = (agents.agent(agents.by_id(connection, one)) for one in ids)
    attendance = Attendance(desk.service, most=MOST_OF_ONE * 3)
    until = desk.clock() + timedelta(hours=1)
    told = [attendance.enter(Page(greedy, 0, until, f"tab{n}")) for n in range(MOST_OF_ONE + 5)]
    assert told == [True] * MOST_OF_ONE + [False] * 5
    assert attendance.enter(Page(greedy, 0, until, "tab3")), "a tab that comes back replaces itself"
    assert attendance.enter(Page(other, 0, until, "tab0"))


def test_a_failure_logs_no_word_of_a_customer(
    desk: Rig, mine: Seat, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A statement that fails has the words of the request in its message (law 11)."""
    set_up_logs("INFO")  # to the stream that is captured here
    with desk.service.database.begin() as connection:
        connection.execute(text("DROP TABLE notes"))
    with caplog.at_level(logging.DEBUG):
        assert mine.post(f"{TALK}/note", data={"body": "她的身份证在我这里"}).status_code == 500
    captured = capfd.readouterr()
    logged = caplog.text + captured.out + captured.err
    assert "request_failed" in logged and "OperationalError" in logged
    assert "身份证" not in logged and ANN not in logged


@pytest.mark.parametrize("where", [TALK, f"{TALK}?looks=no", "/console/queue", "/console/callbacks"])
def test_a_page_that_renews_itself_does_not_keep_its_session(desk: Rig, mine: Seat, where: str) -> None:
    """A desk that was left is signed out, however much its open page hears of."""
    desk.clock.advance(minutes=20)
    assert mine.htmx(where).status_code == 200
    desk.clock.advance(minutes=11)
    assert mine.htmx(where).status_code == 401
