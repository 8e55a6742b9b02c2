"""What a customer reads about a callback when nobody has just asked: service texts, in the customer's language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.flows.vocabulary import Conversation, Say
from app.handlers.compose import compose
from app.handlers.service import Service
from app.rules.hours import Span
from app.rules.titles import address
from app.store import facts, outbox


def tell_failed(
    service: Service, connection: Connection, conversation: Conversation, row: Any, now: datetime
) -> int | None:
    """Called twice in vain: the hotline, and how to book again."""
    known = facts.gather(connection, conversation.phone, now)
    values = {
        "customer": address(known.name, known.title, conversation.language),
        "tail": row.call_phone[-4:],
        "hotline": service.hotline,
    }
    return _queue(service, connection, conversation, Say("callback.failed", values), now)


def tell_second_try(
    service: Service, connection: Connection, conversation: Conversation, again: Span, now: datetime
) -> int | None:
    """The second call comes at another time than was promised."""
    values = {"start": window(service, again), "caller": service.caller}
    return _queue(service, connection, conversation, Say("callback.retry", values), now)


def tell_moved(
    service: Service, connection: Connection, conversation: Conversation, row: Any, slot: Span, now: datetime
) -> int | None:
    """Agreed on the phone: the same words as after a move by text."""
    values = {"start": window(service, slot), "tail": row.call_phone[-4:]}
    return _queue(service, connection, conversation, Say("callback.moved", values), now)


def window(service: Service, span: Span) -> str:
    """`start/end` in the bank's zone, as the texts' form `window` reads it."""
    return f"{span.start.astimezone(service.zone).isoformat()}/{span.end.astimezone(service.zone).isoformat()}"


def _queue(service: Service, connection: Connection, conversation: Conversation, say: Say, now: datetime) -> int | None:
    say = Say(say.key, {**say.values, "now": now.astimezone(service.zone).isoformat()})
    message = compose(service, conversation, [say], now=now, code_id=None, inbound_id=None, purpose="service")
    return None if message is None else outbox.queue(connection, message, now)
