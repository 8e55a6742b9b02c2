"""Notes for colleagues: kept once whatever became of the answer, and never lost when they are refused."""

from __future__ import annotations

import re

import pytest

from app.handlers.agent_acted import claim, close
from app.store import tables
from tests.console.conftest import Seat, SignedIn
from tests.handlers.talk import ANN
from tests.rig import Rig

NOTE = "/console/tickets/1/note"


@pytest.fixture
def mine(desk: Rig, signed_in: SignedIn) -> Seat:
    """小李's browser; ticket 1 is theirs."""
    desk.customer(ANN)
    desk.say(ANN, "转人工")
    browser = signed_in()
    claim(desk.service, desk.rows(tables.Ticket)[-1].id, "小李")
    return browser


def kept(desk: Rig) -> list[tuple[str, str]]:
    return [(row.agent, row.body) for row in desk.rows(tables.Note)]


def forms_token(html: str) -> str:
    found = re.search(rf'action="{NOTE}".*?name="token" value="(\w+)"', html, re.DOTALL)
    assert found
    return found[1]


def test_the_same_words_with_the_same_token_are_kept_once(desk: Rig, mine: Seat) -> None:
    form = {"body": "客户着急\n下午再打", "token": forms_token(mine.get("/console/tickets/1").get_data(as_text=True))}
    first = mine.htmx(NOTE, "POST", data=form)
    as_browsers_write_it = {**form, "body": "客户着急\r\n下午再打"}
    again = mine.post(NOTE, data=as_browsers_write_it)
    assert (first.status_code, again.status_code) == (200, 303)
    assert kept(desk) == [("小李", "客户着急\n下午再打")]
    mine.htmx(NOTE, "POST", data={**form, "token": first.json["token"]})
    assert len(kept(desk)) == 2, "somebody means to say it twice"
    written = [row.detail for row in desk.rows(tables.Audit) if row.action == "note.add"]
    assert [detail["note"] for detail in written] == [row.id for row in desk.rows(tables.Note)]


def test_other_words_and_other_people_are_other_notes(desk: Rig, mine: Seat, signed_in: SignedIn) -> None:
    """A page without scripts, gone back to, sends what was changed there with the token that it has."""
    mine.post(NOTE, data={"body": "客户着急", "token": "t"})
    mine.post(NOTE, data={"body": "客户不急了", "token": "t"})
    signed_in("supervisor").post(NOTE, data={"body": "客户着急", "token": "t"})
    assert kept(desk) == [("小李", "客户着急"), ("小李", "客户不急了"), ("张主管", "客户着急")]


def test_without_a_token_each_is_a_note(desk: Rig, mine: Seat) -> None:
    for _twice in range(2):
        mine.post(NOTE, data={"body": "又打来了"})
    assert len(kept(desk)) == 2


@pytest.mark.parametrize(("body", "said"), [("  ", "备注还没有内容"), ("长" * 2001, "2000")])
def test_what_was_typed_comes_back_with_the_reason(desk: Rig, mine: Seat, body: str, said: str) -> None:
    answer = mine.post(NOTE, data={"body": body, "token": "t"})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in html
    assert f">{body.strip()}</textarea>" in html
    assert re.search(r'name="tab" value="note" checked', html)
    assert kept(desk) == []
    told = mine.htmx(NOTE, "POST", data={"body": body, "token": "t"})
    assert (told.status_code, told.mimetype) == (422, "text/plain")


def test_a_closed_conversation_takes_a_note_of_whoever_had_it(desk: Rig, mine: Seat, signed_in: SignedIn) -> None:
    close(desk.service, 1, "小李", "answered", survey=False)
    assert mine.post(NOTE, data={"body": "客户很满意", "token": "t"}).status_code == 303
    assert signed_in(name="小陈").post(NOTE, data={"body": "我看看", "token": "t"}).status_code == 403
    assert kept(desk) == [("小李", "客户很满意")]
