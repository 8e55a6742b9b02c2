"""Calling back (A7): one agent at a time, two tries, then a text that says so; and how the promises were kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.handlers import callbacks_called
from app.handlers.callbacks_called import NotCallable
from app.rules.hours import Span
from app.store import callbacks, calls, tables
from tests.handlers.talk import ANN, BEN, only, topics
from tests.laws.bench import Bench
from tests.laws.conftest import backend, bench, make_bench  # noqa: F401
from tests.laws.test_races import at_once
from tests.rig import Rig

LI, ZHOU = "小李", "小周"
HOUR = timedelta(hours=1)


def booked(desk: Rig, phone: str = ANN, *, now: bool = True) -> Any:
    """A callback of tomorrow 14:00-15:00; the clock is moved there unless told otherwise."""
    desk.say(phone, "明天下午给我打电话")
    desk.say(phone, "1")
    row = desk.rows(tables.Callback)[-1]
    if now:
        desk.clock.set(row.starts_at)
        desk.answers(phone)
    return row


def state(desk: Rig, at: int = -1) -> Any:
    return desk.rows(tables.Callback)[at]


def timers(desk: Rig) -> set[str]:
    return {row.name for row in desk.rows(tables.Timer)}


def start(desk: Rig, row: Any, agent: str = LI) -> str:
    return callbacks_called.start(desk.service, row.id, agent)


def refused(desk: Rig, act: Any, *args: Any, **more: Any) -> NotCallable:
    with pytest.raises(NotCallable) as caught:
        act(desk.service, *args, **more)
    return caught.value


def actions(desk: Rig) -> list[str]:
    return [row.action for row in desk.rows(tables.Audit) if row.action.startswith("callback.")]


def test_who_starts_it_gets_the_number_and_nobody_else_the_callback(desk: Rig) -> None:
    row = booked(desk)
    assert start(desk, row) == ANN
    assert (state(desk).agent, only(desk.rows(tables.Call)).agent) == (LI, LI)
    fault = refused(desk, callbacks_called.start, row.id, ZHOU)
    assert (fault.why, fault.by) == ("taken", LI)
    assert str(fault) == f"callback {row.id} is already with {LI}"
    audit = only([found for found in desk.rows(tables.Audit) if found.subject == f"callback:{row.id}"])
    assert (audit.action, audit.actor, audit.at) == ("callback.start", LI, desk.clock())
    assert ANN not in str(audit.detail)


def test_an_agent_calls_one_customer_at_a_time(desk: Rig) -> None:
    first = booked(desk, now=False)
    second = booked(desk, BEN)
    start(desk, first)
    assert refused(desk, callbacks_called.start, second.id, LI).why == "busy"
    assert state(desk, 1).agent == ""
    assert len(desk.rows(tables.Call)) == 1
    start(desk, second, ZHOU)


def test_reached_keeps_the_promise(desk: Rig) -> None:
    row = booked(desk)
    start(desk, row)
    desk.wait(minutes=6)
    callbacks_called.reached(desk.service, row.id, LI, address="10.0.0.7")
    assert (state(desk).state, state(desk).settled_by, state(desk).agent) == ("kept", LI, "")
    call = only(desk.rows(tables.Call))
    assert (call.outcome, call.ended_at - call.started_at) == ("reached", timedelta(minutes=6))
    assert timers(desk) == set()
    desk.wait(hours=2)
    assert topics(desk) == []
    assert desk.answers(ANN) == []
    told = desk.rows(tables.Audit)[-1]
    assert (told.action, told.detail, told.address) == ("callback.reached", {"try": 1, "seconds": 360}, "10.0.0.7")


def test_not_before_its_time(desk: Rig) -> None:
    row = booked(desk, now=False)
    desk.clock.set(row.starts_at - timedelta(minutes=10, seconds=1))
    assert refused(desk, callbacks_called.start, row.id, LI).why == "early"
    desk.clock.advance(seconds=1)
    start(desk, row)


@pytest.mark.parametrize("outcome", ["reached", "no_answer", "wrong_number"])
def test_an_outcome_is_told_by_who_calls(desk: Rig, outcome: str) -> None:
    row = booked(desk)
    act = getattr(callbacks_called, outcome)
    assert refused(desk, act, row.id, LI).why == "not_calling"
    start(desk, row)
    assert refused(desk, act, row.id, ZHOU).why == "not_calling"
    act(desk.service, row.id, LI)
    assert refused(desk, act, row.id, LI).why == "not_calling"
    assert refused(desk, act, 99, LI).why == "nothing"


def test_the_second_try_comes_within_the_slot(desk: Rig) -> None:
    desk.customer(ANN)
    row = booked(desk)
    start(desk, row)
    desk.wait(minutes=1)
    again = callbacks_called.no_answer(desk.service, row.id, LI)
    assert again == row.starts_at + timedelta(minutes=11)
    found = state(desk)
    assert (found.state, found.tries, found.retry_at, found.agent) == ("booked", 1, again, "")
    assert (found.starts_at, found.ends_at) == (row.starts_at, row.ends_at)
    assert desk.answers(ANN) == []
    assert refused(desk, callbacks_called.start, row.id, LI).why == "early"
    desk.wait(minutes=10)
    start(desk, row, ZHOU)
    assert callbacks_called.no_answer(desk.service, row.id, ZHOU) is None
    assert (state(desk).state, state(desk).tries, state(desk).settled_by) == ("failed", 2, ZHOU)
    words = only(desk.answers(ANN))
    assert (
        words == "【示例银行】王先生，我们两次致电您尾号8000的手机，都没有接通。急事请致电95500，想再约回电请回复HD。"
    )
    message = desk.rows(tables.Message)[-1]
    assert (message.template, message.purpose) == ("callback.failed", "service")
    desk.wait(hours=3)
    assert topics(desk) == []
    assert actions(desk) == ["callback.start", "callback.no_answer"] * 2


def test_after_the_slot_the_second_try_has_a_time_that_the_customer_is_told(desk: Rig) -> None:
    row = booked(desk)
    desk.clock.set(row.ends_at - timedelta(minutes=2))
    start(desk, row)
    again = callbacks_called.no_answer(desk.service, row.id, LI)
    assert again == row.ends_at + timedelta(minutes=30)
    assert only(desk.answers(ANN)) == (
        "【示例银行】刚才的回电没有接通，我们会在今天15:30-16:00再打一次，来电号码95500。改时间回复G，取消回复Q"
    )
    assert only(desk.say(ANN, "回电")).startswith("【示例银行】您已预约今天15:30-16:00回电。")
    desk.clock.set(row.ends_at + timedelta(minutes=29))
    desk.pump()
    assert state(desk).state == "booked"
    desk.clock.set(again + timedelta(minutes=30))
    desk.pump()
    assert state(desk).state == "missed"
    assert topics(desk) == [("callback_missed", "waiting")]


def test_the_time_of_a_second_try_is_nobody_elses(desk: Rig) -> None:
    row = booked(desk)
    desk.clock.set(row.ends_at - timedelta(minutes=2))
    start(desk, row)
    again = callbacks_called.no_answer(desk.service, row.id, LI)
    assert again is not None
    with desk.service.database.begin() as connection:
        assert callbacks.taken(connection, desk.clock() - HOUR, desk.clock() + HOUR) == {again: 1}


def test_the_customer_may_cancel_a_second_try(desk: Rig) -> None:
    row = booked(desk)
    desk.clock.set(row.ends_at - timedelta(minutes=2))
    start(desk, row)
    callbacks_called.no_answer(desk.service, row.id, LI)
    desk.answers(ANN)
    assert "已取消" in only(desk.say(ANN, "Q"))
    desk.wait(hours=2)
    assert state(desk).state == "cancelled"
    assert topics(desk) == []


def test_a_wrong_number_is_texted_nothing_and_flagged(desk: Rig) -> None:
    desk.customer(ANN)
    row = booked(desk)
    start(desk, row)
    callbacks_called.wrong_number(desk.service, row.id, LI)
    assert (state(desk).state, state(desk).tries) == ("failed", 1)
    assert topics(desk) == [("wrong_person", "waiting")]
    assert only(desk.rows(tables.Ticket)).place == f"callback:{row.id}"
    desk.wait(hours=3)
    assert desk.answers(ANN) == []


def test_rebooked_to_a_time_that_is_free_and_the_customer_reads_it(desk: Rig) -> None:
    row = booked(desk)
    start(desk, row)
    slot = Span(row.starts_at + timedelta(days=1), row.ends_at + timedelta(days=1))
    new = callbacks_called.rebook(desk.service, row.id, LI, slot)
    assert [found.state for found in desk.rows(tables.Callback)] == ["cancelled", "booked"]
    assert (state(desk).id, state(desk).starts_at, state(desk).topic) == (new, slot.start, row.topic)
    assert only(desk.answers(ANN)) == "【示例银行】已改到明天14:00-15:00，拨打您尾号8000的手机。再改回复G，取消回复Q"
    assert timers(desk) == {"callback_reminder", "callback_missed"}
    assert desk.rows(tables.Audit)[-1].detail["to"] == f"callback:{new}"


def test_not_to_a_time_that_is_full_over_or_closed(desk: Rig) -> None:
    row = booked(desk)
    start(desk, row)
    for moved in (-HOUR, timedelta(hours=8), timedelta(days=60)):
        slot = Span(row.starts_at + moved, row.ends_at + moved)
        assert refused(desk, callbacks_called.rebook, row.id, LI, slot).why == "slot"
    assert (state(desk).state, state(desk).agent) == ("booked", LI)
    assert only(desk.rows(tables.Call)).outcome == ""
    callbacks_called.reached(desk.service, row.id, LI)


def test_who_says_nothing_for_half_an_hour_loses_the_call(desk: Rig) -> None:
    row = booked(desk)
    start(desk, row)
    desk.wait(minutes=29, seconds=59)
    assert state(desk).agent == LI
    desk.wait(seconds=1)
    assert (state(desk).agent, state(desk).state, state(desk).tries) == ("", "booked", 0)
    assert only(desk.rows(tables.Call)).outcome == "lost"
    assert actions(desk)[-1] == "callback.lost"
    assert refused(desk, callbacks_called.reached, row.id, LI).why == "not_calling"
    start(desk, row, ZHOU)


def test_a_call_that_lasts_past_the_slot_is_not_missed_meanwhile(desk: Rig) -> None:
    row = booked(desk)
    desk.clock.set(row.ends_at - timedelta(minutes=1))
    start(desk, row)
    desk.wait(minutes=20)
    assert state(desk).state == "booked"
    callbacks_called.reached(desk.service, row.id, LI)
    assert state(desk).state == "kept"
    desk.wait(hours=1)
    assert topics(desk) == []


def test_a_call_without_a_word_past_the_slot_ends_as_missed(desk: Rig) -> None:
    row = booked(desk)
    desk.clock.set(row.ends_at - timedelta(minutes=1))
    start(desk, row)
    desk.wait(minutes=29)
    assert state(desk).state == "booked"
    desk.wait(minutes=1, seconds=1)
    assert (state(desk).state, state(desk).agent) == ("missed", "")
    assert topics(desk) == [("callback_missed", "waiting")]


def test_a_missed_one_is_called_late_and_its_flag_is_done_with(desk: Rig) -> None:
    row = booked(desk)
    desk.clock.set(row.ends_at)
    desk.pump()
    assert state(desk).state == "missed"
    start(desk, row)
    assert callbacks_called.no_answer(desk.service, row.id, LI) is not None
    assert (state(desk).state, state(desk).tries) == ("missed", 1)
    assert desk.answers(ANN) == []
    desk.wait(minutes=10)
    start(desk, row)
    callbacks_called.reached(desk.service, row.id, LI)
    assert state(desk).state == "kept"
    assert topics(desk) == [("callback_missed", "closed")]


def test_a_flag_that_a_colleague_works_on_stays_theirs(desk: Rig) -> None:
    row = booked(desk)
    desk.clock.set(row.ends_at)
    desk.pump()
    with desk.service.database.begin() as connection:
        connection.execute(update(tables.Ticket).values(state="claimed", agent=ZHOU))
    start(desk, row)
    callbacks_called.reached(desk.service, row.id, LI)
    assert topics(desk) == [("callback_missed", "claimed")]


def test_a_customer_who_cancels_during_the_call_stays_cancelled(desk: Rig) -> None:
    row = booked(desk)
    start(desk, row)
    desk.say(ANN, "Q")
    callbacks_called.no_answer(desk.service, row.id, LI)
    assert (state(desk).state, state(desk).tries, state(desk).agent) == ("cancelled", 0, "")
    assert only(desk.rows(tables.Call)).outcome == "no_answer"
    desk.wait(hours=2)
    assert desk.answers(ANN) == []
    assert refused(desk, callbacks_called.start, row.id, LI).why == "settled"


def test_told_at_the_terminal(desk: Rig) -> None:
    row = booked(desk)
    start(desk, row)
    callbacks_called.keep(desk.service, row.id, ZHOU)
    assert (state(desk).state, state(desk).settled_by, state(desk).agent) == ("kept", ZHOU, "")
    assert only(desk.rows(tables.Call)).outcome == "reached"
    assert "not booked" in str(refused(desk, callbacks_called.keep, row.id, ZHOU))


def test_open_pages_hear_of_every_change(desk: Rig) -> None:
    row = booked(desk)
    before = len([event for event in desk.rows(tables.ConsoleEvent) if event.kind == "callbacks"])
    assert before == 1
    start(desk, row)
    callbacks_called.reached(desk.service, row.id, LI)
    assert len([event for event in desk.rows(tables.ConsoleEvent) if event.kind == "callbacks"]) == before + 2


# ---- how the promises were kept ---------------------------------------------------------------------------------


def kept(desk: Rig, row: Any) -> calls.Kept:
    with desk.service.database.begin() as connection:
        return calls.kept_within(connection, row.starts_at - HOUR, row.starts_at + HOUR, desk.clock())


def test_nothing_due_has_no_rate(desk: Rig) -> None:
    row = booked(desk, now=False)
    assert kept(desk, row) == calls.Kept(ahead=1)
    assert kept(desk, row).rate is None


def test_kept_late_failed_missed_and_cancelled(desk: Rig) -> None:
    phones = [f"+86138001380{n:02}" for n in range(6)]
    rows = {}
    for phone in phones[:4]:
        rows[phone] = booked(desk, phone, now=False)
    desk.clock.set(rows[phones[0]].starts_at)
    start(desk, rows[phones[0]])
    desk.clock.set(rows[phones[0]].ends_at - timedelta(minutes=1))
    callbacks_called.reached(desk.service, rows[phones[0]].id, LI)
    start(desk, rows[phones[1]])
    desk.wait(minutes=5)  # the call that reached began within the slot
    callbacks_called.reached(desk.service, rows[phones[1]].id, LI)
    assert kept(desk, rows[phones[0]]) == calls.Kept(due=4, kept=2, missed=2)
    start(desk, rows[phones[2]])
    callbacks_called.reached(desk.service, rows[phones[2]].id, LI)
    start(desk, rows[phones[3]])
    callbacks_called.wrong_number(desk.service, rows[phones[3]].id, LI)
    found = kept(desk, rows[phones[0]])
    assert found == calls.Kept(due=4, kept=2, late=1, failed=1)
    assert found.rate == 0.5


def test_told_at_the_terminal_counts_by_when_it_was_told(desk: Rig) -> None:
    row = booked(desk)
    callbacks_called.keep(desk.service, row.id, LI)
    assert kept(desk, row) == calls.Kept(due=1, kept=1)


def test_what_the_customer_cancelled_was_no_promise(desk: Rig) -> None:
    row = booked(desk)
    desk.say(ANN, "Q")
    desk.clock.set(row.ends_at)
    assert kept(desk, row) == calls.Kept()


# ---- at the same moment ------------------------------------------------------------------------------------------


def due(bench: Bench, phone: str) -> Any:  # noqa: F811
    bench.say(phone, "明天下午给我打电话")
    bench.say(phone, "1")
    return bench.rows(tables.Callback)[-1]


def test_of_eight_agents_who_start_one_callback_one_gets_it(bench: Bench) -> None:  # noqa: F811
    row = due(bench, ANN)
    bench.clock.set(row.starts_at)
    services = [process.service for process in bench.processes] * 4
    got = at_once(
        [
            lambda n=n, service=service: callbacks_called.start(service, row.id, f"agent{n}")
            for n, service in enumerate(services)
        ]
    )
    assert got.count(ANN) == 1
    faults = [fault for fault in got if fault != ANN]
    assert [type(fault) for fault in faults] == [NotCallable] * 7
    assert {fault.why for fault in faults} == {"taken"}
    call = only(bench.rows(tables.Call))
    assert call.agent == f"agent{got.index(ANN)}" == state(bench).agent


def test_of_two_callbacks_that_one_agent_starts_at_once_one_is_started(bench: Bench) -> None:  # noqa: F811
    first, second = due(bench, ANN), due(bench, BEN)
    bench.clock.set(max(first.starts_at, second.starts_at))
    got = at_once(
        [
            lambda row=row, at=at: callbacks_called.start(bench.processes[at].service, row.id, LI)
            for at, row in enumerate((first, second))
        ]
    )
    assert len([fault for fault in got if isinstance(fault, NotCallable) and fault.why == "busy"]) == 1
    assert len(bench.rows(tables.Call)) == 1


def test_cancelled_while_it_is_started(bench: Bench) -> None:  # noqa: F811
    for n in range(10):
        phone = f"+861380013{n:04}"
        row = due(bench, phone)
        bench.clock.set(row.starts_at)
        gateway_id = bench.network.text_in(phone, "Q")
        got = at_once(
            [
                lambda row=row: callbacks_called.start(bench.processes[0].service, row.id, LI),
                lambda phone=phone, gateway_id=gateway_id: bench.deliver(gateway_id, phone, "Q"),
            ]
        )
        assert got[1] == 200
        assert state(bench).state == "cancelled"
        if got[0] == phone:  # first started, then cancelled: the agent hears it when they tell the outcome
            callbacks_called.reached(bench.processes[0].service, row.id, LI)
            assert state(bench).state == "cancelled"
        else:
            assert got[0].why == "settled"
