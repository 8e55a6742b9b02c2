"""The queue: order, clocks, who has whom, and one winner of a claim; a customer's words are never HTML."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from app.handlers.agent_acted import claim, transfer
from app.store import queue, tables
from app.web.console.words import queue_key
from tests.console.conftest import SignedIn, text_of
from tests.handlers.talk import ANN, BEN, CEM
from tests.rig import Rig

DOM = "+8613800138003"
ROW = re.compile(r'<li class="q-row" id="ticket-(\d+)"(.*?)</li>', re.DOTALL)
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>'\"&转人工"
NUMBERS = [ANN, BEN, CEM, DOM]


def section(page: str, name: str) -> str:
    """The HTML of one list of the page."""
    found = re.search(rf'data-section="{name}".*?</ol>', page, re.DOTALL)
    assert found, name
    return found[0]


def ids(html: str) -> list[int]:
    return [int(found[0]) for found in ROW.findall(html)]


def call(desk: Rig, phone: str, words: str = "转人工") -> int:
    """A customer asks for a person; the id of the talk."""
    desk.say(phone, words)
    return max(row.id for row in desk.rows(tables.Ticket) if row.kind == "talk")


@pytest.fixture
def page(signed_in: SignedIn) -> Callable[..., str]:
    def get(path: str = "/console/queue", role: str = "agent", **who: Any) -> str:
        answer = signed_in(role, **who).get(path)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    return get


def test_an_empty_queue_says_so(page: Callable[..., str]) -> None:
    assert "没有客户在等待" in page()


def test_complaints_come_first_and_then_who_waits_longest(desk: Rig, page: Callable[..., str]) -> None:
    first = call(desk, ANN)
    desk.wait(seconds=5)
    second = call(desk, BEN)
    desk.wait(seconds=5)
    complaint = call(desk, CEM, "我要投诉你们")
    shown = ids(section(page(), "talks"))
    assert shown == [complaint, first, second]


def test_the_key_sorts_as_the_queue_is_served(desk: Rig) -> None:
    for phone, words in ((ANN, "转人工"), (BEN, "我要投诉你们"), (CEM, "人工")):
        desk.say(phone, words)
        desk.wait(seconds=2)
    with desk.service.database.begin() as connection:
        rows = queue.rows(connection)
    assert len(rows) > 3
    assert [queue_key(row) for row in rows] == sorted(queue_key(row) for row in rows)


def test_a_row_tells_what_helps_to_choose(desk: Rig, page: Callable[..., str]) -> None:
    desk.customer(ANN)
    for body in ("怎么还钱", "1", "1"):
        desk.say(ANN, body)
    made = call(desk, ANN)
    html = section(page(), "talks")
    words = re.sub(r"<[^>]+>", "", html)
    assert "王先生" in words
    assert "…8000" in words
    assert "停在：还款第2步" in words
    assert "要人工" in words
    assert f'data-id="{made}"' in html
    assert 'data-promise="30"' in html
    assert f'data-since="{desk.clock().isoformat(timespec="milliseconds")}"' in html
    for name in ("key", "topic", "language", "agent", "meant-for", "state", "kind", "unread"):
        assert f"data-{name}=" in html


def test_no_full_number_stands_in_the_page(desk: Rig, page: Callable[..., str]) -> None:
    for phone in NUMBERS:
        desk.customer(phone, f"C{phone[-1]}")
        call(desk, phone)
    claim(desk.service, 1, "小吴")
    html = page()
    for phone in NUMBERS:
        assert phone[3:] not in html
        assert phone[3:10] not in html
    assert "王建国" not in html


def test_flags_stand_apart_and_have_no_promise(desk: Rig, page: Callable[..., str]) -> None:
    desk.say(ANN, "你们是骗子吧")
    html = page()
    assert ids(section(html, "talks")) == []
    flags = section(html, "flags")
    assert len(ids(flags)) == 1
    assert "data-promise" not in flags


def test_mine_stand_on_top_and_those_of_colleagues_apart(desk: Rig, page: Callable[..., str]) -> None:
    mine, theirs, waits = call(desk, ANN), call(desk, BEN), call(desk, CEM)
    claim(desk.service, mine, "小李")
    claim(desk.service, theirs, "小吴")
    html = page(name="小李")
    assert (ids(section(html, "mine")), ids(section(html, "talks"))) == ([mine], [waits])
    assert ids(html[html.index("q-others-fold") :]) == [theirs]
    assert "小吴" in html


def test_what_i_have_not_read_is_marked_until_i_look(desk: Rig, signed_in: SignedIn) -> None:
    mine = call(desk, ANN)
    claim(desk.service, mine, "小李")
    browser = signed_in()
    assert 'data-unread="no"' in browser.get("/console/queue").get_data(as_text=True)
    desk.wait(seconds=3)
    desk.say(ANN, "在吗")
    assert 'data-unread="yes"' in browser.get("/console/queue").get_data(as_text=True)
    desk.wait(seconds=3)
    browser.get(f"/console/tickets/{mine}")
    assert 'data-unread="no"' in browser.get("/console/queue").get_data(as_text=True)


def test_a_page_that_nobody_looks_at_reads_nothing(desk: Rig, signed_in: SignedIn) -> None:
    mine = call(desk, ANN)
    claim(desk.service, mine, "小李")
    desk.wait(seconds=3)
    desk.say(ANN, "在吗")
    browser = signed_in()
    assert browser.htmx(f"/console/tickets/{mine}?looks=no").status_code == 200
    assert 'data-unread="yes"' in browser.get("/console/queue").get_data(as_text=True)


def test_what_is_handed_on_to_me_is_offered_on_top(desk: Rig, page: Callable[..., str], person: Any) -> None:
    made = call(desk, ANN)
    person("小李")
    claim(desk.service, made, "小吴")
    transfer(desk.service, made, "小吴", to_agent="小李")
    assert f'data-offer="{made}"' in page(name="小李")
    assert "data-offer=" not in page(name="小陈")
    desk.wait(minutes=2)
    assert "data-offer=" not in page(name="小李")


def test_a_hundred_are_shown_and_the_rest_on_demand(desk: Rig, page: Callable[..., str]) -> None:
    now = desk.clock()
    with desk.service.database.begin() as connection:
        connection.execute(
            tables.Ticket.__table__.insert(),
            [
                {
                    "phone": f"+86139{n:08}",
                    "kind": "talk",
                    "topic": "human",
                    "place": "",
                    "reason": "",
                    "language": "zh-CN",
                    "state": "waiting",
                    "agent": "",
                    "opened_at": now,
                    "priority": 1,
                }
                for n in range(130)
            ],
        )
    html = page()
    assert len(ids(section(html, "talks"))) == 100
    assert "显示全部，还有 30 个" in html
    assert len(ids(section(page("/console/queue?all=1"), "talks"))) == 130


def test_a_customers_words_are_never_html(desk: Rig, page: Callable[..., str]) -> None:
    desk.customer(ANN, name="<b>王", title="<i>先生")
    made = call(desk, ANN, HOSTILE)
    desk.say(BEN, "投诉" + HOSTILE)
    claim(desk.service, made, "小李")
    desk.say(ANN, HOSTILE)
    html = page(name="小李")
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "<i>先生" not in html


# ---- claiming ----


def test_a_claim_leads_to_the_talk_and_is_recorded(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    made = call(desk, ANN)
    browser = signed_in()
    with audited("ticket.claim", by="小李"):
        answer = browser.post(f"/console/tickets/{made}/claim")
    assert answer.status_code == 303
    assert answer.location == f"/console/tickets/{made}"
    assert desk.rows(tables.Ticket)[0].agent == "小李"


def test_who_loses_the_race_is_told_in_place_who_was_faster(desk: Rig, signed_in: SignedIn) -> None:
    made = call(desk, ANN)
    fast, slow = signed_in(name="小李"), signed_in(name="小吴")
    assert fast.htmx(f"/console/tickets/{made}/claim", "POST").headers["HX-Redirect"].endswith(f"/tickets/{made}")
    answer = slow.htmx(f"/console/tickets/{made}/claim", "POST")
    assert (answer.status_code, answer.get_data(as_text=True)) == (409, "小李已经接入。")
    assert answer.mimetype == "text/plain"
    page = slow.post(f"/console/tickets/{made}/claim")
    assert page.status_code == 409
    assert "小李已经接入。" in text_of(page)
    assert desk.rows(tables.Ticket)[0].agent == "小李"


def test_whose_hands_are_full_is_told_so(desk: Rig, signed_in: SignedIn) -> None:
    first, second = call(desk, ANN), call(desk, BEN)
    browser = signed_in(most_open=1)
    browser.post(f"/console/tickets/{first}/claim")
    answer = browser.htmx(f"/console/tickets/{second}/claim", "POST")
    assert answer.status_code == 409
    assert "已达上限" in answer.get_data(as_text=True)
    assert [row.agent for row in desk.rows(tables.Ticket)] == ["小李", ""]


def test_a_ticket_that_is_not_there_cannot_be_claimed(signed_in: SignedIn) -> None:
    assert signed_in().post("/console/tickets/99/claim").status_code == 409


def test_the_list_alone_answers_a_script(desk: Rig, signed_in: SignedIn) -> None:
    made = call(desk, ANN)
    part = signed_in().htmx("/console/queue").get_data(as_text=True)
    assert ids(part) == [made]
    assert "<html" not in part


@pytest.mark.parametrize("role", ["operator", "auditor"])
def test_who_has_no_customers_sees_no_queue(role: str, desk: Rig, signed_in: SignedIn) -> None:
    made = call(desk, ANN)
    browser = signed_in(role)
    for answer in (browser.get("/console/queue"), browser.post(f"/console/tickets/{made}/claim")):
        assert answer.status_code == 403
        assert "8000" not in answer.get_data(as_text=True)
    assert desk.rows(tables.Ticket)[0].state == "waiting"


def test_a_promise_tells_its_day_whatever_was_said(desk: Rig, page: Callable[..., str]) -> None:
    """ "I'll pay tomorrow" says nothing to who reads it a day later."""
    desk.customer(ANN)
    desk.say(ANN, "我一定会在6月12日还款的，请放心")
    assert "2026-06-12" in section(page(), "flags")
    desk.say(ANN, "改成6月15日吧")
    flags = section(page(), "flags")
    assert "2026-06-15" in flags
    assert "2026-06-12" not in flags
    assert len(ids(flags)) == 1
