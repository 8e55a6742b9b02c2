"""Customers' answers to texts that began conversations: what the core is told of those texts, and what is kept of the
answer, in the transaction of the turn (law 4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.flows.offered import Candidate, Invited, Offered, Replied, meant
from app.store import responses
from app.store.facts import Begun


def offered(begun: Iterable[Begun], zone: ZoneInfo, heard_at: datetime) -> tuple[Offered, ...]:
    """The rows as the core knows them. `heard_at`: when the text came that may answer them; they are no later."""
    return tuple(
        Offered(
            id=one.id,
            programme=one.programme,
            kind=one.kind,
            day=one.at.astimezone(zone).date().isoformat(),
            ago=max(heard_at - one.at, timedelta(0)),
            purpose=one.purpose,
            replies=tuple(Invited(reply.key, reply.flow, reply.words, reply.slots) for reply in one.menu),
            answered=one.answered > 0,
            declined=one.declined,
        )
        for one in begun
    )


def keep(connection: Connection, replied: Replied, inbound_id: int, phone: str, at: datetime) -> None:
    """The row of an answer. `at`: when it came."""
    responses.add(
        connection,
        inbound_id=inbound_id,
        occasion_id=replied.occasion,
        phone=phone,
        meaning=replied.meaning,
        choice=replied.choice,
        confidence=replied.confidence,
        now=at,
    )


def keep_refusal(
    connection: Connection, texts: Iterable[Offered], scope: str, inbound_id: int, phone: str, at: datetime
) -> None:
    """The row of a refusal that took effect without a turn."""
    found = meant([Candidate(one, None, "refused") for one in texts if one.commercial])
    if found is not None:
        replied = Replied(found.candidate.offered.id, "refused", scope, found.confidence, found.reasons)
        keep(connection, replied, inbound_id, phone, at)


def told(replied: Replied) -> dict[str, Any]:
    """For the trace: which text was answered, and why we think so."""
    return {
        "occasion": replied.occasion,
        "meaning": replied.meaning,
        "choice": replied.choice,
        "confidence": replied.confidence,
        "reasons": list(replied.reasons),
    }
