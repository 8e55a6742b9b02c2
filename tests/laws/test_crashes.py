"""The process dies at every single moment of its work: before each statement, around each COMMIT, send and question.

A transaction shows nothing or everything of itself afterwards (law 4), and once another process has taken over, what
reached the customer is what would have reached her without the crash (laws 1, 2 and 7).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import inspect, text

from app.gateways.faults import Fault, Kind
from app.handlers.agent_acted import claim, release, reply
from app.handlers.bank_answered import ask_bank
from app.handlers.service import Service
from app.handlers.text_leaves import drain
from app.handlers.text_looked_up import look_up_open
from app.handlers.time_passed import end_silences, ring_timers, take_waiting_texts
from app.store import tables
from tests.laws.bench import CODE, NO_ANSWER, SHORT, Bench
from tests.laws.cast import LI, WANG, invite
from tests.laws.crashes import Crash

Snapshot = dict[str, list[tuple[Any, ...]]]
Act = Callable[[Service], object]
MakeBench = Callable[..., Bench]
SHARP = {"before commit", "after commit", "before send", "after send", "before the bank", "after the bank"}
"""Where a death leaves a job half done; anywhere else it falls back to one of these."""


def snapshot(bench: Bench) -> Snapshot:
    """Every row of every table."""
    with bench.service.database.begin() as connection:
        names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
        return {name: sorted(map(tuple, connection.execute(text(f"SELECT * FROM {name}"))), key=repr) for name in names}


def die_everywhere(bench: Bench, act: Callable[[], object]) -> list[str]:
    """Runs `act`, one transaction, until it was let through, dying one moment later each time. Gives the moments.

    Until its COMMIT a death leaves the database as it was; after it, nothing is missing and nothing is left to do.
    """
    moments: list[str] = []
    before = snapshot(bench)
    for after in range(1, 100):
        fuse = bench.processes[0].fuse
        fuse.set(after)
        act()
        if not fuse.burnt:
            fuse.clear()
            break
        moments.append(fuse.passed[-1])
        fuse.clear()
        if moments[-1] == "after commit":
            assert snapshot(bench) != before
            assert bench.checker.faults() == []
        else:
            assert snapshot(bench) == before, moments[-1]
    assert "before commit" in moments
    assert "after commit" in moments
    return moments


def handset(bench: Bench, phone: str) -> list[str]:
    """What the customer has read, with the codes blotted out: they differ from run to run."""
    return [CODE.sub("code", sent.body) for sent in bench.network.texts(phone) if sent.to_handset]


# ---- one transaction: nothing or everything ------------------------------------------------------------------


def ready_for_code(bench: Bench) -> None:
    bench.say(WANG, "我还有多少额度")


def ready_to_book(bench: Bench) -> None:
    bench.say(WANG, "明天下午给我打电话")


def with_offers(bench: Bench) -> None:
    bench.advertise(WANG)
    bench.advertise(WANG)


def with_agent(bench: Bench) -> None:
    bench.say(WANG, "转人工")
    claim(bench.service, 1, "li")


def nothing(_: Bench) -> None:
    return


TEXTS: list[tuple[Callable[[Bench], None], str, set[str]]] = [
    (nothing, "我还有多少额度", {"one_time_codes", "messages"}),
    (ready_for_code, "CODE", {"bank_questions", "one_time_codes"}),
    (ready_for_code, "111111", {"one_time_codes", "messages"}),
    (ready_to_book, "1", {"callbacks", "timers", "messages"}),
    (nothing, "转人工", {"tickets", "timers", "messages"}),
    (with_offers, "TD", {"consents", "messages"}),
    (nothing, "你们发错人了", {"consents", "phone_bindings", "tickets"}),
    (with_agent, "还在吗", {"tickets"}),
]


@pytest.mark.parametrize(("prepare", "body", "changed"), TEXTS, ids=lambda value: getattr(value, "__name__", None))
def test_a_text_takes_effect_as_a_whole_or_not_at_all(
    make_bench: MakeBench, prepare: Callable[[Bench], None], body: str, changed: set[str]
) -> None:
    bench, undisturbed = invite(make_bench(processes=1)), invite(make_bench(processes=1))
    for one in (bench, undisturbed):
        prepare(one)
    before = snapshot(bench)
    words = bench.code(WANG) if body == "CODE" else body
    gateway_id = bench.network.text_in(WANG, words, sid="SIM-crash")
    answers: list[int] = []
    moments = die_everywhere(bench, lambda: answers.append(bench.deliver(gateway_id, WANG, words)))
    after = snapshot(bench)
    assert {name for name in after if after[name] != before[name]} >= {"inbound", "trace", "conversations", *changed}
    assert len(after["inbound"]) == len(before["inbound"]) + 1
    assert len(after["trace"]) == len(before["trace"]) + 1
    assert answers == [NO_ANSWER] * len(moments) + [200]  # the last is the repeat that is acknowledged
    undisturbed.text(WANG, undisturbed.code(WANG) if body == "CODE" else body)
    for one in (bench, undisturbed):
        one.settle(SHORT)
        assert one.checker.at_rest() == []
    assert handset(bench, WANG) == handset(undisturbed, WANG)


def due_silence(bench: Bench) -> Act:
    bench.say(WANG, "怎么还款")
    bench.clock.advance(hours=5)
    return end_silences


def due_promise(bench: Bench) -> Act:
    bench.say(WANG, "转人工")
    bench.clock.advance(seconds=31)
    return ring_timers


def due_reminder(bench: Bench) -> Act:
    bench.say(WANG, "明天下午给我打电话")
    bench.say(WANG, "1")
    bench.clock.advance(hours=27, minutes=35)
    return ring_timers


def missed_callback(bench: Bench) -> Act:
    due_reminder(bench)
    bench.pump()
    bench.clock.advance(hours=2)
    return ring_timers


def waiting_ticket(bench: Bench) -> Act:
    bench.say(WANG, "转人工")
    return lambda service: claim(service, 1, "li")


def answering_agent(bench: Bench) -> Act:
    with_agent(bench)
    return lambda service: reply(service, 1, "li", "您好")


def leaving_agent(bench: Bench) -> Act:
    bench.say(WANG, "怎么还款")
    with_agent(bench)
    return lambda service: release(service, 1, "li")


STEPS = [due_silence, due_promise, due_reminder, missed_callback, waiting_ticket, answering_agent, leaving_agent]


@pytest.mark.parametrize("prepare", STEPS, ids=lambda value: value.__name__)
def test_an_event_takes_effect_as_a_whole_or_not_at_all(bench: Bench, prepare: Callable[[Bench], Act]) -> None:
    """A death after the COMMIT is seen by running the event again: an agent hears that it was done."""
    invite(bench)
    act = prepare(bench)
    before = snapshot(bench)
    fuse = bench.processes[0].fuse
    for after in range(1, 100):
        fuse = bench.processes[0].fuse
        fuse.set(after)
        with pytest.raises(Crash):
            act(bench.service)
        died = fuse.passed[-1]
        bench.restart()
        if died == "after commit" and snapshot(bench) != before:
            break
        assert snapshot(bench) == before, died
    else:
        raise AssertionError("it was never let through")
    assert bench.checker.faults() == []
    bench.settle()
    assert bench.checker.at_rest() == []


@pytest.mark.parametrize("status", ["delivered", "undelivered"])
def test_a_receipt_takes_effect_as_a_whole_or_not_at_all(bench: Bench, status: str) -> None:
    invite(bench)
    bench.advertise(WANG)
    bench.text(WANG, "菜单")
    bench.job("outbox")
    bench.advertise(WANG)
    sent = next(text for text in bench.network.texts(WANG) if text.to_handset)
    code = "21610" if status == "undelivered" else ""
    die_everywhere(bench, lambda: bench.receipt(sent.gateway_id, 1, status, code))
    bench.settle()
    assert bench.checker.at_rest() == []


# ---- several transactions: each death on a bench of its own ----------------------------------------------------


def two_to_send(bench: Bench) -> Act:
    bench.advertise(LI)
    bench.text(WANG, "菜单")
    return drain


def a_send_without_answer(bench: Bench) -> Act:
    bench.network.plan(Fault(Kind.SILENT), WANG)
    bench.text(WANG, "菜单")
    bench.job("outbox")
    bench.clock.advance(seconds=46)
    return look_up_open


def a_question(bench: Bench) -> Act:
    bench.say(WANG, "我还有多少额度")
    bench.text(WANG, bench.code(WANG))
    return ask_bank


def a_text_that_fails(bench: Bench) -> Act:
    bench.flows.broken.add("repayment")
    bench.text(WANG, "怎么还款")
    bench.text(WANG, "TD")
    return take_waiting_texts


def moments_of(bench: Bench, prepare: Callable[[Bench], Act]) -> list[str]:
    """The moments at which a whole job can die."""
    act = prepare(invite(bench))
    fuse = bench.processes[0].fuse
    fuse.clear()
    act(bench.service)
    return list(fuse.passed)


JOBS = [two_to_send, a_send_without_answer, a_question, a_text_that_fails]


@pytest.mark.parametrize("prepare", JOBS, ids=lambda value: value.__name__)
def test_a_job_that_dies_anywhere_is_taken_over(
    make_bench: MakeBench, backend: str, prepare: Callable[[Bench], Act]
) -> None:
    moments = moments_of(make_bench(processes=1), prepare)
    assert {"before commit", "after commit"} <= set(moments)
    for after, moment in enumerate(moments, 1):
        if backend == "postgres" and moment not in SHARP:
            continue
        bench = invite(make_bench(processes=1))
        act = prepare(bench)
        bench.processes[0].fuse.set(after)
        assert bench.run(act) is None
        assert bench.checker.faults() == [], moment
        bench.settle(SHORT)
        assert bench.checker.at_rest() == [], moment
        assert bench.bugs == [], moment


def test_a_send_that_a_death_hid_is_found_and_not_repeated(bench: Bench) -> None:
    """Between the gateway's yes and our note of it: the look-up finds the text, the customer reads it once (law 7)."""
    invite(bench)
    bench.network.plan(Fault(Kind.CALLBACKS_NEVER), WANG)
    bench.text(WANG, "菜单")
    bench.processes[0].fuse.once("after send", _dies)
    bench.job("outbox")
    assert len(handset(bench, WANG)) == 1
    bench.settle()
    assert len(handset(bench, WANG)) == 1
    assert [row.state for row in bench.rows(tables.Message)] == ["handed"]
    assert bench.checker.at_rest() == []


def _dies() -> None:
    raise Crash("after send")
