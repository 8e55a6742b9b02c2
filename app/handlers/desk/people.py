"""Calling a person, telling a queue, and noting a promise to pay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from app.flows.reading.mood import mood_of
from app.handlers import options
from app.rules.promise import PROMISE
from app.rules.urgency import priority
from app.store import tickets, waits

if TYPE_CHECKING:
    from app.handlers.turns import Round

Found = tuple[str, Mapping[str, str]]

LATEST_PROMISE = timedelta(days=30)
"""A promise to pay further away than this is a talk with a person."""
MINUTES_EACH = 2  # what a talk in front of the customer's own takes, for the estimate


def open_ticket(done: Round, slots: Mapping[str, str]) -> Found:
    """queued {ahead, wait} when people are there · closed {opens}. An open ticket is kept, not doubled."""
    service, conversation = done.service, done.conversation
    topic = slots.get("topic", "human")
    found = tickets.open_talk(done.connection, conversation.phone)
    ticket_id = found.id if found else _add(done, slots, "talk", topic)
    if found:
        tickets.text_came(done.connection, conversation.phone, done.now, mood_of(done.said_to_us))
        done.wakes.add("console")
    hours = options.hours(done.connection, service.hours)
    if not hours.is_open(done.now):
        opens = hours.next_opening(done.now)
        return "closed", {"opens": opens.astimezone(service.zone).isoformat(), "topic": topic}
    if found is None or found.state == "waiting":
        waits.set_timer(done.connection, conversation.phone, "promise", ticket_id, done.now + PROMISE)
    ahead = tickets.ahead_of(done.connection, ticket_id)
    return "queued", {"ahead": str(ahead), "wait": str(1 + ahead * MINUTES_EACH), "topic": topic}


def flag(done: Round, slots: Mapping[str, str]) -> Found:
    """A queue must know: fraud doubt, complaint, "I have paid". No conversation is handed over by it."""
    topic = slots.get("topic", "review")
    if not tickets.is_flagged(done.connection, done.conversation.phone, topic):
        _add(done, slots, "flag", topic)
    return "done", {}


def note_promise(done: Round, slots: Mapping[str, str]) -> Found:
    """noted {day} · missing · too_late. The day is in the bank's zone; one that is over counts as missing.

    A promise that nobody has taken up yet moves to the new day: one holds, the last.
    """
    try:
        day = date.fromisoformat(slots.get("day") or slots.get("from", "")[:10])
    except ValueError:
        return "missing", {}
    today = done.now.astimezone(done.service.zone).date()
    if day < today:
        return "missing", {}
    if day > today + LATEST_PROMISE:
        return "too_late", {}
    said = day.isoformat()
    if tickets.say_anew(done.connection, done.conversation.phone, "promise_to_pay", said, done.now):
        done.wakes.add("console")
    else:
        _add(done, {**slots, "said": said}, "flag", "promise_to_pay")
    return "noted", {"day": day.isoformat()}


def _add(done: Round, slots: Mapping[str, str], kind: str, topic: str) -> int:
    done.wakes.add("console")
    said = slots.get("said", "") or done.said_to_us
    mood = mood_of(said)
    return tickets.add(
        done.connection,
        phone=done.conversation.phone,
        kind=kind,
        topic=topic,
        place=slots.get("where", ""),
        reason=slots.get("said", ""),
        language=done.conversation.language,
        now=done.now,
        priority=priority(kind, topic, mood),
        mood=mood,
        asked_at=done.heard_at,
    )
