"""Whose number it is: shared, somebody else's, or nobody's; nothing is told to the wrong one (A14, law 10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.store import outbox, tables
from app.store.outbox import NewMessage
from tests.handlers.talk import ANN, BEN, code_in, last, only, prove, topics
from tests.rig import Rig

FIGURES = ("43,210", "66,666")


@pytest.fixture
def shared(rig: Rig) -> Rig:
    """A couple with one telephone."""
    rig.customer(ANN, "C1", name="王建国", title="先生", card_last4="0012", available_limit=43210)
    rig.customer(ANN, "C2", name="欧阳娜", title="女士", card_last4="2222", available_limit=66666)
    return rig


def said(rig: Rig) -> str:
    return " ".join(row.body for row in rig.rows(tables.Message))


# Several customers on one number.


def test_the_tail_is_asked_for_and_nobody_is_named(shared: Rig) -> None:
    (words,) = shared.say(ANN, "我还有多少额度")
    assert "后四位" in words
    for name in ("王", "欧阳", "先生", "女士", "0012", "2222"):
        assert name not in said(shared)


@pytest.mark.parametrize(("tail", "figure", "other"), [("0012", *FIGURES), ("2222", *reversed(FIGURES))])
def test_the_tail_decides_whose_figure_is_told(shared: Rig, tail: str, figure: str, other: str) -> None:
    shared.say(ANN, "ED")
    (words,) = shared.say(ANN, code_in(shared.say(ANN, tail)))
    assert figure in words
    assert other not in words
    assert "王先生" not in words or tail == "0012"
    assert "欧阳女士" not in words or tail == "2222"


def test_the_tail_may_come_with_the_command(shared: Rig) -> None:
    (words,) = shared.say(ANN, code_in(shared.say(ANN, "CCED#2222")))
    assert FIGURES[1] in words


def test_a_tail_of_neither_gets_no_code(shared: Rig) -> None:
    shared.say(ANN, "ED")
    (words,) = shared.say(ANN, "9999")
    assert "没有查到这个尾号" in words
    assert shared.rows(tables.OneTimeCode) == []


def test_one_proof_does_not_open_the_others_figure(shared: Rig) -> None:
    prove(shared, ANN, "CCED#0012")
    answers = shared.say(ANN, "CCED#2222")
    assert all(FIGURES[1] not in words for words in answers)
    assert all(question.customer_id == "C1" for question in shared.bank.asked)


def test_a_greeting_names_nobody_on_a_shared_number(shared: Rig) -> None:
    for body in ("您好", "怎么还钱", "还不上怎么办", "给我回个电话", "转人工"):
        shared.say(ANN, body)
    assert not any(name in said(shared) for name in ("王", "欧阳"))


# Nobody's number.


@pytest.mark.parametrize("command", ["ED", "ZD", "CCED#8000", "我还有多少额度"])
def test_a_stranger_gets_the_path_and_no_code(rig: Rig, command: str) -> None:
    rig.customer(BEN)
    (words,) = rig.say(ANN, command)
    assert "手机银行" in words
    assert rig.rows(tables.OneTimeCode) == rig.rows(tables.BankQuestion) == []


def test_the_number_of_a_customer_who_is_gone_is_a_strangers(rig: Rig) -> None:
    rig.customer(ANN)
    with rig.service.database.begin() as connection:
        connection.exec_driver_sql("UPDATE phone_bindings SET ended_at = bound_at, ended_because = 'import'")
    rig.say(ANN, "ED")
    assert rig.rows(tables.OneTimeCode) == []


def test_a_proof_ends_with_the_binding(rig: Rig) -> None:
    """The bank's file takes the number away from the customer within the ten minutes of the proof."""
    rig.customer(ANN)
    prove(rig)
    with rig.service.database.begin() as connection:
        connection.exec_driver_sql("UPDATE phone_bindings SET ended_at = bound_at, ended_because = 'import'")
    assert all("50,000" not in words and "5,360" not in words for words in rig.say(ANN, "ZD") + rig.say(ANN, "ED"))


# The wrong person.


def queue(rig: Rig, purpose: str, lane: int) -> int:
    now = rig.clock()
    new = NewMessage(
        ANN, purpose, lane, "t", "【示例银行】王先生", 1, now + timedelta(hours=1), now + timedelta(hours=9)
    )
    with rig.service.database.begin() as connection:
        return outbox.queue(connection, new, now)


@pytest.fixture
def disowned(rig: Rig) -> Rig:
    rig.customer(ANN)
    prove(rig)
    for purpose, lane in (("reminder", 1), ("service", 1), ("commercial", 2)):
        queue(rig, purpose, lane)
    (words,) = rig.say(ANN, "你们发错人了，我不认识王建国")
    assert "抱歉" in words
    assert "王" not in words
    return rig


def test_a_wrong_person_is_told_nothing_and_every_personal_text_stops(disowned: Rig) -> None:
    (binding,) = disowned.rows(tables.PhoneBinding)
    assert (binding.ended_at, binding.ended_because) == (disowned.clock(), "wrong_person")
    scopes = {(row.scope, row.verdict, row.source) for row in disowned.rows(tables.Consent)}
    assert scopes == {("commercial", "refused", "wrong_person"), ("reminders", "refused", "wrong_person")}
    queued = [row for row in disowned.rows(tables.Message) if row.template == "t"]
    assert {row.state for row in queued} == {"withdrawn"}
    disowned.wait(hours=2)
    assert disowned.answers(ANN) == []


def test_the_owners_team_hears_of_a_wrong_person(disowned: Rig) -> None:
    assert topics(disowned) == [("wrong_person", "waiting")]


def test_a_wrong_person_gets_no_figure_although_somebody_proved_himself_here(disowned: Rig) -> None:
    for body in ("ED", "我还有多少额度", "1", "ZD", "2"):
        answers = disowned.say(ANN, body)
        assert not any(word in " ".join(answers) for word in ("王", "50,000", "5,360", "8000", "验证码 ")), body
    assert len(disowned.rows(tables.OneTimeCode)) == 1


def test_a_wrong_person_may_still_ask_for_what_concerns_anybody(disowned: Rig) -> None:
    assert "1手机银行" in only(disowned.say(ANN, "怎么还钱"))


def test_what_was_open_is_not_resumed_for_a_wrong_person(rig: Rig) -> None:
    rig.customer(ANN)
    for body in ("怎么还钱", "1"):
        rig.say(ANN, body)
    (words,) = rig.say(ANN, "打错了，我不是王建国")
    assert "(1/" not in words


def test_an_answer_of_the_bank_that_comes_after_the_wrong_person_is_not_told(rig: Rig) -> None:
    rig.customer(ANN)
    rig.text(ANN, code_in(rig.say(ANN, "ED")))
    rig.text(ANN, "你们发错人了")
    assert all("50,000" not in words for words in rig.answers(ANN))


def test_saying_it_twice_is_one_ticket(disowned: Rig) -> None:
    disowned.wait(minutes=5)
    disowned.say(ANN, "都说了发错人了")
    assert topics(disowned) == [("wrong_person", "waiting")]


def test_a_stranger_is_nobodys_wrong_person(rig: Rig) -> None:
    assert "抱歉" in only(rig.say(ANN, "你们发错人了"))
    assert topics(rig) == []
    assert last(rig).state == "handed"
