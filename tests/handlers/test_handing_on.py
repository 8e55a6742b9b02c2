"""Handing on, taking over, closing, and what becomes of the conversation of an agent who has gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.flows.vocabulary import BOT
from app.handlers.agent_acted import (
    NotYours,
    Refused,
    add_note,
    ask_code,
    claim,
    close,
    reassign,
    release,
    reply,
    reveal,
    take_over,
    transfer,
)
from app.store import tables
from tests.clock import Clock
from tests.handlers.staff import ANN, actions, call_a_person, hire, keep_alive, owner, ticket
from tests.rig import Rig, sqlite_url

BEN = "+8613800138001"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(sqlite_url(tmp_path), Clock())
    made.customer(ANN)
    for name in ("li", "zhao"):
        hire(made, name)
    hire(made, "chef", "supervisor")
    yield made
    made.close()


def refused(rig: Rig, ticket_id: int, words: str, *, offer: bool = False) -> list[str]:
    """Codes for which an agent's text does not leave."""
    with pytest.raises(Refused) as caught:
        reply(rig.service, ticket_id, "li", words, offer=offer)
    return [reason.code for reason in caught.value.verdict.refusals]


def test_a_claim_tells_how_long_the_customer_waited(rig: Rig) -> None:
    called = call_a_person(rig)
    rig.clock.advance(seconds=12)
    assert claim(rig.service, called, "li") == 12
    assert ticket(rig, called).first_claimed_at == rig.clock()


def test_a_limit_of_open_conversations_is_kept(rig: Rig) -> None:
    hire(rig, "new", most_open=1)
    first, second = call_a_person(rig), call_a_person(rig, BEN)
    claim(rig.service, first, "new")
    with pytest.raises(NotYours, match="limit"):
        claim(rig.service, second, "new")
    close(rig.service, first, "new", "answered")
    claim(rig.service, second, "new")


def test_handed_on_to_a_colleague_it_is_kept_for_them_a_minute(rig: Rig) -> None:
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    transfer(rig.service, called, "li", to_agent="zhao", note="wants the limit raised")
    assert owner(rig) == BOT
    assert rig.answers(ANN) == []
    with pytest.raises(NotYours, match="offered to zhao"):
        claim(rig.service, called, "li")
    claim(rig.service, called, "zhao")
    assert owner(rig) == "agent:zhao"
    assert [(row.agent, row.body) for row in rig.rows(tables.Note)] == [("li", "wants the limit raised")]


def test_after_that_minute_anybody_may_claim_it(rig: Rig) -> None:
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    transfer(rig.service, called, "li", to_agent="zhao")
    rig.clock.advance(seconds=61)
    claim(rig.service, called, "li")


def test_handed_on_to_a_team_the_promise_begins_anew(rig: Rig) -> None:
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    transfer(rig.service, called, "li", to_team="complaint")
    assert (ticket(rig, called).team, ticket(rig, called).state) == ("complaint", "waiting")
    rig.clock.advance(seconds=31)
    assert "都在忙" in rig.answers(ANN)[0]


@pytest.mark.parametrize(
    ("to", "wrong"),
    [
        ({}, "one of them"),
        ({"to_agent": "zhao", "to_team": "fraud"}, "one of them"),
        ({"to_agent": "li"}, "yours already"),
        ({"to_agent": "nobody"}, "no agent"),
    ],
)
def test_a_wrong_hand_over_changes_nothing(rig: Rig, to: dict[str, str], wrong: str) -> None:
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    with pytest.raises(ValueError, match=wrong):
        transfer(rig.service, called, "li", **to)
    assert (ticket(rig, called).agent, owner(rig)) == ("li", "agent:li")


def test_a_supervisor_takes_over_and_gives_away(rig: Rig) -> None:
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    take_over(rig.service, called, "chef")
    assert owner(rig) == "agent:chef"
    with pytest.raises(NotYours, match="already with chef"):
        reply(rig.service, called, "li", "您好")
    reassign(rig.service, called, "chef", "zhao")
    assert owner(rig) == "agent:zhao"
    assert rig.answers(ANN) == []
    assert [act for act in actions(rig) if act[1].startswith("ticket.")] == [
        ("li", "ticket.claim"),
        ("chef", "ticket.take_over"),
        ("chef", "ticket.reassign"),
    ]


def test_the_promise_is_measured_once_whoever_ends_it(rig: Rig) -> None:
    called = call_a_person(rig)
    rig.clock.advance(seconds=7)
    assert take_over(rig.service, called, "chef") == 7
    assert reassign(rig.service, called, "chef", "zhao") is None
    transfer(rig.service, called, "zhao", to_team="fraud")
    rig.clock.advance(seconds=5)
    assert claim(rig.service, called, "li") is None
    other = call_a_person(rig, BEN)
    rig.clock.advance(seconds=3)
    assert reassign(rig.service, other, "chef", "zhao") == 3


def test_a_flag_ends_no_promise(rig: Rig) -> None:
    rig.say(ANN, "你们是骗子吧")
    (flag,) = (row.id for row in rig.rows(tables.Ticket) if row.kind == "flag")
    assert claim(rig.service, flag, "li") is None


def test_what_the_customer_had_open_is_there_again_after_two_agents(rig: Rig) -> None:
    rig.say(ANN, "怎么还款")
    rig.say(ANN, "1")
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    transfer(rig.service, called, "li", to_agent="zhao")
    claim(rig.service, called, "zhao")
    release(rig.service, called, "zhao")
    assert "刚才您在还款第1步" in rig.answers(ANN)[0]
    assert "(1/" in rig.say(ANN, "1")[0]


def test_who_vanishes_loses_the_conversation_and_the_customer_hears_nothing_false(rig: Rig) -> None:
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    rig.clock.advance(seconds=59)
    keep_alive(rig, "zhao", "chef")
    rig.pump()
    assert ticket(rig, called).agent == "li"
    rig.clock.advance(seconds=2)
    assert rig.answers(ANN) == []
    assert (ticket(rig, called).state, ticket(rig, called).agent, owner(rig)) == ("waiting", "", BOT)
    assert ("clock", "ticket.return") in actions(rig)
    rig.say(ANN, "还在吗")
    claim(rig.service, called, "zhao")
    assert owner(rig) == "agent:zhao"
    with pytest.raises(NotYours, match="zhao"):
        reply(rig.service, called, "li", "我回来了")


def test_writing_keeps_the_conversation(rig: Rig) -> None:
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    for _ in range(3):
        rig.clock.advance(seconds=50)
        reply(rig.service, called, "li", "请稍等，正在查")
        rig.pump()
    assert ticket(rig, called).agent == "li"


def test_who_works_from_the_terminal_never_vanishes(rig: Rig) -> None:
    called = call_a_person(rig)
    claim(rig.service, called, "somebody at a terminal")
    rig.wait(hours=2)
    assert ticket(rig, called).state == "claimed"


def test_an_agent_who_is_dismissed_holds_nothing(rig: Rig) -> None:
    hire(rig, "gone", disabled_at=rig.clock())
    called = call_a_person(rig)
    claim(rig.service, called, "gone")
    rig.pump()
    assert ticket(rig, called).state == "waiting"


# ---- the end, and the question afterwards ------------------------------------------------------------------


def test_the_customer_is_asked_once_and_answers_by_number(rig: Rig) -> None:
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    close(rig.service, called, "li", "answered")
    assert "打分" in rig.answers(ANN)[0]
    assert "谢谢您的评价" in rig.say(ANN, "4")[0]
    (survey,) = rig.rows(tables.Survey)
    assert (survey.agent, survey.score, survey.ticket_id) == ("li", 4, called)
    again = call_a_person(rig)
    claim(rig.service, again, "li")
    close(rig.service, again, "li", "answered")
    assert rig.answers(ANN) == []
    assert len(rig.rows(tables.Survey)) == 1


@pytest.mark.parametrize(("outcome", "survey"), [("answered", False), ("wrong_person", True)])
def test_who_should_not_be_asked_is_not(rig: Rig, outcome: str, survey: bool) -> None:
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    close(rig.service, called, "li", outcome, survey=survey)
    assert rig.answers(ANN) == []
    assert (ticket(rig, called).outcome, owner(rig)) == (outcome, BOT)


def test_a_score_that_never_comes_ends_quietly(rig: Rig) -> None:
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    close(rig.service, called, "li", "answered")
    rig.answers(ANN)
    rig.wait(hours=25)
    assert rig.answers(ANN) == []
    assert "验证码" in rig.say(ANN, "我还有多少额度")[0]


def test_an_unknown_outcome_is_refused(rig: Rig) -> None:
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    with pytest.raises(ValueError, match="outcome must be one of answered"):
        close(rig.service, called, "li", "whatever")


def test_a_flag_is_closed_by_whoever_dealt_with_it(rig: Rig) -> None:
    rig.say(ANN, "你们是骗子吧")
    (flag,) = (row.id for row in rig.rows(tables.Ticket) if row.kind == "flag")
    close(rig.service, flag, "li", "answered")
    assert ticket(rig, flag).state == "closed"
    with pytest.raises(NotYours, match="closed"):
        close(rig.service, flag, "zhao", "answered")


# ---- proof, facts and notes --------------------------------------------------------------------------------


def test_a_code_that_the_agent_asks_for_opens_the_figures(rig: Rig) -> None:
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    assert refused(rig, called, "您的可用额度是50,000.00元") == ["figures_unverified"]
    ask_code(rig.service, called, "li")
    code = rig.answers(ANN)[0].partition("验证码 ")[2][:6]
    assert "已核实" in rig.say(ANN, code)[0]
    reply(rig.service, called, "li", "您的可用额度是50,000.00元")
    assert "50,000.00" in rig.answers(ANN)[0]
    told = rig.rows(tables.Message)[-1]
    assert told.figures
    assert told.expires_at <= rig.rows(tables.Conversation)[0].verified_until
    rig.clock.advance(minutes=10)
    keep_alive(rig, "li")
    assert refused(rig, called, "您的可用额度是50,000.00元") == ["figures_unverified"]


def test_only_the_code_is_read_while_an_agent_talks(rig: Rig) -> None:
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    ask_code(rig.service, called, "li")
    rig.answers(ANN)
    assert rig.say(ANN, "我还有多少额度") == []
    assert rig.say(ANN, "好的") == []
    assert "退订" in rig.say(ANN, "TD")[0]


def test_a_code_that_was_asked_for_is_not_where_the_customer_stood(rig: Rig) -> None:
    """Whoever comes next asks anew, and the bot goes on with what the customer was at."""
    rig.say(ANN, "怎么还款")
    rig.say(ANN, "1")
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    ask_code(rig.service, called, "li")
    transfer(rig.service, called, "li", to_agent="zhao")
    claim(rig.service, called, "zhao")
    rig.answers(ANN)
    release(rig.service, called, "zhao")
    assert "刚才您在还款第1步" in rig.answers(ANN)[0]


def test_an_offer_is_locked_by_a_refusal(rig: Rig) -> None:
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    reply(rig.service, called, "li", "本月贷款利率有优惠，详询95500", offer=True)
    assert "退订" in rig.answers(ANN)[0]
    assert rig.rows(tables.Message)[-1].purpose == "commercial"
    rig.say(ANN, "TD")
    assert "offer_refused" in refused(rig, called, "本月贷款利率9折，立即申请，详询95500", offer=True)
    assert "offer_refused" in refused(rig, called, "本月贷款利率9折，立即申请，详询95500")


def test_facts_are_told_to_who_holds_the_ticket_and_that_is_written_down(rig: Rig) -> None:
    called = call_a_person(rig)
    with pytest.raises(NotYours, match="while the ticket is yours"):
        reveal(rig.service, called, "li", "available_limit")
    assert reveal(rig.service, called, "chef", "available_limit", supervisor=True) == "50,000.00"
    claim(rig.service, called, "li")
    assert reveal(rig.service, called, "li", "phone") == ANN
    assert reveal(rig.service, called, "li", "email") == ""
    with pytest.raises(ValueError, match="fact must be one of"):
        reveal(rig.service, called, "li", "password")
    asked = [(row.actor, row.detail["fact"]) for row in rig.rows(tables.Audit) if row.action == "customer.reveal"]
    assert asked == [("chef", "available_limit"), ("li", "phone"), ("li", "email")]


def test_facts_of_a_shared_number_are_not_told(rig: Rig) -> None:
    rig.customer(ANN, "C2", name="李建国")
    called = call_a_person(rig)
    claim(rig.service, called, "li")
    with pytest.raises(ValueError, match="several customers"):
        reveal(rig.service, called, "li", "name")


@pytest.mark.parametrize(("body", "wrong"), [("  ", "empty"), ("长" * 2001, "2001 characters")])
def test_a_note_has_words(rig: Rig, body: str, wrong: str) -> None:
    called = call_a_person(rig)
    with pytest.raises(ValueError, match=wrong):
        add_note(rig.service, called, "li", body)


def test_an_angry_customer_comes_first(rig: Rig) -> None:
    calm, angry = call_a_person(rig), call_a_person(rig, BEN, "我要投诉你们，马上给我转人工！！！")
    assert ticket(rig, angry).priority > ticket(rig, calm).priority
    rig.say(ANN, "太过分了！等了半天没人理，我要投诉！！！")
    assert ticket(rig, calm).mood == "angry"
