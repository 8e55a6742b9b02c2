"""The checker is worth something only if it sees every breach: each law is broken here on purpose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.gateways.faults import Fault, Kind
from app.gateways.port import OutboundText
from tests.laws.bench import Bench
from tests.laws.cast import LI, NOBODY, WANG, invite

Breach = Callable[[Bench], None]


def do(bench: Bench, *statements: str, **values: Any) -> None:
    """Changes rows behind the program's back."""
    with bench.outside.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), values)


def busy_day(bench: Bench) -> None:
    """Something of everything, without a fault."""
    invite(bench)
    bench.say(WANG, "我还有多少额度")
    bench.say(WANG, bench.code(WANG))
    bench.say(LI, "明天下午给我打电话")
    bench.say(LI, "1")
    bench.say(NOBODY, "转人工")
    bench.say(LI, "TD")
    bench.say(LI, "怎么还款")
    bench.wait(seconds=2)


def send(bench: Bench, phone: str, body: str, message_id: int) -> None:
    """A text of ours reaches the network past our own outbox."""
    url = f"http://bank.test/webhooks/simulator/status/{message_id}"
    bench.network.accept(OutboundText(message_id, phone, body, timedelta(minutes=5), url))


def last(bench: Bench, table: str, where: str = "1 = 1") -> int:
    with bench.outside.begin() as connection:
        found = connection.execute(text(f"SELECT max(id) FROM {table} WHERE {where}")).scalar_one()
    return int(found)


def lose_a_text(bench: Bench) -> None:
    do(bench, "DELETE FROM inbound WHERE id = (SELECT max(id) FROM inbound)")


def fail_in_silence(bench: Bench) -> None:
    turn = last(bench, "inbound")
    do(bench, "UPDATE inbound SET state = 'failed' WHERE id = :id", "DELETE FROM trace WHERE inbound_id = :id", id=turn)


def take_twice(bench: Bench) -> None:
    copy = "INSERT INTO trace (phone, inbound_id, event, detail, at) SELECT phone, inbound_id, event, detail, at"
    do(bench, f"{copy} FROM trace WHERE inbound_id = :id", id=last(bench, "inbound"))


def take_out_of_order(bench: Bench) -> None:
    first, second = last(bench, "inbound", f"phone = '{LI}'"), last(bench, "inbound", f"phone = '{LI}'") - 1
    do(bench, "UPDATE trace SET inbound_id = -1 WHERE inbound_id = :first", first=first)
    do(bench, "UPDATE trace SET inbound_id = :first WHERE inbound_id = :second", first=first, second=second)
    do(bench, "UPDATE trace SET inbound_id = :second WHERE inbound_id = -1", second=second)


def overtake_a_waiting_text(bench: Bench) -> None:
    do(bench, "UPDATE inbound SET state = 'waiting' WHERE id = :id", id=last(bench, "inbound", f"phone = '{LI}'") - 1)


def forget_the_trace(bench: Bench) -> None:
    do(bench, "DELETE FROM trace WHERE id = (SELECT max(id) FROM trace)")


def move_without_a_turn(bench: Bench) -> None:
    bench.checker.observe()
    do(bench, "UPDATE conversations SET version = version + 1 WHERE phone = :phone", phone=LI)


def lose_the_answer(bench: Bench) -> None:
    do(bench, "DELETE FROM messages WHERE id = :id", id=last(bench, "messages", "purpose = 'answer'"))


def lose_the_code(bench: Bench) -> None:
    do(bench, "DELETE FROM one_time_codes")


def ask_without_a_turn(bench: Bench) -> None:
    do(bench, "UPDATE bank_questions SET asked_at = :at", at="2026-06-10 01:00:00+00:00")


def lose_the_timer(bench: Bench) -> None:
    do(bench, "DELETE FROM timers WHERE name = 'callback_missed'")


def keep_a_timer_of_nothing(bench: Bench) -> None:
    do(bench, "DELETE FROM callbacks")


def advertise_past_the_claim(bench: Bench) -> None:
    """As a claim without its consent check would: the outbox's state is written by hand."""
    message = bench.advertise(LI)
    do(bench, "UPDATE messages SET state = 'sending' WHERE id = :id", id=message)
    send(bench, LI, "优惠", message)


def advertise_against_the_ledger(bench: Bench) -> None:
    """The refusal came from the gateway, so no text of the customer's tells of it."""
    record = "INSERT INTO consents (phone, scope, verdict, source, evidence, at)"
    do(bench, f"{record} VALUES (:phone, 'gateway', 'refused', 'gateway', '', '2026-06-10 02:00:00+00:00')", phone=WANG)
    bench.checker.observe()
    advertised = bench.advertise(WANG)
    bench.say(NOBODY, "你好")
    send(bench, WANG, "优惠", advertised)


def send_again(bench: Bench) -> None:
    """As a blind repeat after a timeout would."""
    bench.network.plan(Fault(Kind.SILENT), LI)
    bench.text(LI, "菜单")
    bench.drain()
    do(bench, "UPDATE messages SET state = 'queued' WHERE state = 'unsettled'")
    bench.drain()


def believe_it_left(bench: Bench) -> None:
    do(bench, "UPDATE messages SET gateway_id = 'SIM-never' WHERE id = :id", id=last(bench, "messages"))


def forget_that_it_left(bench: Bench) -> None:
    do(bench, "UPDATE messages SET gateway_id = NULL WHERE id = :id", id=last(bench, "messages"))


def let_the_status_fall(bench: Bench) -> None:
    bench.checker.observe()
    do(bench, "UPDATE messages SET status = 3 WHERE status = 40")


def replace_the_final_status(bench: Bench) -> None:
    bench.checker.observe()
    do(bench, "UPDATE messages SET status = 41 WHERE status = 40")


def ignore_a_receipt(bench: Bench) -> None:
    do(bench, "UPDATE messages SET status = 1 WHERE status = 40")


def tell_without_a_code(bench: Bench) -> None:
    send(bench, LI, "可用额度61,000.00元", last(bench, "messages", f"phone = '{LI}'"))


def tell_too_late(bench: Bench) -> None:
    bench.clock.advance(minutes=11)
    send(bench, WANG, "可用额度50,000.00元", last(bench, "messages", f"phone = '{WANG}'"))


def tell_what_may_arrive_too_late(bench: Bench) -> None:
    bench.clock.advance(minutes=7)
    send(bench, WANG, "可用额度50,000.00元", last(bench, "messages", f"phone = '{WANG}'"))


def tell_somebody_elses(bench: Bench) -> None:
    send(bench, WANG, "可用额度61,000.00元", last(bench, "messages", f"phone = '{WANG}'"))


def tell_after_the_number_moved(bench: Bench) -> None:
    do(bench, "UPDATE phone_bindings SET ended_at = bound_at WHERE phone = :phone", phone=WANG)
    send(bench, WANG, "可用额度50,000.00元", last(bench, "messages", f"phone = '{WANG}'"))


def leave_a_send_open(bench: Bench) -> None:
    do(bench, "UPDATE messages SET state = 'sending' WHERE id = :id", id=last(bench, "messages"))


def leave_a_text_waiting(bench: Bench) -> None:
    turn = last(bench, "inbound")
    do(
        bench,
        "UPDATE inbound SET state = 'waiting' WHERE id = :id",
        "DELETE FROM trace WHERE inbound_id = :id",
        id=turn,
    )


BREACHES: list[tuple[int, Breach]] = [
    (1, lose_a_text),
    (1, fail_in_silence),
    (1, leave_a_text_waiting),
    (2, take_twice),
    (3, take_out_of_order),
    (3, overtake_a_waiting_text),
    (4, forget_the_trace),
    (4, move_without_a_turn),
    (4, lose_the_answer),
    (4, lose_the_code),
    (4, ask_without_a_turn),
    (4, lose_the_timer),
    (4, keep_a_timer_of_nothing),
    (5, advertise_past_the_claim),
    (5, advertise_against_the_ledger),
    (7, send_again),
    (7, believe_it_left),
    (7, forget_that_it_left),
    (7, leave_a_send_open),
    (8, let_the_status_fall),
    (8, replace_the_final_status),
    (8, ignore_a_receipt),
    (10, tell_without_a_code),
    (10, tell_too_late),
    (10, tell_what_may_arrive_too_late),
    (10, tell_somebody_elses),
    (10, tell_after_the_number_moved),
]


def test_an_honest_day_has_no_fault(bench: Bench) -> None:
    busy_day(bench)
    bench.advertise(WANG)
    bench.advertise(LI)
    bench.settle()
    assert bench.checker.at_rest() == []
    assert bench.bugs == []


@pytest.mark.parametrize(("law", "breach"), BREACHES, ids=lambda value: getattr(value, "__name__", str(value)))
@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_breach_is_seen(bench: Bench, law: int, breach: Breach) -> None:
    busy_day(bench)
    assert bench.checker.at_rest() == []
    breach(bench)
    assert law in {fault.law for fault in bench.checker.at_rest()}


def test_breaches_are_seen_on_either_database(bench: Bench) -> None:
    """What reads moments and JSON is written once and must see as well on both."""
    busy_day(bench)
    for breach in (tell_without_a_code, send_again, advertise_past_the_claim, let_the_status_fall, take_twice):
        breach(bench)
    lose_the_answer(bench)
    lose_a_text(bench)
    assert {fault.law for fault in bench.checker.at_rest()} >= {1, 2, 4, 5, 7, 8, 10}


def test_a_text_that_was_never_acknowledged_may_be_lost(bench: Bench) -> None:
    busy_day(bench)
    bench.network.text_in(LI, "你好")
    assert bench.checker.at_rest() == []
