"""A talk that a programme began: the agent sees whose words those were, and what the customer answered to them."""

from __future__ import annotations

from app.care.menu import Reply
from app.handlers.agent_acted import claim
from app.store import tables
from tests.begun import begin
from tests.console.conftest import SignedIn, text_of
from tests.handlers.talk import ANN
from tests.rig import Rig


def test_a_programmes_text_is_the_banks_and_says_why_it_went(desk: Rig, signed_in: SignedIn) -> None:
    desk.customer(ANN)
    begin(desk, ANN, "再次申请可少填资料。回复1了解。拒收请回复R", Reply("1", "interest"), version=3)
    desk.answers(ANN)
    desk.say(ANN, "1")
    desk.say(ANN, "转人工")
    ticket = desk.rows(tables.Ticket)[-1].id
    claim(desk.service, ticket, "小李")
    words = text_of(signed_in().get(f"/console/tickets/{ticket}"))
    assert "再次申请可少填资料" in words
    assert "模板 settled，版本 3" in words
    assert "回复的短信" in words
    assert "选择了菜单项 100%" in words
    assert "programme" not in words  # who wrote it is the bank, and no agent


def test_a_text_of_a_programme_that_is_gone_still_has_its_key(desk: Rig, signed_in: SignedIn) -> None:
    begin(desk, ANN, "谢谢您。拒收请回复R", programme="of_last_year")
    desk.answers(ANN)
    desk.say(ANN, "转人工")
    ticket = desk.rows(tables.Ticket)[-1].id
    words = text_of(signed_in("supervisor").get(f"/console/tickets/{ticket}"))
    assert "活动“of_last_year”，模板 of_last_year，版本 1" in words
