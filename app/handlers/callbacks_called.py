"""Somebody calls a customer back (A7): takes the callback, dials, and tells what came of it.

Two tries, then the customer reads that we tried. Whoever takes a callback and says nothing for half an hour loses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from app.flows.vocabulary import Conversation
from app.handlers.agent_acted import NotYours
from app.handlers.callback_texts import tell_failed, tell_moved, tell_second_try
from app.handlers.desk.bookings import HORIZON, TIMERS, place, roster_of
from app.handlers.service import Lane, Service
from app.rules.hours import Span
from app.rules.second_try import MOST_TRIES, PAUSE, second_try
from app.store import audit, callbacks, calls, conversations, events, tickets, waits

EARLY = timedelta(minutes=10)
"""A call may begin so long before its time, and not sooner: the customer expects it then."""
VANISHED = timedelta(minutes=30)
"""A call without an outcome for so long is nobody's any more."""
WRONG_PERSON = "wrong_person"
MISSED = "callback_missed"

Why = Literal["nothing", "taken", "settled", "early", "busy", "not_calling", "slot"]
"""nothing: no such callback · taken: a colleague calls · settled: kept, failed or cancelled · early: not due yet ·
busy: this agent has another call open · not_calling: this agent has no call of it open · slot: no longer free."""


class NotCallable(NotYours):
    """The callback is not this agent's to act on. `why` and `by` (a colleague's name) say it to a page that speaks
    another language; the message says it in English."""

    def __init__(self, why: Why, message: str, by: str = "") -> None:
        super().__init__(message)
        self.why, self.by = why, by


def start(service: Service, callback_id: int, agent: str, *, address: str = "") -> str:
    """Takes a due callback, exclusively; the number to dial, which only this agent sees. Raises `NotCallable`."""
    try:
        with _held(service, callback_id, agent, address) as act:
            row = act.row
            if row.state in calls.TAKEABLE and not row.agent and act.now < callbacks.window(row)[0] - act.early:
                raise NotCallable("early", f"callback {callback_id} is not due yet")
            if calls.take(act.connection, callback_id, agent, act.now) is None:
                raise _not_to_take(row)
            waits.set_timer(act.connection, row.phone, "call_lost", callback_id, act.now + VANISHED)
            act.record("callback.start", {"try": row.tries + 1, "number": "shown"})
    except IntegrityError:
        raise NotCallable("busy", "you have another call open: say first what came of it") from None
    return str(row.call_phone)


def reached(service: Service, callback_id: int, agent: str, *, address: str = "") -> None:
    """The customer was reached: the promise is kept. Raises `NotCallable`."""
    with _calling(service, callback_id, agent, address, "reached") as act:
        act.settle("kept")
        act.close_flag()


def no_answer(service: Service, callback_id: int, agent: str, *, address: str = "") -> datetime | None:
    """Nobody picked up. When the second try begins; None after it, and the customer is told. Raises `NotCallable`."""
    with _calling(service, callback_id, agent, address, "no_answer") as act:
        if act.is_over:
            return None
        if act.row.tries + 1 >= MOST_TRIES:
            calls.tried(act.connection, callback_id, None)
            act.settle("failed")
            act.close_flag()
            act.send(tell_failed(service, act.connection, act.conversation, act.row, act.now))
            return None
        again = _second_try(act)
        calls.tried(act.connection, callback_id, again.start if again else None)
        return again.start if again else None


def wrong_number(service: Service, callback_id: int, agent: str, *, address: str = "") -> None:
    """Somebody else picked up: no second try, no text, and a queue hears of it (A14). Raises `NotCallable`."""
    with _calling(service, callback_id, agent, address, "wrong_number") as act:
        if not act.is_over:
            calls.tried(act.connection, callback_id, None)
        act.settle("failed")
        act.close_flag()
        if not tickets.is_flagged(act.connection, act.row.phone, WRONG_PERSON):
            language = act.conversation.language
            about = f"callback:{callback_id}"
            tickets.raise_flag(act.connection, act.row.phone, WRONG_PERSON, about, act.now, language=language)


def rebook(service: Service, callback_id: int, agent: str, slot: Span, *, address: str = "") -> int:
    """Moves the call to another time, which the customer is texted; the new callback's id. Raises `NotCallable`."""
    with _calling(service, callback_id, agent, address, "rebook") as act:
        row, connection = act.row, act.connection
        if act.is_over:
            raise NotCallable("settled", f"callback {callback_id} is {row.state}")
        callbacks.one_at_a_time(connection)
        held = callbacks.booked(connection, row.phone)
        if held is not None and held.id != callback_id:
            raise NotCallable("settled", f"the customer has booked another call, {held.id}")
        if not roster_of(service, connection, act.now, held).is_free(slot):
            raise NotCallable("slot", "that time is not free any more: choose another one")
        act.settle("cancelled", keep_missed=True)
        act.close_flag()
        new = place(connection, row.phone, row.call_phone, slot, row.topic, act.now)
        act.send(tell_moved(service, connection, act.conversation, row, slot, act.now))
        act.detail["to"] = f"callback:{new}"
        return new


def free_times(service: Service, connection: Connection, callback_id: int, now: datetime) -> list[Span]:
    """Every time to which a callback can be moved now, in order, in the bank's zone."""
    roster = roster_of(service, connection, now, callbacks.by_id(connection, callback_id))
    return [slot for slot in roster.starting_in(roster.now, roster.now + HORIZON) if roster.is_free(slot)]


def keep(service: Service, callback_id: int, agent: str) -> None:
    """Told at the terminal: the customer was reached, by whatever call. Raises `NotCallable`."""
    with _held(service, callback_id, agent, "") as act:
        if act.row.state != "booked":
            raise NotCallable("settled", f"callback {callback_id} is not booked: it was settled before, or never made")
        call = calls.running(act.connection, callback_id)
        if call is not None:
            calls.end(act.connection, call.id, "reached", act.now)
        act.settle("kept")
        act.record("callback.reached", {"told": "terminal"})


def lose(connection: Connection, callback_id: int, now: datetime) -> None:
    """The timer `call_lost`: the agent never said what came of the call, and the callback is free again."""
    call = calls.running(connection, callback_id)
    if call is None or call.started_at > now - VANISHED:
        return
    calls.end(connection, call.id, "lost", now)
    audit.add(connection, "clock", "callback.lost", f"callback:{callback_id}", now, detail={"agent": call.agent})
    events.tell(connection, "callbacks", now)


# ---- one act, in one transaction --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Act:
    service: Service
    connection: Connection
    now: datetime
    agent: str
    address: str
    row: Any
    """The callback as it stands while its customer's conversation is held."""
    conversation: Conversation
    wakes: set[Lane] = field(default_factory=lambda: {"console"})
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """True when the callback was settled while the call ran: the customer cancelled or moved it."""
        return self.row.state not in calls.TAKEABLE

    @property
    def early(self) -> timedelta:
        return timedelta(0) if self.row.retry_at else EARLY

    def settle(self, state: str, *, keep_missed: bool = False) -> None:
        """`keep_missed`: a promise that was broken stays so, whatever is agreed on later."""
        if self.is_over:
            return
        for name in TIMERS:
            waits.drop_timer(self.connection, name, self.row.id)
        if not (keep_missed and self.row.state == "missed"):
            calls.settle(self.connection, self.row.id, state, self.agent, self.now)

    def close_flag(self) -> None:
        """What told a queue that nobody had called is done with, unless somebody works on it."""
        flag = calls.open_flag(self.connection, self.row.id, MISSED)
        if flag is not None and tickets.close(self.connection, flag, self.agent, self.now):
            events.tell(self.connection, "ticket", self.now, flag)

    def send(self, message_id: int | None) -> None:
        if message_id is not None:
            self.wakes.add("outbox")
            self.detail["message"] = message_id

    def record(self, action: str, detail: Mapping[str, Any]) -> None:
        subject = f"callback:{self.row.id}"
        audit.add(self.connection, self.agent, action, subject, self.now, detail=detail, address=self.address)
        events.tell(self.connection, "callbacks", self.now)


@contextmanager
def _held(service: Service, callback_id: int, agent: str, address: str) -> Iterator[_Act]:
    with service.database.begin() as connection:
        known = callbacks.by_id(connection, callback_id)
        if known is None:
            raise NotCallable("nothing", f"callback {callback_id} is not booked: it was settled before, or never made")
        now = service.clock()
        # The conversation first, as everybody takes them: the customer may be about to cancel.
        conversation = conversations.hold(connection, known.phone, service.language, now)
        row = callbacks.by_id(connection, callback_id)
        act = _Act(service, connection, now, agent, address, row, conversation)
        yield act
    for lane in act.wakes:
        service.wake(lane)


@contextmanager
def _calling(service: Service, callback_id: int, agent: str, address: str, outcome: str) -> Iterator[_Act]:
    """The end of a call that this agent has open."""
    with _held(service, callback_id, agent, address) as act:
        call = calls.running(act.connection, callback_id)
        if call is None or call.agent != agent:
            raise NotCallable("not_calling", f"you have no call of callback {callback_id} open: start it first")
        calls.end(act.connection, call.id, outcome, act.now)
        waits.drop_timer(act.connection, "call_lost", callback_id)
        act.detail |= {"try": act.row.tries + 1, "seconds": int((act.now - call.started_at).total_seconds())}
        yield act
        act.record(f"callback.{outcome}", act.detail)


def _second_try(act: _Act) -> Span | None:
    """Sets when to call again. Outside the promised time the customer is told of it; a missed one has no time any more,
    and is called again when somebody gets to it."""
    service, connection, row = act.service, act.connection, act.row
    if row.state == "missed":
        return Span(act.now + PAUSE, act.now + PAUSE)
    callbacks.one_at_a_time(connection)
    zone = service.zone
    promised = Span(row.starts_at.astimezone(zone), row.ends_at.astimezone(zone))
    again = second_try(roster_of(service, connection, act.now, row), promised)
    if again is not None and again.start >= promised.end:
        waits.set_timer(connection, row.phone, MISSED, row.id, again.end)
        act.send(tell_second_try(service, connection, act.conversation, again, act.now))
    return again


def _not_to_take(row: Any) -> NotCallable:
    if row.state in calls.TAKEABLE:
        return NotCallable("taken", f"callback {row.id} is already with {row.agent}", row.agent)
    return NotCallable("settled", f"callback {row.id} is {row.state}")
