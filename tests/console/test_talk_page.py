"""The page of a talk: what is shown and hidden, who may do what, and that nothing typed is lost or sent twice."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.handlers import agent_acted
from app.handlers.agent_acted import add_note, claim, close
from app.store import conversations, tables, talks, tickets
from app.web.console.desk.transcript_why import why
from tests.console.conftest import Seat, SignedIn, text_of
from tests.handlers.talk import ANN, BEN, code_in, last, prove
from tests.rig import Rig

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>'\"&"
ESCAPED = "&lt;script&gt;alert(1)"
TALK = "/console/tickets/1"


@pytest.fixture
def called(desk: Rig) -> int:
    """Ann, in the second step of a guide, has called a person; ticket 1 waits."""
    desk.customer(ANN, email="ann@example.com", manager_name="何敏", manager_phone="02155550000")
    for body in ("怎么还钱", "1", "1", "转人工"):
        desk.say(ANN, body)
        desk.wait(seconds=2)
    return int(desk.rows(tables.Ticket)[-1].id)


@pytest.fixture
def mine(desk: Rig, called: int, signed_in: SignedIn) -> Seat:
    """小李's browser; ticket 1 is theirs."""
    browser = signed_in()
    claim(desk.service, called, "小李")
    return browser


def read(browser: Seat, path: str = TALK, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def sent(desk: Rig) -> list[str]:
    return [row.body for row in desk.rows(tables.Message) if row.author == "agent:小李"]


# ---- what is shown ----


def test_the_whole_talk_stands_there_in_both_directions(mine: Seat) -> None:
    words = text_of(mine.get(TALK))
    order = ["怎么还钱", "您想怎么还", "(1/2)", "(2/2)", "转人工", "已为您转接", "小李接入了会话"]
    at = [words.index(piece) for piece in order]
    assert at == sorted(at)
    assert "机器人：还款" in words
    assert "停在：还款第2步" in words
    assert "已送达" in words


def test_what_the_bot_understood_and_why_is_folded_beneath(mine: Seat) -> None:
    html = read(mine)
    why = re.findall(r'<details class="why".*?</details>', html, re.DOTALL)
    assert any("怎么还款" in one and "100%" in one and "<dd>还款</dd>" in one for one in why)
    assert any("要人工" in one and "指令 转人工" in one for one in why)
    words = re.sub(r"<[^>]+>", " ", " ".join(why))
    assert not re.search(r"[a-z_]+[.:][a-z_]+", words), "names of steps and notes are for programs"


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ({"notes": ["interrupt:start"]}, ()),
        ({"notes": ["silent:gateway_stop"]}, ("未回复：运营商已自动回复",)),
        ({"notes": ["silent:echo"]}, ("无需回复",)),
        ({"notes": ["gone:quota.asking", "gone:owed"]}, ("搁置的事项已不存在",)),
    ],
)
def test_what_a_turn_noted_is_said_in_words_or_not_at_all(
    desk: Rig, detail: dict[str, Any], said: tuple[str, ...]
) -> None:
    with desk.app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        assert why(detail).notes == said


def test_what_a_reading_rests_on_names_no_kind_of_a_program(desk: Rig) -> None:
    with desk.app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        assert why({"reasons": ["answer:yes_no", "rule:怎么还"]}).reasons == ("回答了提问", "规则 怎么还")


def test_matters_that_a_text_led_through_are_named_once_each(desk: Rig) -> None:
    with desk.app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        assert why({"path": ["repayment.channel", "repayment.app_steps", "human.calling"]}).path == ("还款", "人工服务")


def test_contacts_before_this_one_are_in_the_same_talk(desk: Rig, mine: Seat, signed_in: SignedIn) -> None:
    close(desk.service, 1, "小李", "answered", survey=False)
    desk.wait(hours=30)
    desk.say(ANN, "转人工")
    html = read(signed_in(), "/console/tickets/2")
    assert "怎么还钱" in html
    assert "已结束：已答复" in html
    assert html.count('class="t-day"') == 2
    assert f'href="{TALK}"' in html


def test_a_long_talk_is_read_page_by_page_and_nothing_is_left_out(desk: Rig, mine: Seat) -> None:
    for n in range(130):
        desk.text(ANN, f"第{n}句话在这里")
        desk.clock.advance(seconds=n % 3)
    found: set[str] = set()
    html, pages = read(mine), 0
    while True:
        pages += 1
        shown = set(re.findall(r'id="e-(\w+)"', html))
        assert len(shown) <= 130
        found |= shown
        earlier = re.search(r'href="([^"]+)" data-earlier', html)
        if not earlier:
            break
        html = mine.htmx(earlier[1].replace("&amp;", "&")).get_data(as_text=True)
    assert pages > 1
    assert {f"i{row.id}" for row in desk.rows(tables.Inbound)} <= found
    assert {f"m{row.id}" for row in desk.rows(tables.Message)} <= found


def test_why_a_text_did_not_arrive_is_said_in_words(desk: Rig, mine: Seat) -> None:
    desk.network.block(ANN)
    mine.post(f"{TALK}/reply", data={"text": "您好，我是小李", "token": "a"})
    desk.pump()
    assert (last(desk).state, last(desk).reason) == ("failed", "opted_out")
    words = text_of(mine.get(TALK))
    assert "未送达: 客户已在运营商处退订，被拦截" in words
    assert "运营商拦截了这个号码" in words


def test_a_passed_code_is_counted_down_and_figures_are_dots(desk: Rig, signed_in: SignedIn) -> None:
    desk.customer(ANN)
    assert any("50,000.00" in answer for answer in prove(desk))
    desk.say(ANN, "转人工")
    claim(desk.service, 1, "小李")
    html = read(signed_in())
    until = conversations_of(desk).verified_until
    assert until is not None
    assert f'data-until="{until.isoformat(timespec="milliseconds")}"' in html
    assert "客户通过了验证码" in html
    assert "50,000" not in html
    assert "{code}" not in html
    desk.wait(minutes=11)
    assert "未通过验证码" in read(signed_in())


def conversations_of(desk: Rig) -> Any:
    with desk.service.database.begin() as connection:
        return conversations.read(connection, ANN)


def test_a_refusal_of_offers_locks_them_at_once(desk: Rig, mine: Seat) -> None:
    offer = re.compile(r'value="offer"[^>]*disabled')
    assert not offer.search(read(mine))
    desk.say(ANN, "TD")
    live = mine.htmx(TALK).get_data(as_text=True)
    assert 'data-no-offers="客户已退订营销短信（短信回复）。"' in live
    assert 'data-locked=""' in live
    assert offer.search(read(mine))


# ---- hostile words, hidden facts ----


def test_words_are_never_html_wherever_they_show(desk: Rig, signed_in: SignedIn) -> None:
    desk.customer(ANN, name=f"王{HOSTILE}", email=f"{HOSTILE}@x", title="先生<b>")
    desk.say(ANN, "投诉" + HOSTILE)
    desk.say(ANN, HOSTILE)
    browser = signed_in()
    open_talk = next(row.id for row in desk.rows(tables.Ticket) if row.kind == "talk")
    claim(desk.service, open_talk, "小李")
    add_note(desk.service, open_talk, "小李", HOSTILE)
    browser.post(f"/console/tickets/{open_talk}/reply", data={"text": "您好" + HOSTILE, "token": "t"})
    pages = [
        read(browser, f"/console/tickets/{open_talk}"),
        browser.htmx(f"/console/tickets/{open_talk}").get_data(as_text=True),
        browser.post(f"/console/tickets/{open_talk}/reply", data={"text": f"{HOSTILE} 6222021234567890128"}).get_data(
            as_text=True
        ),
        browser.post(f"/console/tickets/{open_talk}/reveal", data={"fact": "email"}).get_data(as_text=True),
    ]
    for html in pages:
        assert ESCAPED in html
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "先生<b>" not in html
    assert pages[3].count(f"{ESCAPED}&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;&#39;&#34;&amp;@x") == 1


def test_facts_and_numbers_are_masked_until_asked_for(desk: Rig, mine: Seat, audited: Any) -> None:
    html = read(mine)
    for secret in (ANN, ANN[3:], "王建国", "ann@example.com", "50000", "50,000", "5360", "02155550000", "何敏"):
        assert secret not in html, secret
    assert "…8000" in html
    with audited("customer.reveal", by="小李"):
        answer = mine.htmx(f"{TALK}/reveal", "POST", data={"fact": "available_limit"})
    assert answer.json == {"value": "50,000.00 元"}
    assert desk.rows(tables.Audit)[-1].detail == {"fact": "available_limit"}
    assert "50,000" not in read(mine)
    assert "50,000.00 元" in text_of(mine.post(f"{TALK}/reveal", data={"fact": "available_limit"}))


def test_a_fact_that_is_none_is_refused(mine: Seat) -> None:
    for fact in ("password", "customer_id", "", "credit_limit'--"):
        assert mine.htmx(f"{TALK}/reveal", "POST", data={"fact": fact}).status_code == 400


def test_of_a_shared_number_nothing_is_shown(desk: Rig, mine: Seat) -> None:
    desk.customer(ANN, "C2", name="李四", card_last4="1111")
    html = read(mine)
    assert "2 位客户共用这个号码" in html
    assert "王先生" not in re.sub(r"【示例银行】[^<]*", "", html)
    answer = mine.htmx(f"{TALK}/reveal", "POST", data={"fact": "name"})
    assert answer.status_code == 422
    assert answer.get_data(as_text=True) == "这个号码有多位客户：请先问清卡号末四位。"


# ---- who may ----

ACTS: list[tuple[str, dict[str, str]]] = [
    ("reply", {"text": "您好", "token": "x"}),
    ("judge", {"text": "您好"}),
    ("reveal", {"fact": "phone"}),
    ("code", {}),
    ("close", {"outcome": "answered"}),
    ("release", {}),
    ("transfer", {"to": "team:complaint"}),
]


@pytest.mark.parametrize(("act", "fields"), ACTS)
def test_somebody_elses_ticket_is_read_but_not_acted_on(
    act: str, fields: dict[str, str], desk: Rig, mine: Seat, signed_in: SignedIn
) -> None:
    other = signed_in(name="小吴")
    before = (desk.rows(tables.Message), desk.rows(tables.Ticket), desk.rows(tables.Audit))
    answer = other.htmx(f"{TALK}/{act}", "POST", data=fields)
    assert (answer.status_code, answer.get_data(as_text=True)) == (409, "小李已经接入。")
    assert (desk.rows(tables.Message), desk.rows(tables.Ticket), desk.rows(tables.Audit)) == before
    assert ANN[3:] not in answer.get_data(as_text=True)


@pytest.mark.parametrize(("act", "fields"), ACTS)
def test_a_ticket_that_waits_is_claimed_first(
    act: str, fields: dict[str, str], called: int, signed_in: SignedIn
) -> None:
    assert signed_in().htmx(f"{TALK}/{act}", "POST", data=fields).status_code == 409


def test_a_talk_of_a_colleague_is_locked_and_reading_it_is_recorded_once(
    desk: Rig, mine: Seat, signed_in: SignedIn, audited: Any
) -> None:
    other = signed_in(name="小吴")
    with audited("ticket.read", by="小吴"):
        html = read(other)
        other.htmx(TALK)
    assert "小李已经接入。" in html
    assert 'value="phone"' not in html
    desk.clock.advance(minutes=11)
    with audited("ticket.read", by="小吴"):
        read(other)
    with audited():
        read(mine)


def test_a_closed_talk_is_open_to_who_had_it_and_to_supervisors(desk: Rig, mine: Seat, signed_in: SignedIn) -> None:
    close(desk.service, 1, "小李", "answered", survey=False)
    read(mine)
    read(signed_in("supervisor"))
    assert "怎么还钱" not in read(signed_in(name="小吴"), status=403)


def test_a_talk_that_is_not_there_is_not_found(signed_in: SignedIn) -> None:
    read(signed_in(), "/console/tickets/77", status=404)


@pytest.mark.parametrize("role", ["operator", "auditor"])
def test_no_talk_for_who_has_no_customers(role: str, called: int, signed_in: SignedIn) -> None:
    assert "怎么还钱" not in read(signed_in(role), status=403)


def test_a_supervisor_takes_over_and_gives_on(desk: Rig, mine: Seat, signed_in: SignedIn, person: Any) -> None:
    person("小吴")
    boss = signed_in("supervisor")
    assert mine.post(f"{TALK}/take-over").status_code == 403
    assert boss.post(f"{TALK}/take-over").status_code == 303
    assert desk.rows(tables.Ticket)[0].agent == "张主管"
    assert mine.htmx(f"{TALK}/reply", "POST", data={"text": "您好"}).status_code == 409
    assert boss.post(f"{TALK}/reassign", data={"to": "小吴"}).status_code == 303
    assert desk.rows(tables.Ticket)[0].agent == "小吴"
    words = text_of(boss.get(TALK))
    assert "张主管接管了会话" in words
    assert "张主管指派给小吴" in words


# ---- writing ----


def test_a_reply_is_sent_signed_and_shown(desk: Rig, mine: Seat) -> None:
    answer = mine.post(f"{TALK}/reply", data={"text": "您好，我是小李", "token": "one"})
    assert answer.status_code == 303
    assert desk.answers(ANN)[-1] == "【示例银行】您好，我是小李"
    assert "您好，我是小李" in read(mine)


def test_the_same_form_twice_sends_once(desk: Rig, mine: Seat) -> None:
    token = re.search(r'name="token" value="(\w+)"', read(mine))
    assert token
    form = {"text": "您好，我是小李", "token": token[1]}
    first, again = (mine.htmx(f"{TALK}/reply", "POST", data=form) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert len(sent(desk)) == 1
    mine.htmx(f"{TALK}/reply", "POST", data={**form, "token": first.json["token"]})
    assert len(sent(desk)) == 2


def test_what_was_typed_is_kept_when_somebody_was_faster(desk: Rig, mine: Seat, signed_in: SignedIn) -> None:
    signed_in("supervisor").post(f"{TALK}/take-over")
    answer = mine.post(f"{TALK}/reply", data={"text": "我马上为您处理", "token": "one"})
    assert answer.status_code == 409
    html = answer.get_data(as_text=True)
    assert "张主管已经接入。" in html
    assert ">我马上为您处理</textarea>" in html
    assert sent(desk) == []


def test_what_the_gate_refuses_is_not_sent_and_not_lost(desk: Rig, mine: Seat) -> None:
    text = "您的可用额度是50,000.00元"
    told = mine.htmx(f"{TALK}/judge", "POST", data={"text": text}).json
    assert not told["allowed"]
    assert "请先发验证码" in told["reasons"][0]["said"]
    answer = mine.post(f"{TALK}/reply", data={"text": text, "token": "one"})
    assert answer.status_code == 422
    assert "请先发验证码" in text_of(answer)
    assert f">{text}</textarea>" in answer.get_data(as_text=True)
    assert mine.htmx(f"{TALK}/reply", "POST", data={"text": text}).json["allowed"] is False
    assert sent(desk) == []


def test_a_verdict_tells_parts_and_the_room_that_is_left(mine: Seat) -> None:
    told = mine.htmx(f"{TALK}/judge", "POST", data={"text": "您" * 60}).json
    assert (told["allowed"], told["parts"], told["size"]) == (True, 1, "1 条，还可写 4 字")
    assert mine.htmx(f"{TALK}/judge", "POST", data={"text": "您" * 65}).json["parts"] == 2


def test_an_offer_is_refused_to_who_refuses_offers(desk: Rig, mine: Seat) -> None:
    desk.say(ANN, "TD")
    told = mine.htmx(f"{TALK}/judge", "POST", data={"text": "新客专享利率优惠", "kind": "offer"}).json
    assert not told["allowed"]
    assert {"offer_refused", "refused"} & {reason["code"] for reason in told["reasons"]}
    assert mine.htmx(f"{TALK}/reply", "POST", data={"text": "新客专享利率优惠", "kind": "offer"}).status_code == 422
    assert sent(desk) == []


def test_who_is_signed_out_meanwhile_gets_401_and_no_page(desk: Rig, mine: Seat, anonymous: Any) -> None:
    answer = anonymous().htmx(f"{TALK}/reply", "POST", data={"text": "您好"})
    assert answer.status_code == 401
    assert sent(desk) == []


def test_ready_made_replies_come_filled_in(mine: Seat) -> None:
    bodies = re.findall(r'data-body="([^"]*)"', read(mine))
    assert bodies
    assert any("王先生" in body for body in bodies)
    assert any("小李" in body for body in bodies)
    assert not any("{" in body for body in bodies)


def test_a_note_is_for_colleagues_alone(desk: Rig, mine: Seat, signed_in: SignedIn) -> None:
    before = len(desk.rows(tables.Message))
    assert mine.post(f"{TALK}/note", data={"body": "旧版手机银行"}).status_code == 303
    assert "旧版手机银行" in read(signed_in(name="小吴"))
    assert len(desk.rows(tables.Message)) == before
    assert mine.htmx(f"{TALK}/note", "POST", data={"body": "  "}).status_code == 422
    assert mine.htmx(f"{TALK}/note", "POST", data={"body": "长" * 2001}).status_code == 422


def test_a_code_is_asked_for_and_passed_while_the_agent_has_the_talk(desk: Rig, mine: Seat) -> None:
    assert mine.htmx(f"{TALK}/code", "POST").status_code == 200
    code = code_in(desk.answers(ANN))
    assert "已发验证码，还没通过" in read(mine)
    assert code not in read(mine)
    desk.say(ANN, code)
    html = read(mine)
    assert "已通过验证码" in html
    assert code not in html
    assert "小李发出了验证码" in html


# ---- letting go ----


def test_handing_on_to_a_team_and_to_a_colleague(desk: Rig, mine: Seat, person: Any) -> None:
    person("小吴")
    assert mine.htmx(f"{TALK}/transfer", "POST", data={"to": ""}).status_code == 422
    answer = mine.htmx(f"{TALK}/transfer", "POST", data={"to": "agent:谁"})
    assert (answer.status_code, answer.get_data(as_text=True)) == (422, "不能转给谁，请另选一位。")
    answer = mine.post(f"{TALK}/transfer", data={"to": "agent:小吴", "note": "客户换了手机"})
    assert answer.location == "/console/queue"
    row = desk.rows(tables.Ticket)[0]
    assert (row.state, row.agent, row.meant_for) == ("waiting", "", "小吴")
    assert desk.rows(tables.Note)[-1].body == "客户换了手机"


def test_back_to_the_bot_where_it_stood(desk: Rig, mine: Seat) -> None:
    desk.answers(ANN)
    assert mine.post(f"{TALK}/release").location == "/console/queue"
    assert "还款第2步" in desk.answers(ANN)[-1]


def test_back_into_a_flow_with_what_is_known(desk: Rig, mine: Seat) -> None:
    assert mine.htmx(f"{TALK}/release", "POST", data={"flow": "human"}).status_code == 400
    form = {"flow": "callback", "slot-from": "2026-06-11T14:00"}
    assert mine.htmx(f"{TALK}/release", "POST", data={**form, "slot-from": "bald"}).status_code == 422
    desk.answers(ANN)
    assert mine.post(f"{TALK}/release", data=form).status_code == 303
    assert "14:00-15:00" in desk.answers(ANN)[-1]


def test_every_flow_on_the_list_can_be_entered(desk: Rig, mine: Seat) -> None:
    flows = re.findall(r'<option value="(\w+)"(?: data-slot="\w+")?>', read(mine))
    assert len(flows) > 10
    for n, flow in enumerate(flows):
        phone = f"+86138001390{n:02}"
        desk.say(phone, "转人工")
        made = desk.rows(tables.Ticket)[-1].id
        claim(desk.service, made, "小吴")
        claimed = len(desk.rows(tables.Message))
        agent_acted.release(desk.service, made, "小吴", flow)
        desk.pump()
        assert len(desk.rows(tables.Message)) > claimed, flow
        assert len(desk.rows(tables.Inbound)) == 4 + n + 1


def test_closing_asks_how_it_ended(desk: Rig, mine: Seat) -> None:
    assert mine.htmx(f"{TALK}/close", "POST", data={"outcome": "nothing"}).status_code == 422
    desk.answers(ANN)
    assert mine.post(f"{TALK}/close", data={"outcome": "answered", "survey": "yes"}).status_code == 303
    assert (desk.rows(tables.Ticket)[0].state, desk.rows(tables.Ticket)[0].outcome) == ("closed", "answered")
    assert len(desk.rows(tables.Survey)) == 1
    assert desk.answers(ANN)


def test_a_flag_is_dealt_with_and_closed_without_a_talk(desk: Rig, signed_in: SignedIn) -> None:
    desk.say(BEN, "你们是骗子吧")
    desk.pump()
    browser, texts = signed_in(), len(desk.rows(tables.Message))
    html = read(browser)
    assert "这是待办提示" in html
    assert 'id="reply"' not in html
    assert browser.post(f"{TALK}/close", data={"outcome": "answered"}).status_code == 303
    assert desk.rows(tables.Ticket)[0].state == "closed"
    desk.pump()
    assert len(desk.rows(tables.Message)) == texts


def test_no_code_is_asked_for_in_a_flag(desk: Rig, signed_in: SignedIn) -> None:
    desk.customer(ANN)
    desk.say(ANN, "这是诈骗吧")
    desk.pump()
    browser = signed_in()
    [flag] = desk.rows(tables.Ticket)
    claim(desk.service, flag.id, "小李")
    answer = browser.htmx(f"{TALK}/code", "POST")
    assert (answer.status_code, answer.get_data(as_text=True)) == (422, "这是待办提示，没有会话，无法要求验证码。")


# ---- the store ----


def test_a_talk_is_read_with_few_statements_however_long_it_is(desk: Rig, mine: Seat) -> None:
    from sqlalchemy import event

    seen: list[str] = []
    event.listen(desk.service.database.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    with desk.service.database.begin() as connection:
        talks.read(connection, tickets.by_id(connection, 1))
    few = len(seen)
    for n in range(20):
        desk.text(ANN, f"第{n}句")
    seen.clear()
    with desk.service.database.begin() as connection:
        talks.read(connection, tickets.by_id(connection, 1))
    assert len(seen) <= few < 20
