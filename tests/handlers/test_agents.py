"""An agent has a conversation, or the bot has it: never both, and a refusal of texts outranks either (law 6, A9)."""

from __future__ import annotations

import pytest

from app.flows.vocabulary import BOT
from app.handlers import agent_acted
from app.handlers.agent_acted import NotYours, claim, release, reply
from app.store import conversations, tables
from tests.handlers.talk import ANN, BEN, last, only, prove, topics
from tests.rig import Rig


@pytest.fixture
def called(rig: Rig) -> int:
    """A customer in the second step of a guide has called a person; the ticket."""
    rig.customer(ANN)
    for body in ("怎么还钱", "1", "1"):
        rig.say(ANN, body)
    rig.say(ANN, "转人工")
    ticket = only(rig.rows(tables.Ticket))
    assert (ticket.kind, ticket.state, ticket.agent, ticket.topic) == ("talk", "waiting", "", "human")
    return int(ticket.id)


def owner(rig: Rig, phone: str = ANN) -> str:
    with rig.service.database.begin() as connection:
        found = conversations.read(connection, phone)
    assert found is not None
    return found.owner


def test_a_ticket_knows_where_the_customer_stood(rig: Rig, called: int) -> None:
    assert rig.rows(tables.Ticket)[0].place.startswith("repayment.")


def test_one_of_two_agents_gets_the_conversation(rig: Rig, called: int) -> None:
    assert owner(rig) == BOT
    claim(rig.service, called, "li")
    with pytest.raises(NotYours, match="li"):
        claim(rig.service, called, "wu")
    with pytest.raises(NotYours, match="li"):
        claim(rig.service, called, "li")
    assert owner(rig) == "agent:li"
    assert rig.rows(tables.Timer) == []


def test_a_ticket_that_does_not_exist_is_nobodys(rig: Rig) -> None:
    for act in (lambda: claim(rig.service, 9, "li"), lambda: release(rig.service, 9, "li")):
        with pytest.raises(NotYours, match="no ticket 9"):
            act()
    with pytest.raises(NotYours, match="no ticket 9"):
        reply(rig.service, 9, "li", "您好")


def test_the_bot_is_silent_while_an_agent_talks(rig: Rig, called: int) -> None:
    claim(rig.service, called, "li")
    for body in ("我还有多少额度", "1", "你们是骗子吧", "您好", "转人工", "明天下午给我打电话", "菜单"):
        rig.wait(seconds=30)
        assert rig.say(ANN, body) == [], body
    assert rig.rows(tables.Ticket)[0].last_text_at == rig.clock()
    assert owner(rig) == "agent:li"
    rig.wait(hours=5)
    assert rig.answers(ANN) == []


def test_a_refusal_works_while_an_agent_talks(rig: Rig, called: int) -> None:
    claim(rig.service, called, "li")
    assert "退订" in only(rig.say(ANN, "TD"))
    assert only(rig.rows(tables.Consent)).scope == "commercial"
    assert rig.say(ANN, "td") == []
    assert "恢复" in only(rig.say(ANN, "HF"))
    assert owner(rig) == "agent:li"


def test_an_agents_words_reach_the_customer_signed_and_named(rig: Rig, called: int) -> None:
    claim(rig.service, called, "li")
    made = reply(rig.service, called, "li", "  我是客户经理小李  ")
    assert rig.answers(ANN) == ["【示例银行】我是客户经理小李"]
    row = last(rig)
    assert (row.id, row.author, row.purpose, row.state) == (made, "agent:li", "answer", "handed")


def test_only_the_agent_who_has_it_may_write(rig: Rig, called: int) -> None:
    with pytest.raises(NotYours, match="waits"):
        reply(rig.service, called, "li", "您好")
    claim(rig.service, called, "li")
    with pytest.raises(NotYours, match="li"):
        reply(rig.service, called, "wu", "您好")
    with pytest.raises(NotYours, match="li"):
        release(rig.service, called, "wu")
    release(rig.service, called, "li")
    with pytest.raises(NotYours, match="closed"):
        reply(rig.service, called, "li", "您好")
    with pytest.raises(NotYours, match="closed"):
        release(rig.service, called, "li")
    with pytest.raises(NotYours, match="closed"):
        claim(rig.service, called, "wu")


UNFIT = ["", "  \n", "您的卡号是6222021234567890128吗", "密码是abc123"]


@pytest.mark.parametrize("words", UNFIT)
def test_an_unfit_text_is_not_queued(rig: Rig, called: int, words: str) -> None:
    claim(rig.service, called, "li")
    with pytest.raises(ValueError, match=r"no words|card number"):
        reply(rig.service, called, "li", words)
    assert rig.answers(ANN) == []


def test_nothing_is_written_to_a_number_that_the_gateway_blocks(rig: Rig, called: int) -> None:
    claim(rig.service, called, "li")
    rig.network.block(ANN)
    reply(rig.service, called, "li", "您好")
    assert rig.answers(ANN) == []
    assert (last(rig).state, last(rig).reason) == ("failed", "opted_out")
    with pytest.raises(ValueError, match="gateway blocks"):
        reply(rig.service, called, "li", "还在吗")


def test_an_agent_may_answer_who_refused_offers(rig: Rig, called: int) -> None:
    rig.say(ANN, "TD ALL")
    claim(rig.service, called, "li")
    reply(rig.service, called, "li", "您好")
    assert rig.answers(ANN) == ["【示例银行】您好"]


def test_the_bot_goes_on_where_it_stood(rig: Rig, called: int) -> None:
    claim(rig.service, called, "li")
    rig.say(ANN, "我想问下")
    release(rig.service, called, "li")
    assert owner(rig) == BOT
    assert "还款第2步" in only(rig.answers(ANN))
    assert "(2/" in only(rig.say(ANN, "1"))
    assert topics(rig) == [("human", "closed")]


def test_a_conversation_without_a_past_is_handed_back_too(rig: Rig) -> None:
    rig.say(ANN, "转人工")
    claim(rig.service, 1, "li")
    release(rig.service, 1, "li")
    assert "还可以帮您什么" in only(rig.answers(ANN))
    assert rig.say(ANN, "怎么还钱") != []


def test_an_agent_hands_back_into_a_flow_with_what_is_known(rig: Rig, called: int) -> None:
    claim(rig.service, called, "li")
    release(rig.service, called, "li", "callback", {"from": "2026-06-11T14:00:00+08:00", "exact": "yes"})
    assert "14:00-15:00" in only(rig.answers(ANN))
    assert owner(rig) == BOT
    assert "已预约明天14:00-15:00" in only(rig.say(ANN, "1"))


@pytest.mark.parametrize("flow", ["nowhere", "which_text", "proof"])
def test_a_flow_that_nobody_may_begin_leaves_everything_as_it_was(rig: Rig, called: int, flow: str) -> None:
    claim(rig.service, called, "li")
    with pytest.raises(KeyError, match=flow):
        release(rig.service, called, "li", flow)
    assert owner(rig) == "agent:li"
    assert topics(rig) == [("human", "claimed")]


def test_a_figure_needs_its_proof_also_after_an_agent(rig: Rig, called: int) -> None:
    """Handed back into the quota flow, the customer still passes a code (law 10)."""
    claim(rig.service, called, "li")
    release(rig.service, called, "li", "quota")
    (words,) = rig.answers(ANN)
    assert "验证码" in words
    assert "50,000" not in words


def test_a_flag_is_done_without_a_conversation(rig: Rig) -> None:
    rig.say(ANN, "你们是骗子吧")
    flag = only(rig.rows(tables.Ticket))
    claim(rig.service, flag.id, "li")
    assert owner(rig) == BOT
    assert rig.say(ANN, "怎么还钱") != []
    release(rig.service, flag.id, "li")
    assert topics(rig) == [("fraud", "closed")]
    assert rig.answers(ANN) == []


def test_calling_twice_is_one_ticket(rig: Rig, called: int) -> None:
    rig.say(ANN, "人工")
    assert topics(rig) == [("human", "waiting")]
    claim(rig.service, called, "li")
    release(rig.service, called, "li")
    rig.say(ANN, "转人工")
    assert topics(rig) == [("human", "closed"), ("human", "waiting")]


def test_what_a_customer_writes_while_waiting_is_for_the_agent(rig: Rig, called: int) -> None:
    assert rig.say(ANN, "我的账单好像不对") == []
    assert rig.rows(tables.Ticket)[0].last_text_at == rig.clock()


def test_the_queue_is_told_as_long_as_it_is(rig: Rig, called: int) -> None:
    (words,) = rig.say(BEN, "转人工")
    assert "前面还有1位" in words
    claim(rig.service, called, "li")
    rig.say(BEN, "人工")
    assert owner(rig, BEN) == BOT
    assert agent_acted.owner("li") == owner(rig)


# The promise of 30 seconds, and nobody there.


def test_who_is_not_picked_up_in_thirty_seconds_hears_so_once(rig: Rig, called: int) -> None:
    rig.wait(seconds=29)
    assert rig.answers(ANN) == []
    rig.wait(seconds=1)
    (words,) = rig.answers(ANN)
    assert "95500" in words
    assert topics(rig) == [("human", "waiting")]
    rig.wait(minutes=20)
    assert rig.answers(ANN) == []


def test_who_is_picked_up_in_time_hears_nothing_of_it(rig: Rig, called: int) -> None:
    rig.wait(seconds=29)
    claim(rig.service, called, "li")
    rig.wait(minutes=5)
    assert rig.answers(ANN) == []


def test_a_callback_instead_of_waiting(rig: Rig) -> None:
    rig.say(ANN, "转人工")
    rig.wait(seconds=30)
    rig.answers(ANN)
    assert "可预约" in only(rig.say(ANN, "1"))
    assert "已预约" in only(rig.say(ANN, "1"))
    assert only(rig.rows(tables.Callback)).state == "booked"


@pytest.mark.parametrize("hours", [9, 14, 24 * 3])
def test_out_of_hours_the_truth_and_the_next_opening(rig: Rig, hours: int) -> None:
    """19:00 and midnight of a Wednesday, and a Saturday."""
    rig.clock.advance(hours=hours)
    (words,) = rig.say(ANN, "转人工")
    assert "休息" in words
    assert "95500" in words
    assert "09:00" in words
    assert topics(rig) == [("human", "waiting")]  # somebody reads it in the morning
    assert rig.rows(tables.Timer) == []
    rig.wait(minutes=5)
    assert rig.answers(ANN) == []


def test_an_agent_may_claim_what_came_at_night(rig: Rig) -> None:
    rig.clock.advance(hours=10)
    rig.say(ANN, "转人工")
    rig.wait(hours=14)
    rig.answers(ANN)
    claim(rig.service, 1, "li")
    assert owner(rig) == "agent:li"


def test_a_proof_is_not_lost_while_an_agent_talks(rig: Rig) -> None:
    rig.customer(ANN)
    prove(rig)
    rig.say(ANN, "转人工")
    claim(rig.service, 1, "li")
    release(rig.service, 1, "li")
    rig.answers(ANN)
    assert "5,360.00" in only(rig.say(ANN, "这个月要还多少"))
