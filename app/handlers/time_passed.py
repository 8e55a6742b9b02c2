"""Time passed: silences, the 30-second promise, reminders of callbacks, texts whose turn comes later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from app.flows.vocabulary import Say, Silence, Unanswered
from app.handlers.callbacks_called import VANISHED, lose
from app.handlers.compose import compose
from app.handlers.service import Service
from app.handlers.text_arrived import take_waiting, wake
from app.handlers.turns import Round, take
from app.rules.titles import address
from app.store import callbacks, calls, conversations, events, facts, inbox, outbox, tickets, waits
from app.store.database import is_passing

log = structlog.get_logger()

AFTER_A_FAULT = timedelta(minutes=1)
AFTER_A_RACE = timedelta(seconds=1)


def end_silences(service: Service, most: int = 100) -> int:
    """Takes the turn of every conversation whose wait is over. How many there were."""
    with service.database.begin() as connection:
        phones = conversations.silent(connection, service.clock(), most)
    for phone in phones:
        _end_silence(service, phone)
    return len(phones)


def _end_silence(service: Service, phone: str) -> None:
    now = service.clock()
    try:
        with service.database.begin() as connection:
            conversation = conversations.hold(connection, phone, service.language, now)
            if conversation.silence_at is None or conversation.silence_at > now:
                return  # the customer was faster
            done = take(service, connection, conversation, Silence())
    except Exception as error:
        log.error("silence_failed", error=type(error).__name__, exc_info=True)
        with service.database.begin() as connection:
            conversations.put_off_silence(connection, phone, now + AFTER_A_FAULT)
        return
    wake(service, done)


def ring_timers(service: Service, most: int = 100) -> int:
    """Acts on due timers, one transaction each. How many rang."""
    rung = 0
    while rung < most and _ring_one(service):
        rung += 1
    return rung


def _ring_one(service: Service) -> bool:
    timer: Any = None
    try:
        with service.database.begin() as connection:
            due = waits.due_timers(connection, service.clock(), 1)
            if not due:
                return False
            timer = due[0]
            # The conversation first, as everybody takes them: an agent who holds it may be about to drop the timer.
            conversations.hold(connection, timer.phone, service.language, service.clock())
            if not waits.take_timer(connection, timer.id, service.clock()):
                return True  # somebody was faster
            done = _ring(service, connection, timer)
    except Exception as error:
        if timer is None:
            raise
        # It rings again later, and does not stand in the way of the others.
        log.error("timer_failed", timer=timer.name, subject=timer.subject, error=type(error).__name__, exc_info=True)
        wait = AFTER_A_RACE if is_passing(error) else AFTER_A_FAULT
        with service.database.begin() as connection:
            waits.put_off_timer(connection, timer.id, service.clock() + wait)
        return True
    if done:
        wake(service, done)
    elif timer.name == "callback_reminder":
        service.wake("outbox")
    elif timer.name in {"callback_missed", "call_lost"}:
        service.wake("console")
    return True


def _ring(service: Service, connection: Connection, timer: Any) -> Round | None:
    if timer.name == "promise":
        return _promise(service, connection, timer)
    if timer.name == "callback_reminder":
        _remind(service, connection, timer)
    elif timer.name == "callback_missed":
        _missed(service, connection, timer)
    elif timer.name == "call_lost":
        lose(connection, timer.subject, service.clock())
    return None


def _promise(service: Service, connection: Connection, timer: Any) -> Round | None:
    """Nobody claimed the ticket in time (A9)."""
    ticket = tickets.by_id(connection, timer.subject)
    if ticket is None or ticket.state != "waiting":
        return None
    conversation = conversations.hold(connection, timer.phone, service.language, service.clock())
    return take(service, connection, conversation, Unanswered())


def _remind(service: Service, connection: Connection, timer: Any) -> None:
    booking = callbacks.by_id(connection, timer.subject)
    if booking is None or booking.state != "booked":
        return
    now = service.clock()
    conversation = conversations.hold(connection, timer.phone, service.language, now)
    known = facts.gather(connection, timer.phone, now)
    starts, ends = (moment.astimezone(service.zone).isoformat() for moment in (booking.starts_at, booking.ends_at))
    reminder = Say(
        "callback.reminder",
        {
            "customer": address(known.name, known.title, conversation.language),
            "start": f"{starts}/{ends}",
            "tail": booking.call_phone[-4:],
            "caller": service.caller,
            "now": now.astimezone(service.zone).isoformat(),
        },
    )
    # A reminder of what the customer booked is a service text: it is due whatever was refused but the gateway's block.
    message = compose(service, conversation, [reminder], now=now, code_id=None, inbound_id=None, purpose="service")
    if message is not None:
        outbox.queue(connection, message, now)


def _missed(service: Service, connection: Connection, timer: Any) -> None:
    """The slot is over and nobody said that the customer was reached: a promise broken, and a queue must know.

    While somebody calls it is too early to tell; what comes of that call, or its end without a word, decides.
    """
    now = service.clock()
    if call := calls.running(connection, timer.subject):
        later = max(call.started_at + VANISHED, now) + AFTER_A_RACE
        waits.set_timer(connection, timer.phone, timer.name, timer.subject, later)
        return
    if callbacks.settle(connection, timer.subject, "missed", "clock", now):
        tickets.raise_flag(connection, timer.phone, "callback_missed", f"callback:{timer.subject}", now)
        events.tell(connection, "callbacks", now)


def take_waiting_texts(service: Service, most: int = 100) -> int:
    """Texts that were stored alone get their turns, oldest first for each number, and the numbers by turns: one that
    sent hundreds makes nobody wait. How many turns were tried."""
    with service.database.begin() as connection:
        phones = inbox.waiting_phones(connection, most)
    taken = 0
    while phones and taken < most:
        phones = [phone for phone in phones if _take_one(service, phone)]
        taken += len(phones)
    return taken


def _take_one(service: Service, phone: str) -> bool:
    try:
        return take_waiting(service, phone)
    except Exception as error:
        # One number whose texts cannot even be counted as failed must not hold up all others.
        log.error("waiting_text_failed", error=type(error).__name__, exc_info=True)
        return False
