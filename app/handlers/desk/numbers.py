"""Who a number belongs to, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from app.flows.reading.masking import mask
from app.flows.vocabulary import Conversation
from app.handlers.desk.bookings import cancel_booking
from app.store import codes, people, tickets

if TYPE_CHECKING:
    from app.handlers.turns import Round

Found = tuple[str, Mapping[str, str]]


def identify(done: Round, slots: Mapping[str, str]) -> Found:
    """one · several (ask the tail, never list names) · nobody · other_card."""
    live = people.bound(done.connection, done.conversation.phone)
    tail = slots.get("last4", "")
    if not live:
        return "nobody", {}
    if tail:
        live = [row for row in live if row.card_last4 == tail]
        if not live:
            return "other_card", {}
    if len(live) > 1:
        return "several", {}
    return "one", {"customer_id": live[0].customer_id}


def proven_customer(done: Round) -> str | None:
    """The customer whom a figure may be told to in this turn (law 10)."""
    return proven(done.connection, done.conversation, done.now)


def proven(connection: Connection, conversation: Conversation, now: datetime) -> str | None:
    """The customer whom a figure may be told to (law 10): verified now, bound to the number, and proven by the code
    that was passed last. None when one of these fails."""
    if conversation.verified_until is None or now >= conversation.verified_until:
        return None
    customer = codes.proven_customer(connection, conversation.phone)
    live = {row.customer_id for row in people.bound(connection, conversation.phone)}
    return customer if customer in live else None


def refuse(done: Round, _: Mapping[str, str]) -> Found:
    """The customer said yes to "do you want to unsubscribe?"."""
    if "commercial" not in done.facts.refused:
        done.record_consent("commercial", "refused", "reply")
    return "done", {}


def disown(done: Round, slots: Mapping[str, str]) -> Found:
    """Wrong person: nothing personal goes to this number any more, and the account's owner team hears of it (A14)."""
    phone = done.conversation.phone
    owners = people.disown(done.connection, phone, "wrong_person", done.now)
    for scope in ("commercial", "reminders"):
        if scope not in done.facts.refused:
            done.record_consent(scope, "refused", "wrong_person")
    cancelled = cancel_booking(done, "wrong_person")
    if owners or cancelled:
        language, said = done.conversation.language, mask(slots.get("said", "")).text
        tickets.raise_flag(done.connection, phone, "wrong_person", "", done.now, reason=said, language=language)
    return "done", {}
