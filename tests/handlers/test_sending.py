"""How a send can end, and what follows: nothing is sent twice that may have arrived (law 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from app.gateways.faults import Fault, Kind
from app.gateways.port import Accepted, OutboundText, Outcome, Receipt, Status
from app.handlers.receipt_came import receive_receipt
from app.handlers.text_leaves import drain
from app.handlers.text_looked_up import look_up_open
from app.handlers.text_settled import Sent, settle_all
from app.store import outbox, tables
from app.store.outbox import NewMessage
from tests.handlers.talk import ANN, BEN, last, only, prove, topics
from tests.rig import Rig


def arrived(rig: Rig, phone: str = ANN) -> int:
    return sum(text.to_handset for text in rig.network.texts(phone))


def queue(rig: Rig, **changes: Any) -> int:
    now = rig.clock()
    given = {"purpose": "answer", "lane": 0, "expires_at": now + timedelta(minutes=10), "body": "【示例银行】您好"}
    new = NewMessage(**{"phone": ANN, "template": "t", "parts": 1, "due_at": now, **given, **changes})
    with rig.service.database.begin() as connection:
        return outbox.queue(connection, new, now)


def test_a_text_that_is_taken_is_delivered(rig: Rig) -> None:
    rig.say(ANN, "您好")
    rig.wait(seconds=1)
    row = last(rig)
    assert (row.state, row.status, row.attempts, row.lease_until) == ("handed", Status.DELIVERED, 1, None)


def test_an_agent_hears_what_becomes_of_a_text(rig: Rig) -> None:
    rig.say(ANN, "转人工")
    ticket = only(rig.rows(tables.Ticket))
    rig.wait(seconds=2)

    def heard() -> int:
        return len([row for row in rig.rows(tables.ConsoleEvent) if (row.kind, row.ticket_id) == ("talk", ticket.id)])

    before = heard()
    queue(rig)
    rig.pump()
    taken = heard()
    assert taken > before, "it left"
    rig.wait(seconds=2)
    assert last(rig).status == Status.DELIVERED
    assert heard() > taken, "it arrived"
    before = heard()
    rig.network.plan(Fault(Kind.REFUSED, "21211"), ANN)
    queue(rig)
    rig.wait(seconds=2)
    assert (last(rig).state, heard() > before) == ("failed", True)


def test_nobody_is_told_of_texts_without_a_conversation_with_a_person(rig: Rig) -> None:
    rig.say(ANN, "您好")
    rig.wait(seconds=2)
    assert rig.rows(tables.ConsoleEvent) == []


# Asked to slow down.


def test_a_gateway_that_is_busy_is_asked_again_later(rig: Rig) -> None:
    rig.network.plan(Fault(Kind.REFUSED, "20429"), ANN, times=3)
    assert rig.say(ANN, "您好") == []
    row = last(rig)
    assert (row.state, row.reason, row.attempts) == ("queued", "busy", 1)
    assert timedelta(seconds=1.5) <= row.due_at - rig.clock() <= timedelta(seconds=2.5)
    waits = []
    for _ in range(2):
        rig.clock.set(last(rig).due_at)
        rig.pump()
        waits.append(last(rig).due_at - rig.clock())
    assert timedelta(seconds=3) <= waits[0] <= timedelta(seconds=5)
    assert timedelta(seconds=6) <= waits[1] <= timedelta(seconds=10)
    rig.clock.set(last(rig).due_at)
    assert len(rig.answers(ANN)) == 1
    assert (last(rig).state, last(rig).attempts) == ("handed", 4)


def test_a_gateway_that_stays_busy_ends_with_the_text_not_with_an_old_answer(rig: Rig) -> None:
    rig.network.plan(Fault(Kind.REFUSED, "20429"), ANN, times=99)
    rig.say(ANN, "您好")
    for _ in range(60):
        rig.wait(seconds=30)
    assert last(rig).state == "failed"
    assert last(rig).reason in {"busy", "expired"}
    assert arrived(rig) == 0


def test_what_waits_for_a_later_try_keeps_the_order(rig: Rig) -> None:
    rig.network.plan(Fault(Kind.REFUSED, "20429"), ANN)
    rig.say(ANN, "您好")
    assert rig.say(ANN, "怎么还钱") == []
    rig.wait(seconds=3)
    first, second = rig.answers(ANN)
    assert "1手机银行" in second
    assert "1手机银行" not in first


def test_one_number_that_waits_holds_up_no_other(rig: Rig) -> None:
    rig.network.plan(Fault(Kind.REFUSED, "20429"), ANN)
    rig.say(ANN, "您好")
    assert len(rig.say(BEN, "您好")) == 1


# Refused for good.

REFUSALS = {
    "21211": "bad_number",
    "21614": "bad_number",
    "21408": "config",
    "20003": "config",
    "21617": "our_fault",
    "30007": "content",
    "12345": "unknown",
}


@pytest.mark.parametrize(("code", "cause"), REFUSALS.items())
def test_a_text_that_is_refused_is_not_tried_again(rig: Rig, code: str, cause: str) -> None:
    rig.network.plan(Fault(Kind.REFUSED, code), ANN)
    assert rig.say(ANN, "您好") == []
    row = last(rig)
    assert (row.state, row.reason, row.error_code, row.attempts) == ("failed", cause, code, 1)
    rig.wait(minutes=9)
    assert arrived(rig) == 0
    assert len(rig.say(ANN, "怎么还钱")) == 1  # the next one is another text


def test_a_refused_number_is_written_to_the_ledger(rig: Rig) -> None:
    rig.network.plan(Fault(Kind.REFUSED, "21610"), ANN)
    rig.say(ANN, "您好")
    consent = only(rig.rows(tables.Consent))
    assert (consent.scope, consent.verdict, consent.evidence) == ("gateway", "refused", "message:1:21610")
    rig.say(ANN, "怎么还钱")
    assert (last(rig).state, last(rig).reason) == ("withheld", "refused")


# Nobody knows.


def test_a_text_that_was_taken_without_an_answer_is_settled_by_its_callback(rig: Rig) -> None:
    rig.network.plan(Fault(Kind.SILENT), ANN)
    rig.text(ANN, "您好")
    drain(rig.service)
    assert (last(rig).state, last(rig).reason, last(rig).gateway_id) == ("unsettled", "timeout", None)
    rig.wait(seconds=1)
    assert (last(rig).state, last(rig).status) == ("handed", Status.DELIVERED)
    rig.wait(minutes=10)
    assert arrived(rig) == 1


def silent_and_without_callbacks(rig: Rig, again: Callable[[], object] | None = None) -> None:
    """The gateway takes the text, and neither its answer nor a callback ever comes."""
    rig.network.plan(Fault(Kind.CALLBACKS_NEVER), ANN)
    send = rig.gateway.send

    def hung_up(text: OutboundText) -> Outcome:
        assert isinstance(send(text), Accepted)
        raise ConnectionResetError("the line was cut")

    rig.gateway.send = hung_up  # type: ignore[method-assign]
    (again or partial(rig.text, ANN, "您好"))()
    drain(rig.service)
    rig.gateway.send = send  # type: ignore[method-assign]


def test_a_text_of_which_nothing_is_heard_is_found_by_a_look_up(rig: Rig) -> None:
    silent_and_without_callbacks(rig)
    assert (last(rig).state, last(rig).reason) == ("unsettled", "ConnectionResetError")
    rig.wait(seconds=44)
    assert last(rig).state == "unsettled"
    rig.wait(seconds=1)
    row = last(rig)
    assert (row.state, row.status, row.gateway_id) == (
        "handed",
        Status.DELIVERED,
        rig.network.texts(ANN)[-1].gateway_id,
    )
    assert arrived(rig) == 1


def test_of_two_equal_texts_each_finds_its_own(rig: Rig) -> None:
    queue(rig)
    drain(rig.service)
    known = last(rig).gateway_id
    silent_and_without_callbacks(rig)
    for _ in range(2):
        rig.wait(seconds=45)
    ids = [row.gateway_id for row in rig.rows(tables.Message)]
    assert ids[0] == known
    assert len(set(ids)) == len(ids)


def test_a_text_that_got_lost_is_never_sent_again(rig: Rig) -> None:
    rig.network.plan(Fault(Kind.LOST), ANN)
    rig.say(ANN, "您好")
    for _ in range(4):
        assert last(rig).state == "unsettled"
        rig.wait(seconds=45)
    assert (last(rig).state, last(rig).reason) == ("failed", "never_known")
    rig.wait(hours=1)
    assert arrived(rig) == 0
    assert topics(rig) == []


def test_a_figure_that_got_lost_is_looked_at_by_a_person(rig: Rig) -> None:
    rig.customer(ANN)
    prove(rig)
    rig.network.plan(Fault(Kind.LOST), ANN)
    rig.say(ANN, "ZD")
    assert last(rig).figures is True
    for _ in range(5):
        rig.wait(seconds=45)
    assert topics(rig) == [("unsettled_text", "waiting")]
    assert rig.rows(tables.Ticket)[0].place == f"message:{last(rig).id}"


def test_a_code_that_got_lost_is_looked_at_too(rig: Rig) -> None:
    rig.customer(ANN)
    rig.network.plan(Fault(Kind.LOST), ANN)
    rig.say(ANN, "ED")
    for _ in range(5):
        rig.wait(seconds=45)
    assert ("unsettled_text", "waiting") in topics(rig)


def test_a_text_that_left_long_after_it_was_queued_is_not_taken_for_another(rig: Rig) -> None:
    """Known by when it left: its equal, queued later, finds nothing of its own and must not find this one."""
    rig.say(ANN, "您好")
    with rig.service.database.begin() as connection:
        early = rig.clock() - timedelta(minutes=20)
        connection.execute(update(tables.Message).values(created_at=early))
    known = last(rig).gateway_id
    rig.network.plan(Fault(Kind.LOST), ANN)
    rig.text(ANN, "您好")
    for _ in range(8):
        rig.wait(seconds=45)
    assert (last(rig).state, last(rig).gateway_id) == ("failed", None)
    assert rig.rows(tables.Message)[0].gateway_id == known


def test_what_is_found_late_was_taken_when_the_gateway_says(rig: Rig) -> None:
    """The customer's answer in between is an answer to it."""
    silent_and_without_callbacks(rig)
    left = rig.clock()
    rig.clock.advance(seconds=45)
    look_up_open(rig.service)
    assert (last(rig).state, last(rig).handed_at) == ("handed", left)


@pytest.mark.parametrize("wrong", [timedelta(days=-1), timedelta(days=1)])
def test_a_gateway_whose_clock_is_wrong_took_nothing_before_we_wrote_it_or_in_the_future(
    rig: Rig, wrong: timedelta
) -> None:
    silent_and_without_callbacks(rig)
    look_up = rig.gateway.look_up

    def at_another_time(text: OutboundText, **how: Any) -> Accepted | None:
        found = look_up(text, **how)
        assert found is not None and found.at is not None
        return replace(found, at=found.at + wrong)

    rig.gateway.look_up = at_another_time  # type: ignore[method-assign]
    rig.clock.advance(seconds=45)
    look_up_open(rig.service)
    row = last(rig)
    assert row.handed_at == (row.created_at if wrong < timedelta(0) else rig.clock())


def test_a_look_up_that_cannot_be_noted_holds_up_no_other(rig: Rig) -> None:
    queue(rig)
    drain(rig.service)
    known = last(rig).gateway_id
    silent_and_without_callbacks(rig)
    broken = last(rig).id
    rig.network.plan(Fault(Kind.SILENT), BEN)
    rig.text(BEN, "您好")
    drain(rig.service)
    look_up = rig.gateway.look_up

    def mistakes_the_first(text: OutboundText, **how: Any) -> Accepted | None:
        return Accepted(str(known), Status.SENT) if text.message_id == broken else look_up(text, **how)

    rig.gateway.look_up = mistakes_the_first  # type: ignore[method-assign]
    rig.clock.advance(seconds=45)
    look_up_open(rig.service)
    assert last(rig).state == "handed"


def test_a_text_that_was_lost_does_not_take_the_place_of_one_with_the_same_words(rig: Rig) -> None:
    """The gateway has the second, whose answer is not written down yet; a look-up for the first finds that one."""
    queue(rig)
    rig.network.plan(Fault(Kind.LOST), ANN)
    drain(rig.service)
    lost = last(rig).id
    queue(rig)
    sent: list[Sent] = []
    drain(rig.service, note=sent.append)
    rig.clock.advance(seconds=45)
    look_up_open(rig.service)
    settle_all(sent)
    states = {row.id: (row.state, row.gateway_id is not None) for row in rig.rows(tables.Message)}
    assert states == {lost: ("unsettled", False), last(rig).id: ("handed", True)}


def test_of_two_with_the_same_words_that_nobody_knows_one_is_found_in_the_end(rig: Rig) -> None:
    """A callback would say which of them it is, so there is no hurry, until both have waited for it."""
    for kind in (Kind.LOST, Kind.SILENT):
        rig.network.plan(Fault(kind), ANN)
        queue(rig)
        drain(rig.service)
        rig.clock.advance(seconds=46)
        look_up_open(rig.service)
    seen = []
    for _ in range(4):
        seen.append(sorted(row.state for row in rig.rows(tables.Message)))
        rig.clock.advance(seconds=46)
        look_up_open(rig.service)
    assert seen[:3] == [["unsettled"] * 2] * 3
    assert sorted(row.state for row in rig.rows(tables.Message)) == ["failed", "handed"]


def test_of_two_with_the_same_words_the_first_has_what_is_found(rig: Rig) -> None:
    """The gateway has the first and nobody says so; the second was lost. They are looked for by turns, and the second's
    turn may be the one in which both have waited long enough."""
    for kind in (Kind.SILENT, Kind.LOST):
        rig.network.plan(Fault(kind), ANN)
        queue(rig)
        drain(rig.service)
        rig.clock.advance(seconds=23)
    for _ in range(16):
        look_up_open(rig.service)
        rig.clock.advance(seconds=23)
    assert [row.state for row in rig.rows(tables.Message)] == ["handed", "failed"]


def test_an_unsettled_text_does_not_hold_up_the_next(rig: Rig) -> None:
    rig.network.plan(Fault(Kind.LOST), ANN)
    rig.say(ANN, "您好")
    assert len(rig.say(ANN, "怎么还钱")) == 1


def test_a_look_up_that_fails_is_tried_again(rig: Rig) -> None:
    silent_and_without_callbacks(rig)
    look_up = rig.gateway.look_up

    def unreachable(*_: Any, **__: Any) -> Accepted | None:
        raise OSError("no route")

    rig.gateway.look_up = unreachable  # type: ignore[method-assign]
    rig.clock.advance(seconds=45)
    assert look_up_open(rig.service) == 1
    rig.gateway.look_up = look_up  # type: ignore[method-assign]
    rig.wait(seconds=45)
    assert last(rig).state == "handed"


def test_a_gateway_that_cannot_be_asked_does_not_make_us_give_up(rig: Rig) -> None:
    """Only looks that were answered count: an outage of an hour proves nothing about the text."""
    silent_and_without_callbacks(rig)
    look_up = rig.gateway.look_up

    def unreachable(*_: Any, **__: Any) -> Accepted | None:
        raise OSError("no route")

    rig.gateway.look_up = unreachable  # type: ignore[method-assign]
    for _ in range(12):
        rig.clock.advance(seconds=45)
        look_up_open(rig.service)
    rig.gateway.look_up = look_up  # type: ignore[method-assign]
    rig.wait(seconds=45)
    assert last(rig).state == "handed"


def test_one_look_up_that_breaks_holds_up_no_other(rig: Rig) -> None:
    silent_and_without_callbacks(rig)
    first = last(rig).id
    rig.network.plan(Fault(Kind.SILENT), BEN)
    rig.text(BEN, "您好")
    drain(rig.service)
    look_up = rig.gateway.look_up

    def breaks_for_the_first(text: OutboundText, **how: Any) -> Accepted | None:
        if text.message_id == first:
            raise RuntimeError("a bug")
        return look_up(text, **how)

    rig.gateway.look_up = breaks_for_the_first  # type: ignore[method-assign]
    rig.clock.advance(seconds=45)
    assert look_up_open(rig.service) == 2
    states = {row.id: row.state for row in rig.rows(tables.Message)}
    assert states.pop(first) == "unsettled"
    assert set(states.values()) == {"handed"}


def test_a_process_that_died_while_sending_sends_nothing_twice(rig: Rig) -> None:
    queue(rig)
    drain(rig.service, spread=lambda act, rows: None)
    assert last(rig).state == "sending"
    rig.wait(seconds=59)
    assert arrived(rig) == 0
    for _ in range(6):
        rig.wait(seconds=60)
    assert (last(rig).state, last(rig).reason, arrived(rig)) == ("failed", "never_known", 0)


@pytest.mark.parametrize("seconds", [41, 70])
def test_a_process_that_stood_still_sends_nothing_that_others_may_have_taken_over(rig: Rig, seconds: int) -> None:
    """A request that begins too near the end of its lease could end after it. What has not left waits again."""

    def stand_still(act: Any, rows: Any) -> None:
        rig.clock.advance(seconds=seconds)
        for row in rows:
            act(row)

    queue(rig)
    drain(rig.service, spread=stand_still)
    assert (last(rig).state, last(rig).attempts, arrived(rig)) == ("queued", 0, 0)
    rig.wait(seconds=1)
    assert (last(rig).state, arrived(rig)) == ("handed", 1)


@pytest.mark.parametrize(("seconds", "state"), [((70,), "queued"), ((70, 45), "unsettled")])
def test_a_process_that_others_take_for_dead_sends_nothing(rig: Rig, seconds: tuple[int, ...], state: str) -> None:
    """After one look-up it may still say that it has not begun; after the second the text is theirs."""

    def stand_still(act: Any, rows: Any) -> None:
        for each in seconds:
            rig.clock.advance(seconds=each)
            look_up_open(rig.service)
        for row in rows:
            act(row)

    queue(rig)
    drain(rig.service, spread=stand_still)
    assert (last(rig).state, last(rig).reason == "", arrived(rig)) == (state, state == "queued", 0)


@pytest.mark.parametrize("wrong", [-76, 180])
def test_a_wrong_clock_lets_no_answer_overtake_another(rig: Rig, wrong: int) -> None:
    """Of two workers one has a clock that is wrong by more than a lease: to one of them a request that is under way
    seems to be a dead process's. The next text waits for it all the same."""
    skew = timedelta(seconds=wrong)
    other = replace(rig.service, clock=lambda: rig.clock() + skew)
    sender, looker = (other, rig.service) if wrong < 0 else (rig.service, other)
    bodies = ["【示例银行】一", "【示例银行】二"]
    for body in bodies:
        queue(rig, body=body, due_at=rig.clock() - timedelta(minutes=2))
    under_way: list[Callable[[], None]] = []
    drain(sender, spread=lambda act, rows: under_way.extend(partial(act, row) for row in rows))
    look_up_open(looker)
    rig.clock.advance(seconds=20)
    look_up_open(looker)
    assert not drain(looker) and not drain(sender)
    for send in under_way:
        send()
    drain(looker)
    assert [text.body for text in rig.network.texts(ANN)] == bodies
    assert {row.state for row in rig.rows(tables.Message)} == {"handed"}


# Time.


def test_an_answer_that_is_too_old_is_not_sent(rig: Rig) -> None:
    rig.text(ANN, "您好")
    rig.clock.advance(minutes=10)
    rig.pump()
    assert (last(rig).state, last(rig).reason) == ("failed", "expired")
    assert arrived(rig) == 0


def test_a_text_may_travel_no_longer_than_it_is_true(rig: Rig) -> None:
    """A code of five minutes is not delivered to a handset that is switched on after ten."""
    rig.customer(ANN)
    rig.network.switch(ANN, False)
    queue(rig, purpose="code", expires_at=rig.clock() + timedelta(minutes=5))
    rig.pump()
    rig.wait(minutes=6)
    rig.network.switch(ANN, True)
    rig.wait(seconds=5)
    assert last(rig).status == Status.UNDELIVERED
    assert last(rig).error_code == "30036"


def test_what_was_accepted_by_a_database_that_then_fails_is_settled_by_the_callback(rig: Rig) -> None:
    """Between the gateway's answer and our commit the process dies."""
    rig.text(ANN, "您好")
    send = rig.gateway.send

    class PowerCut(BaseException):
        pass

    def dies_after(text: OutboundText) -> Outcome:
        send(text)
        raise PowerCut

    rig.gateway.send = dies_after  # type: ignore[method-assign]
    with pytest.raises(PowerCut):
        drain(rig.service)
    rig.gateway.send = send  # type: ignore[method-assign]
    assert last(rig).state == "sending"
    rig.wait(seconds=2)
    assert (last(rig).state, last(rig).status, arrived(rig)) == ("handed", Status.DELIVERED, 1)


def test_a_callback_that_names_the_twin_has_the_last_word(rig: Rig) -> None:
    """Of two with the same words one was lost and the other taken without an answer; the look-ups gave what they found
    to the one that was lost, and the callback came after that."""
    queue(rig)
    rig.network.plan(Fault(Kind.LOST), ANN)
    drain(rig.service)
    lost = last(rig).id
    silent_and_without_callbacks(rig, again=lambda: queue(rig))
    taken = last(rig).id
    for _ in range(7):
        rig.clock.advance(seconds=46)
        look_up_open(rig.service)
    rows = {row.id: row for row in rig.rows(tables.Message)}
    gateway_id = rows[lost].gateway_id
    assert gateway_id and (rows[taken].state, rows[taken].gateway_id) == ("failed", None)

    told = Receipt(gateway_id, Status.DELIVERED, message_id=taken)
    assert receive_receipt(rig.service, told) == "applied"
    assert receive_receipt(rig.service, told) == "repeat"
    look_up_open(rig.service)
    rows = {row.id: row for row in rig.rows(tables.Message)}
    assert (rows[taken].state, rows[taken].gateway_id) == ("handed", gateway_id)
    assert rows[taken].status == Status.DELIVERED
    assert (rows[lost].state, rows[lost].reason, rows[lost].gateway_id) == ("failed", "never_known", None)
