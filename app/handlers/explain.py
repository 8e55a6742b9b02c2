"""Why the service said what it said (X4): the last turns of a number, read back from the trace. No body is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.gateways.port import Status
from app.handlers.service import Service
from app.store import companions, occasions, responses, threads
from app.store.database import Database


@dataclass(frozen=True, slots=True)
class Explained:
    """One turn. `event`: what it began with (`heard`, `answered`, `silence`, …). `meaning` and `score` (0..1) are those
    of the reader, empty and None when nothing was read. `path`: steps entered, in order. `said`: keys of the texts.
    `notes`: why we stayed silent, what was dropped. `message`: id of our text; `state` and `reason`
    are its own, `code` the gateway's.
    """

    id: int
    at: datetime
    event: str
    meaning: str
    score: float | None
    reasons: tuple[str, ...]
    path: tuple[str, ...]
    said: tuple[str, ...]
    notes: tuple[str, ...]
    message: int | None
    state: str = ""
    reason: str = ""
    code: str = ""


def explain_phone(service: Service, phone: str, most: int = 10) -> list[Explained]:
    """The last `most` turns of a number, the newest first."""
    with service.database.begin() as connection:
        turns = threads.traces(connection, phone, most)
        sent = {row.id: row for row in threads.messages(connection, phone, most)}
    return [_explained(turn, sent) for turn in turns]


@dataclass(frozen=True, slots=True)
class ExplainedMessage:
    """A text of ours and what led to it. `consent`: the ledger's rows of its number, `scope verdict (source) at`.

    `programme` to `answered_by` are of a text that began a conversation: what it was sent for, `key@version language`,
    where its links lead, and what customers' texts said to it. `answers_offer`: the one that the text before answered.
    `beside`: what went beside it by other channels, and what came of it.
    """

    message: int
    purpose: str
    texts: str
    author: str
    parts: int
    state: str
    reason: str
    delivery: str
    error_code: str
    created: datetime
    answers_text: int | None
    began_with: str
    heard: str
    score: float | None
    reasons: tuple[str, ...]
    steps: tuple[str, ...]
    notes: tuple[str, ...]
    consent: tuple[str, ...]
    receipts: tuple[str, ...]
    programme: str = ""
    occasion: str = ""
    template_version: str = ""
    links: tuple[str, ...] = ()
    answered_by: tuple[str, ...] = ()
    answers_offer: str = ""
    beside: tuple[str, ...] = ()


def explain_message(database: Database, message_id: int) -> ExplainedMessage | None:
    """Which meaning, steps, words and consent led to a text, and what became of it. None when there is no such text."""
    with database.begin() as connection:
        row = threads.message(connection, message_id)
        if row is None:
            return None
        turn = threads.trace_of(connection, row.phone, message_id)
        ledger = threads.consents_of(connection, row.phone)
        receipts = threads.receipts_of(connection, message_id)
        why: Mapping[str, Any] = turn.detail if turn else {}
        begun = _begun(connection, message_id)
        answered = _answered(connection, why.get("answers"))
        beside = companions.of_messages(connection, [message_id]).get(message_id, [])
    return ExplainedMessage(
        message=row.id,
        purpose=row.purpose,
        texts=row.template,
        author=row.author,
        parts=row.parts,
        state=row.state,
        reason=row.reason,
        delivery=Status(row.status).name.lower() if row.status >= 0 else "",
        error_code=row.error_code or "",
        created=row.created_at,
        answers_text=row.inbound_id,
        began_with=turn.event if turn else "",
        heard=why.get("meaning", ""),
        score=why.get("score"),
        reasons=tuple(why.get("reasons", ())),
        steps=tuple(why.get("path", ())),
        notes=tuple(why.get("notes", ())),
        consent=tuple(f"{c.scope} {c.verdict} ({c.source}) {c.at:%Y-%m-%d %H:%M}" for c in ledger),
        receipts=tuple(f"{Status(r.status).name.lower()} {r.error_code} {r.received_at:%H:%M:%S}" for r in receipts),
        answers_offer=answered,
        beside=tuple(_beside(one) for one in beside),
        **begun,
    )


def _begun(connection: Connection, message_id: int) -> dict[str, Any]:
    """Of a text that began a conversation; nothing for any other."""
    row = threads.occasion_of(connection, message_id)
    if row is None:
        return {}
    arm = f" ({row.variant})" if row.variant else ""
    return {
        "programme": row.programme,
        "occasion": f"{row.occasion} (occasion {row.id}, queued {row.queued_at:%Y-%m-%d %H:%M})",
        "template_version": f"{row.template}@{row.version} {row.language}{arm}",
        "links": tuple(
            f"{link.target} ({f'followed {link.followed_at:%Y-%m-%d %H:%M}' if link.followed_at else 'not followed'})"
            for link in threads.links_of(connection, row.id)
        ),
        "answered_by": tuple(
            f"text {one.inbound_id}: {one.meaning} {one.choice} {one.confidence:.2f} {one.at:%Y-%m-%d %H:%M}"
            for one in responses.to(connection, row.id)
        ),
    }


def _answered(connection: Connection, told: Mapping[str, Any] | None) -> str:
    """`settled (occasion 17): chosen 1, confidence 0.50, key:1 age:1 answered:0.5`."""
    row = occasions.by_id(connection, told["occasion"]) if told else None
    if told is None or row is None:
        return ""
    what = f"{told['meaning']} {told['choice']}".strip()
    return (
        f"{row.programme} (occasion {row.id}): {what}, confidence {told['confidence']:.2f}, {' '.join(told['reasons'])}"
    )


def _beside(row: Any) -> str:
    """`second template:vip: confirmed 2026-06-10 02:05, tried 1 times`."""
    at = row.settled_at or row.sent_at or row.due_at
    why = f" ({row.reason})" if row.reason else ""
    return f"{row.channel} {row.subject}: {row.state}{why} {at:%Y-%m-%d %H:%M}, tried {row.attempts} times"


def _explained(turn: Any, sent: Mapping[int, Any]) -> Explained:
    why: Mapping[str, Any] = turn.detail
    message = why.get("message")
    row = sent.get(message) if message is not None else None
    return Explained(
        id=turn.id,
        at=turn.at,
        event=turn.event,
        meaning=why.get("meaning", ""),
        score=why.get("score"),
        reasons=tuple(why.get("reasons", ())),
        path=tuple(why.get("path", ())),
        said=tuple(why.get("said", ())),
        notes=tuple(why.get("notes", ())),
        message=message,
        state=row.state if row else "",
        reason=row.reason if row else "",
        code=(row.error_code or "") if row else "",
    )
