"""When a turn or the database fails: the text is kept, its customer's other texts keep their order, a person hears."""

from __future__ import annotations

from app.gateways.network import INBOUND_PATH
from app.store import tables
from tests.laws.bench import Bench
from tests.laws.cast import LI, WANG, invite


def said(bench: Bench, phone: str) -> str:
    """Everything that a handset has received, in one string."""
    return "\n".join(sent.body for sent in bench.network.texts(phone) if sent.to_handset)


def inbound(bench: Bench) -> list[tuple[str, str, int]]:
    return [(row.body, row.state, row.attempts) for row in bench.rows(tables.Inbound)]


def flags(bench: Bench) -> list[tuple[str, str]]:
    return [(row.topic, row.place) for row in bench.rows(tables.Ticket) if row.kind == "flag"]


def test_a_turn_that_fails_is_stored_alone_and_acknowledged(bench: Bench) -> None:
    invite(bench)
    bench.flows.broken.add("repayment")
    gateway_id = bench.network.text_in(WANG, "怎么还款")
    assert bench.deliver(gateway_id, WANG, "怎么还款") == 200
    assert inbound(bench) == [("怎么还款", "waiting", 0)]
    assert [bench.rows(table) for table in (tables.Trace, tables.Message)] == [[], []]
    assert bench.deliver(gateway_id, WANG, "怎么还款") == 200  # a repeat, and no second row
    assert len(inbound(bench)) == 1
    bench.flows.broken.clear()
    bench.pump()
    assert inbound(bench) == [("怎么还款", "taken", 0)]
    assert bench.checker.at_rest() == []


def test_later_texts_wait_behind_it_and_keep_their_order(bench: Bench) -> None:
    invite(bench)
    bench.flows.broken.add("repayment")
    for body in ("怎么还款", "转人工", "明天下午给我打电话"):
        bench.text(WANG, body)
    bench.text(LI, "菜单")  # somebody else is not held up
    assert [state for _, state, _ in inbound(bench)] == ["waiting", "waiting", "waiting", "taken"]
    bench.flows.broken.clear()
    bench.pump()
    heard = [row.inbound_id for row in bench.rows(tables.Trace) if row.event == "heard" and row.phone == WANG]
    assert heard == sorted(heard)
    assert len(heard) == 3
    bench.settle()
    assert bench.checker.at_rest() == []


def test_after_three_failures_a_person_hears_of_it_and_the_next_text_goes_on(bench: Bench) -> None:
    invite(bench)
    bench.flows.broken.add("repayment")
    bench.text(WANG, "怎么还款")
    bench.text(WANG, "TD")
    for failures in (1, 2):
        bench.pump()
        assert inbound(bench)[0] == ("怎么还款", "waiting", failures)
        assert flags(bench) == []
        bench.clock.advance(seconds=6)
    bench.pump()
    failed = bench.rows(tables.Inbound)[0]
    assert (failed.state, failed.attempts, failed.reason) == ("failed", 3, "RuntimeError")
    assert flags(bench) == [("failed_text", f"inbound:{failed.id}")]
    assert [(row.scope, row.verdict) for row in bench.rows(tables.Consent)] == [("commercial", "refused")]
    bench.clock.advance(seconds=2)
    bench.pump()
    assert "已为您转接" in said(bench, WANG)  # the customer is not left without a word
    bench.settle()
    assert bench.checker.at_rest() == []


def test_a_failed_text_blocks_nothing_even_when_calling_a_person_fails_as_well(bench: Bench) -> None:
    """The flow that talks about it is broken too: the ticket is written all the same, and the next text goes on."""
    invite(bench)
    bench.flows.broken |= {"repayment", "human"}
    bench.text(WANG, "怎么还款")
    bench.text(WANG, "TD")
    bench.text(LI, "怎么还款")
    for _ in range(3):
        bench.pump()
        bench.clock.advance(seconds=6)
    assert [(body, state) for body, state, _ in inbound(bench)] == [
        ("怎么还款", "failed"),
        ("TD", "taken"),
        ("怎么还款", "failed"),
    ]
    assert [topic for topic, _ in flags(bench)] == ["failed_text", "failed_text"]
    assert bench.bugs == []
    bench.settle()
    assert bench.checker.at_rest() == []


def test_a_desk_that_fails_costs_the_turn_and_not_the_text(bench: Bench) -> None:
    """The database refuses the customer's tickets: nothing of the turn stays, and it works once it is mended."""
    invite(bench)
    bench.break_inserts("tickets", WANG)
    bench.text(WANG, "转人工")
    assert inbound(bench) == [("转人工", "waiting", 0)]
    assert bench.rows(tables.Timer) == []
    bench.job("inbox")
    bench.mend("tickets")
    bench.clock.advance(seconds=6)
    bench.pump()
    assert inbound(bench) == [("转人工", "taken", 1)]
    assert len(bench.rows(tables.Ticket)) == 1
    assert bench.checker.faults() == []


def test_a_number_whose_failures_cannot_be_written_holds_up_no_other(bench: Bench) -> None:
    invite(bench)
    bench.break_inserts("tickets", WANG)
    bench.text(WANG, "转人工")
    bench.flows.broken.add("repayment")
    bench.text(LI, "怎么还款")
    bench.flows.broken.clear()
    for _ in range(4):
        bench.job("inbox")
        bench.clock.advance(seconds=6)
    assert inbound(bench)[1] == ("怎么还款", "taken", 0)
    bench.mend("tickets")
    bench.settle()
    assert bench.checker.at_rest() == []


def test_a_text_that_cannot_be_stored_is_refused_and_leaves_nothing(bench: Bench) -> None:
    invite(bench)
    bench.break_inserts("inbound", WANG)
    gateway_id = bench.network.text_in(WANG, "TD")
    assert bench.deliver(gateway_id, WANG, "TD") == 503
    for table in (tables.Inbound, tables.Conversation, tables.Trace, tables.Message, tables.Consent):
        assert bench.rows(table) == [], table
    bench.mend("inbound")
    bench.clock.advance(seconds=2)
    bench.carry()  # the network tries again by itself
    assert inbound(bench) == [("TD", "taken", 0)]
    bench.settle()
    assert bench.checker.at_rest() == []


def test_a_text_is_stored_even_when_its_conversation_cannot_be_had(bench: Bench) -> None:
    bench.break_inserts("conversations", WANG)
    assert bench.deliver(bench.network.text_in(WANG, "TD"), WANG, "TD") == 200
    assert inbound(bench) == [("TD", "waiting", 0)]
    bench.mend("conversations")
    bench.pump()
    assert inbound(bench) == [("TD", "taken", 0)]
    bench.settle()
    assert bench.checker.at_rest() == []


def test_a_timer_that_fails_holds_up_no_other(bench: Bench) -> None:
    invite(bench)
    for phone in (WANG, LI):
        bench.say(phone, "转人工")
    bench.break_inserts("messages", WANG)
    bench.wait(seconds=31)
    assert bench.bugs == []
    assert {row.phone for row in bench.rows(tables.Timer) if row.name == "promise"} == {WANG}
    bench.mend("messages")
    bench.settle()
    assert [row for row in bench.rows(tables.Timer) if row.name == "promise"] == []
    assert bench.checker.at_rest() == []


def test_a_bank_answer_that_fails_holds_up_no_other(bench: Bench) -> None:
    invite(bench)
    for phone in (WANG, LI):
        bench.say(phone, "我还有多少额度")
        bench.text(phone, bench.code(phone))
    bench.break_inserts("messages", WANG)
    bench.job("bank")
    bench.mend("messages")
    bench.clock.advance(seconds=1)
    bench.pump()
    assert "61,000.00" in said(bench, LI)
    bench.settle()
    assert bench.checker.at_rest() == []


def test_a_send_that_cannot_be_written_down_holds_up_no_other(bench: Bench) -> None:
    """Both are claimed together: the second is sent although the first one's outcome cannot be noted."""
    invite(bench)
    for phone in (WANG, LI):
        bench.text(phone, "菜单")
    bench.break_updates("messages", WANG, "handed")
    bench.job("outbox")
    bench.mend("messages")
    assert len(said(bench, LI)) > 0
    bench.settle()
    assert bench.checker.at_rest() == []
    assert said(bench, WANG).count("回复数字") <= 1


def test_the_inbound_webhook_is_the_one_the_network_calls(bench: Bench) -> None:
    """`deliver` stands for the network: if their paths part, the tests above would prove nothing."""
    bench.text(WANG, "菜单")
    assert INBOUND_PATH == "/webhooks/simulator/inbound"
    assert len(inbound(bench)) == 1
