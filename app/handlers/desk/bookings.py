"""Callbacks (A7): slots that exist, booked under a lock so that none is filled past its capacity."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from app.handlers import options
from app.handlers.service import Service
from app.rules.hours import Span
from app.rules.roster import Roster
from app.rules.slots import Wish, offer
from app.store import callbacks, events, waits

if TYPE_CHECKING:
    from app.handlers.turns import Round

Found = tuple[str, Mapping[str, str]]

HORIZON = timedelta(days=45)
AT_ONCE = timedelta(minutes=5)
REMINDED_BEFORE = timedelta(minutes=30)
TIMERS = ("callback_reminder", "callback_missed")


def find_slots(done: Round, slots: Mapping[str, str]) -> Found:
    """offered, nearest {slot1, slot2?} · exact {slot1} · booked {start} · past · none. Windows are `start/end`."""
    held = callbacks.booked(done.connection, done.conversation.phone)
    if held is not None and slots.get("moving") != "yes":
        if "from" not in slots:
            return "booked", {"start": _window(done, Span(*callbacks.window(held)))}
        slots = {**slots, "moving": "yes"}
    roster = roster_of(done.service, done.connection, done.now, held)
    found = offer(done.now, roster.hours, roster.taken, roster.capacity, _wish(slots, done.now))
    facts = {"slot": "", "slot1": "", "slot2": "", "moving": slots.get("moving", "")}
    facts |= {f"slot{n}": _window(done, slot) for n, slot in enumerate(found.slots, 1)}
    return found.outcome, facts


def book(done: Round, slots: Mapping[str, str]) -> Found:
    """booked, moved {start, tail} · taken, when somebody was faster or time has passed."""
    connection, phone = done.connection, done.conversation.phone
    callbacks.one_at_a_time(connection)
    slot = _span(slots.get(slots.get("slot") or "slot1", ""))
    held = callbacks.booked(connection, phone)
    if slot is None or not roster_of(done.service, connection, done.now, held).is_free(slot):
        return "taken", {"from": "", "to": "", "exact": "", "moving": "yes" if held else ""}
    if held is not None:
        _drop(done, held.id, "moved")
    call_phone = slots.get("phone") or phone
    place(connection, phone, call_phone, slot, slots.get("where", "") or slots.get("topic", ""), done.now)
    done.wakes.add("console")
    return ("moved" if held else "booked"), {"start": _window(done, slot), "tail": call_phone[-4:]}


def place(connection: Connection, phone: str, call_phone: str, slot: Span, topic: str, now: datetime) -> int:
    """A booked callback with its timers; its id. Call it under `callbacks.one_at_a_time`, wake `console` afterwards."""
    booking = callbacks.book(
        connection,
        phone=phone,
        call_phone=call_phone,
        starts_at=slot.start,
        ends_at=slot.end,
        topic=topic,
        now=now,
    )
    if slot.start - REMINDED_BEFORE > now + REMINDED_BEFORE:
        waits.set_timer(connection, phone, "callback_reminder", booking, slot.start - REMINDED_BEFORE)
    waits.set_timer(connection, phone, "callback_missed", booking, slot.end)
    events.tell(connection, "callbacks", now)
    return booking


def roster_of(service: Service, connection: Connection, now: datetime, held: Any) -> Roster:
    """Who can call when, by the hours in force. `held`: a booking that would be moved, and stands in nobody's way."""
    taken = callbacks.taken(connection, now - timedelta(hours=2), now + HORIZON)
    own = _start(held)
    if own in taken:
        taken[own] -= 1
    hours = options.hours(connection, service.hours)
    free = {start: count for start, count in taken.items() if count}
    return Roster(hours.local(now), hours, free, service.callback_capacity)


def _start(held: Any) -> datetime | None:
    """Where a booking stands among those of `callbacks.taken`."""
    if held is None:
        return None
    moved = held.retry_at is not None and held.retry_at >= held.ends_at
    start: datetime = held.retry_at if moved else held.starts_at
    return start


def cancel(done: Round, _: Mapping[str, str]) -> Found:
    """done · none."""
    return ("done" if cancel_booking(done, "customer") else "none"), {}


def cancel_booking(done: Round, by: str) -> bool:
    """Cancels the number's booking with its timers. False when there is none."""
    held = callbacks.booked(done.connection, done.conversation.phone)
    if held is None:
        return False
    _drop(done, held.id, by)
    return True


def _drop(done: Round, callback_id: int, by: str) -> None:
    callbacks.settle(done.connection, callback_id, "cancelled", by, done.now)
    for name in TIMERS:
        waits.drop_timer(done.connection, name, callback_id)
    events.tell(done.connection, "callbacks", done.now)
    done.wakes.add("console")


def _wish(slots: Mapping[str, str], now: datetime) -> Wish | None:
    """The time that the customer named. None for no time, and for "now": then the soonest slots are offered."""
    if not slots.get("from"):
        return None
    start = datetime.fromisoformat(slots["from"])
    end = datetime.fromisoformat(slots["to"]) if slots.get("to") else start + timedelta(hours=1)
    if start <= now < start + AT_ONCE:
        return None
    return Wish(start, end, slots.get("exact") == "yes")


def _window(done: Round, span: Span) -> str:
    zone = done.service.zone
    return f"{span.start.astimezone(zone).isoformat()}/{span.end.astimezone(zone).isoformat()}"


def _span(window: str) -> Span | None:
    start, _, end = window.partition("/")
    return Span(datetime.fromisoformat(start), datetime.fromisoformat(end)) if end else None
