"""What must not leave although it was queued: offers after a refusal, figures after their proof (laws 5 and 10)."""

from __future__ import annotations

from app.store import tables
from tests.laws.bench import Bench
from tests.laws.cast import FIGURES, LI, TWO_CARDS, WANG, invite


def said(bench: Bench, phone: str) -> str:
    """Everything that a handset has received, in one string."""
    return "\n".join(sent.body for sent in bench.network.texts(phone) if sent.to_handset)


def inbound(bench: Bench) -> list[tuple[str, str, int]]:
    return [(row.body, row.state, row.attempts) for row in bench.rows(tables.Inbound)]


def test_a_refusal_that_waits_for_its_turn_holds_offers_back(bench: Bench) -> None:
    """It is acknowledged, so nothing commercial may leave, although the ledger does not know it yet (law 5)."""
    invite(bench)
    bench.advertise(WANG)
    bench.advertise(LI)
    bench.flows.broken.add("repayment")
    bench.text(WANG, "怎么还款")
    bench.text(WANG, "TD")
    assert [state for _, state, _ in inbound(bench)] == ["waiting", "waiting"]
    bench.job("outbox")
    assert "优惠" not in said(bench, WANG)
    assert "优惠" in said(bench, LI)
    bench.settle()
    assert "优惠" not in said(bench, WANG)
    assert bench.checker.at_rest() == []


def test_an_offer_that_waited_for_another_text_leaves_afterwards(bench: Bench) -> None:
    invite(bench)
    bench.advertise(WANG)
    bench.flows.broken.add("repayment")
    bench.text(WANG, "怎么还款")
    bench.job("outbox")
    assert "优惠" not in said(bench, WANG)
    bench.settle()
    assert "优惠" in said(bench, WANG)


def test_a_refusal_whose_own_turn_fails_for_good_still_takes_effect(bench: Bench) -> None:
    """All clear refusals take effect, in any state (A4): also when the conversation is past mending."""
    invite(bench)
    bench.advertise(WANG)
    bench.break_inserts("messages", WANG)  # no turn that says something can commit
    bench.text(WANG, "TD")
    for _ in range(4):
        bench.pump()
        bench.clock.advance(seconds=6)
    bench.mend("messages")
    bench.settle()
    assert "优惠" not in said(bench, WANG)
    assert bench.checker.at_rest() == []


def test_a_number_that_moved_while_the_bank_was_asked_hears_no_figure(bench: Bench) -> None:
    """The bank's file gave the number to somebody else between question and answer (law 10)."""
    invite(bench)
    bench.say(WANG, "我还有多少额度")
    bench.text(WANG, bench.code(WANG))
    assert [row.state for row in bench.rows(tables.BankQuestion)] == ["open"]
    bench.move_number(WANG)
    bench.settle()
    assert "50,000.00" not in said(bench, WANG)
    assert bench.checker.at_rest() == []


def test_a_number_that_moved_before_the_figure_left_hears_none(bench: Bench) -> None:
    invite(bench)
    bench.say(WANG, "我还有多少额度")
    bench.text(WANG, bench.code(WANG))
    bench.job("bank")
    assert [row.state for row in bench.rows(tables.Message) if row.figures] == ["queued"]
    bench.move_number(WANG, "C2")
    bench.settle()
    assert "50,000.00" not in said(bench, WANG)
    assert bench.checker.at_rest() == []


def test_a_figure_that_was_held_up_past_its_proof_is_not_told(bench: Bench) -> None:
    """The gateway was busy for so long that the code is older than ten minutes when the text could leave (law 10)."""
    invite(bench)
    bench.say(WANG, "我还有多少额度")
    bench.say(WANG, bench.code(WANG))
    bench.clock.advance(minutes=9)
    bench.text(WANG, "我还有多少额度")
    bench.job("bank")
    bench.clock.advance(minutes=2)
    bench.job("outbox")
    assert said(bench, WANG).count("50,000.00") == 1
    bench.settle()
    assert bench.checker.at_rest() == []


def test_a_secret_sent_after_the_proof_is_over_costs_no_turn(bench: Bench) -> None:
    """The open question holds a figure that may be told no more: the warning is, and the question stays open."""
    bench.customer(WANG, available_limit=50000, overdue_days=12)
    bench.checker.figures.update(FIGURES)
    bench.say(WANG, "这个月要还多少")
    bench.say(WANG, bench.code(WANG))
    bench.clock.advance(minutes=11)
    bench.say(WANG, "我的密码是827364")
    assert [state for _, state, _ in inbound(bench)] == ["taken"] * 3
    assert said(bench, WANG).count("5,360.00") == 1
    assert (row := bench.rows(tables.Conversation)[0]).flow == "owed", row.step
    assert bench.checker.faults() == []


def test_a_process_that_stood_still_after_its_claim_sends_nothing(bench: Bench) -> None:
    """Its lease is over, the refusal came, and the figure's proof has ended: it must not go on where it stood."""
    invite(bench)
    bench.say(WANG, "我还有多少额度")
    bench.text(WANG, bench.code(WANG))
    bench.job("bank")
    bench.advertise(LI)

    def stand_still() -> None:
        bench.clock.advance(minutes=11)
        bench.text(LI, "TD")

    bench.drain(at=1, meanwhile=stand_still)
    assert "50,000.00" not in said(bench, WANG)
    assert "优惠" not in said(bench, LI)
    bench.settle()
    assert bench.checker.at_rest() == []
    assert "优惠" not in said(bench, LI)


def test_two_cards_on_one_number_are_told_apart(bench: Bench) -> None:
    """A code passed for one customer of a shared number opens nobody else's figures."""
    invite(bench)
    bench.say(TWO_CARDS, "我还有多少额度")
    bench.say(TWO_CARDS, "8002")
    bench.say(TWO_CARDS, bench.code(TWO_CARDS))
    assert "72,000.00" in said(bench, TWO_CARDS)
    bench.say(TWO_CARDS, "CCED#8003")
    assert "83,000.00" not in said(bench, TWO_CARDS)
    assert bench.checker.faults() == []
