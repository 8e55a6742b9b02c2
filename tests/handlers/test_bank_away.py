"""A bank that is slow or away: the text is acknowledged at once, and the customer hears something true (law 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.bank.port import Answer, Question
from app.handlers.bank_answered import ask_bank
from app.handlers.time_passed import end_silences
from app.store import tables
from tests.handlers.talk import ANN, BEN, code_in, only, prove
from tests.rig import Rig


@pytest.fixture
def asking(rig: Rig) -> Rig:
    """The customer has passed the code; the bank is about to be asked."""
    rig.customer(ANN)
    code = code_in(rig.say(ANN, "ED"))
    rig.text(ANN, code)
    return rig


def test_the_bank_is_not_asked_before_the_acknowledgement(asking: Rig) -> None:
    assert asking.bank.asked == []
    (question,) = asking.rows(tables.BankQuestion)
    assert (question.question, question.customer_id, question.state) == ("bank.quota", "C1", "open")
    assert [row.state for row in asking.rows(tables.Inbound)] == ["taken", "taken"]
    assert "50,000.00" in only(asking.answers(ANN))
    assert only(asking.bank.asked) == Question("quota", "C1", None)


def test_a_bank_that_is_away_is_asked_twice_and_then_the_truth_is_told(asking: Rig) -> None:
    asking.bank.down = True
    assert asking.answers(ANN) == []
    asking.wait(seconds=2)
    assert "查不到额度" in only(asking.answers(ANN))
    assert len(asking.bank.asked) == 2
    (question,) = asking.rows(tables.BankQuestion)
    assert (question.state, question.reason, question.attempts) == ("failed", "switched off", 2)
    asking.wait(minutes=10)
    assert asking.answers(ANN) == []


def test_a_bank_that_comes_back_is_heard(asking: Rig) -> None:
    asking.bank.down = True
    asking.pump()
    asking.bank.down = False
    asking.wait(seconds=2)
    assert "50,000.00" in only(asking.answers(ANN))


def test_the_next_question_finds_the_bank_again_without_a_new_code(asking: Rig) -> None:
    asking.bank.down = True
    asking.wait(seconds=2)
    asking.answers(ANN)
    asking.bank.down = False
    assert "50,000.00" in only(asking.say(ANN, "ED"))


@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyError("phone"), TimeoutError()])
def test_an_adapter_that_breaks_is_a_bank_that_is_away(asking: Rig, error: Exception) -> None:
    class Broken:
        def answer(self, question: Question) -> Answer:
            raise error

    asking.bank.beneath = Broken()
    asking.pump()
    asking.wait(seconds=2)
    assert "查不到额度" in only(asking.answers(ANN))


def slowly(rig: Rig, seconds: float) -> None:
    """The bank takes its time, and the clock's own work goes on meanwhile."""

    def spread(act: Callable[[Any], None], rows: Iterable[Any]) -> None:
        for row in rows:
            rig.clock.advance(seconds=seconds)
            end_silences(rig.service)
            act(row)

    assert ask_bank(rig.service, spread=spread)


def test_a_bank_slower_than_our_patience_is_not_waited_for(asking: Rig) -> None:
    slowly(asking, 31)
    assert "查不到额度" in only(asking.answers(ANN))
    asking.wait(minutes=5)
    assert asking.answers(ANN) == []  # what it said in the end is old, and nobody waits for it


def test_an_answer_within_our_patience_is_told(asking: Rig) -> None:
    slowly(asking, 29)
    assert "50,000.00" in only(asking.answers(ANN))


def test_a_customer_who_asks_something_else_meanwhile_is_answered(asking: Rig) -> None:
    asking.bank.down = True
    asking.pump()
    assert "1手机银行" in only(asking.say(ANN, "怎么还钱"))
    asking.bank.down = False
    asking.wait(seconds=2)
    assert all("50,000" not in words for words in asking.answers(ANN))


def test_a_bank_slower_than_the_proof_tells_no_figure(asking: Rig) -> None:
    """The ten minutes count when the figure is told, not when it was asked for (law 10)."""
    asking.wait(seconds=0)
    asking.answers(ANN)
    asking.clock.advance(minutes=9, seconds=50)
    asking.text(ANN, "ED")
    slowly(asking, 20)
    (words,) = asking.answers(ANN)
    assert "验证码" in words
    assert "50,000" not in words


def test_an_answer_that_cannot_be_told_holds_up_no_other(asking: Rig) -> None:
    """Its conversation is broken: the lease brings it back a few times, and then it is given up."""
    asking.customer(BEN, "C2")
    with asking.service.database.begin() as connection:
        connection.execute(update(tables.Conversation).values(memory={"guard": "broken"}))
    asking.text(BEN, code_in(asking.say(BEN, "ED")))
    asking.pump()
    assert "50,000.00" in only(asking.answers(BEN))
    for _ in range(9):
        asking.wait(seconds=45)
    states = [(row.phone, row.state) for row in asking.rows(tables.BankQuestion)]
    assert states == [(ANN, "failed"), (BEN, "answered")]
    assert len(asking.bank.asked) < 8


def test_a_question_of_a_process_that_died_is_asked_by_another(asking: Rig) -> None:
    ask_bank(asking.service, spread=lambda act, rows: None)
    asking.pump()
    assert asking.bank.asked == []
    asking.clock.advance(seconds=40)
    assert ask_bank(asking.service) == 1


def test_a_figure_that_the_bank_does_not_have(rig: Rig) -> None:
    rig.customer(ANN, available_limit=None, credit_limit=None)
    assert "没有可用的贷款额度" in only(prove(rig))
    rig.clock.advance(minutes=1)
    rig.customer(BEN, "C2", limit_expires_on=(rig.clock() - timedelta(days=1)).date())
    assert "到期" in only(prove(rig, BEN))
