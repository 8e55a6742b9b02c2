"""Several processes and threads at the same moment, on a real database: what the locks are for."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from app.gateways.port import OutboundText, Outcome
from app.handlers.agent_acted import NotYours, claim
from app.handlers.text_leaves import drain
from app.handlers.time_passed import ring_timers
from app.store import tables
from tests.laws.bench import Bench
from tests.laws.cast import WANG, invite
from tests.laws.crashes import FusedGateway

MakeBench = Callable[..., Bench]


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Runs all acts on threads of their own, let go at the same moment; gives what each gave or raised."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return act()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def phone(n: int) -> str:
    return f"+86138{n:08}"


def heard(bench: Bench) -> list[int]:
    return [row.inbound_id for row in bench.rows(tables.Trace) if row.event == "heard"]


def test_the_same_text_from_eight_sides(bench: Bench) -> None:
    invite(bench)
    for n in range(5):
        gateway_id = bench.network.text_in(WANG, "怎么还款")
        answers = at_once([lambda gateway_id=gateway_id: bench.deliver(gateway_id, WANG, "怎么还款")] * 8)
        assert answers == [200] * 8
        assert len(heard(bench)) == n + 1
    bench.settle()
    assert bench.checker.at_rest() == []


BODIES = ("我还有多少额度", "怎么还款", "明天下午给我打电话", "转人工", "TD", "HF", "你好", "这个月要还多少")


def test_eight_texts_of_one_number_one_at_a_time_in_stored_order(bench: Bench) -> None:
    invite(bench)
    for _ in range(4):
        ids = [(bench.network.text_in(WANG, body), body) for body in BODIES]
        answers = at_once([lambda sent=sent: bench.deliver(sent[0], WANG, sent[1]) for sent in ids])
        assert answers == [200] * 8
    assert heard(bench) == sorted(row.id for row in bench.rows(tables.Inbound))
    versions = [row.version for row in bench.rows(tables.Conversation)]
    assert versions[0] >= 32
    bench.settle()
    assert bench.checker.at_rest() == []


def test_texts_that_fail_among_others_keep_the_order(bench: Bench) -> None:
    """Stored alone after their turn failed, they may not be overtaken by what is stored later."""
    invite(bench)
    for _ in range(6):
        bench.flows.broken |= {"repayment", "callback"}
        ids = [(bench.network.text_in(WANG, body), body) for body in BODIES]
        answers = at_once([lambda sent=sent: bench.deliver(sent[0], WANG, sent[1]) for sent in ids])
        assert answers == [200] * 8
        bench.flows.broken.clear()
        at_once([lambda: bench.job("inbox", 0), lambda: bench.job("inbox", 1)])
        assert bench.checker.faults() == []
    bench.settle()
    assert bench.checker.at_rest() == []
    assert bench.bugs == []


def in_between(act: Callable[[], Any]) -> tuple[Callable[[], None], list[Any]]:
    """Something another process does while the first one is in the middle: started, given a moment, and left running.

    The moment is for a database that lets it go on; one whose locks hold it back goes on when the first is done.
    """
    pool = ThreadPoolExecutor(1)
    running: list[Any] = []

    def start() -> None:
        running.append(pool.submit(act))
        wait(running, timeout=0.5)

    return start, running


def test_a_text_stored_alone_is_not_overtaken_while_it_is_stored(bench: Bench) -> None:
    invite(bench)
    bench.flows.broken.add("repayment")
    first, second = bench.network.text_in(WANG, "怎么还款"), bench.network.text_in(WANG, "TD")
    other = bench.processes[1].app.test_client()
    meanwhile, running = in_between(lambda: bench.deliver(second, WANG, "TD", other))
    fuse = bench.processes[0].fuse
    fuse.once("before commit", meanwhile)  # of the transaction that stores the first text alone
    assert bench.deliver(first, WANG, "怎么还款") == 200
    assert running[0].result(60) == 200
    assert [row.body for row in bench.rows(tables.Inbound)] == ["怎么还款", "TD"]
    assert bench.checker.faults() == []
    bench.settle()
    assert bench.checker.at_rest() == []


def test_a_promise_that_runs_out_does_not_lock_the_agent_out(bench: Bench) -> None:
    """The clock has the timer, the agent has the conversation, each wants the other's: nobody may fail of it."""
    invite(bench)
    bench.say(WANG, "转人工")
    bench.clock.advance(seconds=31)
    meanwhile, running = in_between(lambda: claim(bench.processes[0].service, 1, "li"))
    bench.processes[1].fuse.once("DELETE FROM timers", meanwhile)
    assert ring_timers(bench.processes[1].service) == 1
    assert running[0].result(60) == 31
    assert bench.rows(tables.Timer) == []
    assert bench.checker.faults() == []


def test_a_receipt_that_comes_while_its_text_is_noted_finds_it(bench: Bench) -> None:
    """The callback waits for the row while the send's answer is written down, and must still know the text after."""
    invite(bench)
    bench.text(WANG, "怎么还款")
    message = bench.rows(tables.Message)[-1]

    def told() -> int:
        sent = bench.network.texts(WANG)[-1].gateway_id
        return bench.receipt(sent, message.id, "delivered")

    meanwhile, running = in_between(told)
    bench.processes[1].fuse.once("SELECT receipts", meanwhile)  # handed over, and not committed yet
    bench.job("outbox", 1)
    assert running[0].result(60) == 200
    (receipt,) = bench.rows(tables.Receipt)
    assert receipt.message_id == message.id
    assert bench.rows(tables.Message)[-1].status == receipt.status


def test_drains_claim_disjoint_rows(bench: Bench) -> None:
    for n in range(40):
        bench.advertise(phone(n))
    services = [process.service for process in bench.processes] * 2
    claimed = at_once([lambda service=service: sum(drain(service, 3) for _ in range(20)) for service in services])
    assert sum(claimed) == 40
    taken = Counter(sent.body for n in range(40) for sent in bench.network.texts(phone(n)))
    assert sum(taken.values()) == 40
    bench.settle()
    assert bench.checker.at_rest() == []


def test_a_refusal_races_with_the_claim(bench: Bench, backend: str) -> None:
    """Once the refusal is acknowledged nothing is claimed any more, and nothing is left queued."""
    left_before, times = 0, 200 if backend == "postgres" else 50  # SQLite lets one write after the other anyway
    for n in range(times):
        number = phone(n)
        message = bench.advertise(number)
        gateway_id = bench.network.text_in(number, "TD")
        states: list[str] = []

        def refuse(number: str = number, gateway_id: str = gateway_id, states: list[str] = states) -> None:
            assert bench.deliver(gateway_id, number, "TD") == 200
            states.extend(states_of(bench, number))

        assert at_once([refuse, lambda: drain(bench.processes[1].service)])[0] is None
        drain(bench.processes[1].service)
        assert states[0] in {"sending", "handed", "withdrawn", "withheld"}
        sent = [row.state for row in bench.rows(tables.Message) if row.id == message]
        if states[0] in {"withdrawn", "withheld"}:
            assert sent == states[:1]
        else:
            assert sent == ["handed"]
            left_before += 1
    assert bench.checker.faults() == []
    print(f"{left_before} of {times} were claimed before the refusal was acknowledged")


def states_of(bench: Bench, number: str) -> list[str]:
    with bench.outside.begin() as connection:
        found = connection.execute(text("SELECT state FROM messages WHERE phone = :p ORDER BY id"), {"p": number})
        return list(found.scalars())


def test_one_of_eight_agents_gets_the_ticket(bench: Bench) -> None:
    invite(bench)
    bench.say(WANG, "转人工")
    services = [process.service for process in bench.processes] * 4
    got = at_once([lambda n=n, service=service: claim(service, 1, f"agent{n}") for n, service in enumerate(services)])
    assert [type(outcome) for outcome in got if outcome != 0] == [NotYours] * 7
    assert got.count(0) == 1
    assert bench.checker.faults() == []


def test_an_agent_claims_while_the_promise_runs_out(bench: Bench) -> None:
    """Both touch the ticket's timer and the customer's conversation: neither may fail of the other's lock."""
    for n in range(30):
        bench.say(phone(n), "转人工")
    bench.clock.advance(seconds=31)
    for n in range(30):
        got = at_once(
            [
                lambda n=n: claim(bench.processes[0].service, n + 1, "li"),
                lambda: ring_timers(bench.processes[1].service, 1),
            ]
        )
        assert got[0] == 31
        assert got[1] in {0, 1}
    assert {row.owner for row in bench.rows(tables.Conversation)} == {"agent:li"}
    assert bench.checker.faults() == []


def test_the_last_place_of_a_slot_is_booked_once(make_bench: MakeBench) -> None:
    bench = make_bench(callback_capacity=1)
    for n in range(8):
        bench.say(phone(n), "明天下午给我打电话")
    ids = [(phone(n), bench.network.text_in(phone(n), "1")) for n in range(8)]
    answers = at_once([lambda sent=sent: bench.deliver(sent[1], sent[0], "1") for sent in ids])
    assert answers == [200] * 8
    booked = Counter(row.starts_at for row in bench.rows(tables.Callback) if row.state == "booked")
    assert list(booked.values()) == [1]
    bench.pump()
    assert all(bench.network.texts(phone(n))[-1].to_handset for n in range(8))  # nobody is left without a word
    assert bench.checker.faults() == []


def test_receipts_race_and_the_status_only_rises(bench: Bench) -> None:
    invite(bench)
    for n in range(10):
        bench.advertise(phone(n))
        bench.drain()
        gateway_id = bench.network.texts(phone(n))[0].gateway_id
        receipts = ["sent", "delivered", "queued", "sent", "read", "delivered"]
        acts = [partial(bench.receipt, gateway_id, n + 1, status) for status in receipts]
        assert at_once([*acts, bench.checker.observe, bench.checker.observe])[:6] == [200] * 6
        assert {row.status for row in bench.rows(tables.Message)} == {50}
    bench.settle()
    assert bench.checker.at_rest() == []


class HastyGateway(FusedGateway):
    """Its network calls back with every status before the request that sent the text is answered."""

    bench: Bench

    def send(self, text: OutboundText) -> Outcome:
        outcome = super().send(text)
        self.bench.clock.advance(seconds=2)
        self.bench.carry()
        return outcome


@pytest.mark.parametrize("backend", ["sqlite"])
def test_callbacks_overtake_the_answer_to_the_send(bench: Bench) -> None:
    invite(bench)
    process = bench.processes[1]
    gateway = HastyGateway(bench.gateway, "rig", process.fuse)
    gateway.bench = bench
    bench.text(WANG, "怎么还款")
    assert drain(replace(process.service, gateway=gateway)) == 1
    (message,) = bench.rows(tables.Message)
    assert (message.state, message.status) == ("handed", 40)
    bench.settle()
    assert bench.checker.at_rest() == []
