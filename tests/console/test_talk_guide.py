"""An agent sends a picture guide by e-mail beside a text, and sees what became of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from app.handlers.agent_acted import CannotMail, claim, release, send_guide
from app.store import tables
from tests.clock import Clock
from tests.companions.postbox import Postbox, postbox
from tests.console.conftest import Seat, SignedIn
from tests.handlers.care.campaign import agrees, change
from tests.handlers.talk import ANN
from tests.rig import Rig, sqlite_url

BOX = "wangjianguo@mail.example.cn"
WORDS = "图文步骤正发往w***@...cn，几分钟内到。"


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as found:
        yield found


@pytest.fixture
def desk(tmp_path: Path, clock: Clock, box: Postbox) -> Iterator[Rig]:
    """Sends mail; Ann, who has an address, stands in a guide and asks for a person."""
    mail = {"smtp_url": f"smtp://127.0.0.1:{box.port}", "email_from": "service@bank.example.cn"}
    rig = Rig(sqlite_url(tmp_path), clock, **mail)
    rig.app.test_client_class = Seat
    rig.customer(ANN, email=BOX)
    rig.say(ANN, "怎么提额")
    rig.say(ANN, "转人工")
    yield rig
    rig.close()


@pytest.fixture
def li(desk: Rig, signed_in: SignedIn) -> Seat:
    """小李, who has the conversation."""
    seat = signed_in()
    claim(desk.service, 1, "小李")
    desk.pump()
    desk.answers(ANN)
    return seat


def send(seat: Seat, token: str = "t", **fields: str) -> Any:
    return seat.htmx("/console/tickets/1/guide", "POST", data={"guide": "draw", "text": WORDS, "token": token} | fields)


def page(seat: Seat) -> str:
    answer = seat.get("/console/tickets/1")
    assert answer.status_code == 200
    return answer.text


def test_text_and_mail_go_together_and_the_thread_says_so(
    desk: Rig, li: Seat, box: Postbox, audited: Callable[..., AbstractContextManager[None]]
) -> None:
    with audited("ticket.guide", by="小李"):
        assert send(li).status_code == 200
    assert "图文指引邮件（用款）：正在发送" in page(li)
    assert [said.partition("】")[2] for said in desk.answers(ANN)] == [WORDS]
    (letter,) = box.letters
    assert (letter["To"], letter["Subject"]) == (BOX, "【示例银行】用款：图文步骤")
    assert "图文指引邮件（用款）：已发出" in page(li)
    (mail,) = desk.rows(tables.Companion)
    (text,) = (row for row in desk.rows(tables.Message) if row.author == "agent:小李")
    assert (mail.message_id, mail.subject, mail.detail) == (text.id, "guide:draw", {"ticket": 1})
    row = desk.rows(tables.Audit)[-1]
    assert row.detail == {"message": text.id, "guide": "draw", "token": "t"}
    assert BOX not in page(li), "the address is a fact of the customer"


def test_the_page_offers_it_with_the_guide_at_hand(li: Seat) -> None:
    shown = page(li)
    assert "发送图文指引" in shown and "w***@...cn" in shown
    assert '<option value="renew_limit" selected>续期提额</option>' in shown, "where the customer stood"
    assert '<option value="draw">用款</option>' in shown
    assert "图文步骤正发往w***@...cn，几分钟内到。没收到请看垃圾邮件，或拨打95500。</textarea>" in shown


def test_out_of_a_guide_it_is_chosen(desk: Rig, li: Seat) -> None:
    change(desk, tables.Ticket, tables.Ticket.id == 1, place="")
    assert re.search(r'name="guide" required><option value="">请选择', page(li))


def test_the_words_that_are_offered_pass_the_gate(desk: Rig, li: Seat) -> None:
    words = re.search(r'id="guide-text"[^>]*>([^<]+)<', page(li))
    assert words
    assert send(li, text=words[1]).status_code == 200
    assert desk.answers(ANN)[0].endswith(words[1])


def test_in_english(desk: Rig, signed_in: SignedIn) -> None:
    change(desk, tables.Conversation, tables.Conversation.phone == ANN, language="en")
    seat = signed_in(interface="en")
    claim(desk.service, 1, "小李")
    shown = page(seat)
    assert "Send a picture guide" in shown
    words = re.search(r'id="guide-text"[^>]*>([^<]+)<', shown)
    assert words and words[1].startswith("The steps with pictures are on their way to w***@...cn.")
    assert send(seat, text=words[1]).status_code == 200
    desk.pump()
    assert "Picture guide by e-mail (Draw money): sent" in page(seat)


def test_a_double_click_sends_once(desk: Rig, li: Seat, box: Postbox) -> None:
    assert [send(li).status_code for _ in range(2)] == [200, 200]
    desk.pump()
    assert len(box.letters) == len(desk.rows(tables.Companion)) == 1


def test_the_token_of_an_answer_sends_another(desk: Rig, li: Seat, box: Postbox) -> None:
    token = send(li).get_json()["token"]
    assert send(li, token, guide="repay_app").status_code == 200
    desk.pump()
    assert len(box.letters) == 2


def test_without_scripts_it_leads_back_to_the_talk(li: Seat) -> None:
    answer = li.post("/console/tickets/1/guide", data={"guide": "draw", "text": WORDS, "token": "t"})
    assert (answer.status_code, answer.location) == (303, "/console/tickets/1#last")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"guide": "no_such"}, "请选择一份指引"),
        ({"guide": ""}, "请选择一份指引"),
        ({"text": "  "}, "还没有写内容"),
        ({"text": "您的额度是50000.00元"}, "验证码"),
    ],
)
def test_what_cannot_be_sent_queues_neither(desk: Rig, li: Seat, fields: dict[str, str], said: str) -> None:
    before = len(desk.rows(tables.Message)), len(desk.rows(tables.Audit))
    answer = send(li, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert desk.rows(tables.Companion) == []
    assert (len(desk.rows(tables.Message)), len(desk.rows(tables.Audit))) == before


def test_the_same_guide_goes_once_an_hour_and_five_mails_a_day(desk: Rig, li: Seat) -> None:
    assert send(li, "1").status_code == 200
    assert "一小时内已发过" in send(li, "2").text
    for token, guide in enumerate(("repay_app", "renew_limit", "auto_debit", "quota_path"), 3):
        assert send(li, str(token), guide=guide).status_code == 200
    assert "一天内已发五封" in send(li, "9", guide="info_update").text


@pytest.mark.parametrize("boxes", [("",), (BOX, "li@mail.example.cn")])
def test_without_one_address_nothing_is_offered(desk: Rig, li: Seat, boxes: tuple[str, ...]) -> None:
    change(desk, tables.Customer, tables.Customer.customer_id == "C1", email=boxes[0])
    for other in boxes[1:]:
        desk.customer(ANN, "C2", email=other)
    shown = page(li)
    assert "没有客户的邮箱，或者邮箱不止一个" in shown and "box-guide" not in shown
    answer = send(li)
    assert (answer.status_code, desk.rows(tables.Companion)) == (422, [])
    assert "没有客户的邮箱" in answer.text


def test_whom_the_carrier_blocks_gets_neither(desk: Rig, li: Seat) -> None:
    agrees(desk, ANN, "refused", "gateway")
    assert re.search(r'id="guide-open"[^>]* hidden>', page(li))
    assert send(li).status_code == 422
    assert desk.rows(tables.Companion) == []


def test_only_whoever_holds_the_talk_sends(desk: Rig, li: Seat, signed_in: SignedIn) -> None:
    zhou = signed_in(name="小周")
    assert "guide-open" not in page(zhou)
    assert send(zhou).status_code == 409
    assert signed_in("operator").post("/console/tickets/1/guide").status_code == 403
    assert li.post("/console/tickets/1/guide", csrf=False, data={"guide": "draw"}).status_code == 400
    assert desk.rows(tables.Companion) == []


def test_a_bank_without_mail_offers_none(tmp_path: Path, clock: Clock) -> None:
    rig = Rig(sqlite_url(tmp_path), clock)
    rig.customer(ANN, email=BOX)
    rig.say(ANN, "转人工")
    claim(rig.service, 1, "小李")
    with pytest.raises(CannotMail, match="no_channel"):
        send_guide(rig.service, 1, "小李", "draw", WORDS)
    rig.close()


def test_a_mail_that_is_tried_again_says_why(desk: Rig, li: Seat, box: Postbox) -> None:
    box.at_rcpt = "451 4.7.1 come back later"
    send(li)
    desk.pump()
    assert "图文指引邮件（用款）：还会再试，邮件服务器不接收（451）" in page(li)


def test_a_mail_that_failed_is_shown_to_the_agent_who_is_there(desk: Rig, li: Seat, box: Postbox) -> None:
    box.at_rcpt = "550 5.1.1 no such user"
    send(li)
    told = [row for row in desk.rows(tables.ConsoleEvent) if row.kind == "talk"]
    assert len(desk.answers(ANN)) == 1, "the agent sees it and says what is to be said"
    assert "图文指引邮件（用款）：没有发出，邮件服务器不接收（550）" in page(li)
    assert len([row for row in desk.rows(tables.ConsoleEvent) if row.kind == "talk"]) > len(told), (
        "the open page hears of it"
    )


def test_and_told_to_the_customer_when_the_bot_has_them_again(desk: Rig, li: Seat, box: Postbox) -> None:
    box.at_rcpt = "451 later"
    send(li)
    desk.pump()
    release(desk.service, 1, "小李")
    box.at_rcpt = "550 no such user"
    desk.answers(ANN)
    desk.wait(minutes=2)
    assert any("没能发到w***@...cn" in said for said in desk.answers(ANN))
