"""The outbox: queue, claim, settle. The claim is the lock, and the consent check is part of it (law 5)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, text, update

from app.rules.purpose import RULES
from app.store import tables
from app.store.consents import BLOCKS
from app.store.statement import Statement
from app.store.types import Moment

ROW = tables.Message
QUEUE = Statement(
    insert(ROW).returning(ROW.id),
    (
        *("phone", "purpose", "lane", "template", "body", "parts", "code_id", "figures", "inbound_id", "author"),
        *("state", "reason", "created_at", "due_at", "expires_at", "attempts", "status", "conflict"),
    ),
)

ANY = 1_000_000_000  # parts; more than any claim can take
MOST_COUNTED = 20_000
OLDEST = 1_000  # texts that are looked at while nothing may leave: those that wait longest are too old first
BACKLOG = text(
    "SELECT coalesce(sum(parts), 0) AS due, coalesce(sum(CASE WHEN due_at <= :late THEN parts END), 0) AS late"
    " FROM (SELECT parts, due_at FROM messages WHERE state = 'queued' AND lane = 0 AND due_at <= :now"
    f" ORDER BY due_at LIMIT {MOST_COUNTED}) AS waiting"
).bindparams(bindparam("now", type_=Moment()), bindparam("late", type_=Moment()))

CLAIM = """
WITH picked AS {materialized} (
  SELECT q.id AS picked_id, q.lane AS picked_lane, q.due_at AS picked_due, q.parts AS picked_parts FROM messages q
  WHERE q.state = 'queued' AND q.due_at <= :now AND q.lane BETWEEN :first_lane AND :last_lane
    AND :purposes LIKE '%,' || q.purpose || ',%' AND q.attempts <= :tried
    AND NOT EXISTS (SELECT 1 FROM messages e WHERE e.phone = q.phone AND e.lane = q.lane AND e.id < q.id
                      AND e.state IN ('queued', 'sending'))
    AND (q.purpose <> 'commercial'
         OR NOT EXISTS (SELECT 1 FROM inbound i WHERE i.phone = q.phone AND i.state = 'waiting'))
  ORDER BY q.lane, q.due_at, q.id LIMIT :most {locked}
),
fitting AS (
  SELECT picked_id, sum(picked_parts) OVER (ORDER BY picked_lane, picked_due, picked_id) - picked_parts AS ahead
  FROM picked
)
UPDATE messages AS m SET
  state = CASE WHEN m.expires_at <= :now THEN 'failed' WHEN {blocks} THEN 'withheld' ELSE 'sending' END,
  reason = CASE WHEN m.expires_at <= :now THEN 'expired' WHEN {blocks} THEN 'refused' ELSE m.reason END,
  gateway = CASE WHEN m.expires_at <= :now OR {blocks} THEN m.gateway ELSE :gateway END,
  attempts = m.attempts + 1, lease_until = :lease
FROM fitting WHERE m.id = fitting.picked_id AND fitting.ahead < :parts AND m.state = 'queued'
RETURNING id, lane, phone, purpose, body, parts, code_id, figures, state, attempts, created_at, expires_at
"""
CLAIMS = {
    name: text(CLAIM.format(materialized=materialized, locked=locked, blocks=BLOCKS))
    .columns(created_at=Moment(), expires_at=Moment())
    .bindparams(bindparam("now", type_=Moment()), bindparam("lease", type_=Moment()))
    for name, materialized, locked in (
        ("sqlite", "MATERIALIZED", ""),
        ("postgresql", "MATERIALIZED", "FOR UPDATE SKIP LOCKED"),
    )
}


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A text to be queued; moments are aware. See `tables.Message` for the fields."""

    phone: str
    purpose: str
    lane: int
    template: str
    body: str
    parts: int
    due_at: datetime
    expires_at: datetime
    code_id: int | None = None
    figures: bool = False
    inbound_id: int | None = None
    author: str = "bot"


def queue(connection: Connection, new: NewMessage, now: datetime) -> int:
    """Adds a message; its id. Callers hold the number's conversation, so ids follow the order of turns."""
    queued: int = QUEUE.scalar(
        connection,
        {
            "phone": new.phone,
            "purpose": new.purpose,
            "lane": new.lane,
            "template": new.template,
            "body": new.body,
            "parts": new.parts,
            "code_id": new.code_id,
            "figures": new.figures,
            "inbound_id": new.inbound_id,
            "author": new.author,
            "state": "queued",
            "reason": "",
            "created_at": now,
            "due_at": new.due_at,
            "expires_at": new.expires_at,
            "attempts": 0,
            "status": -1,
            "conflict": False,
        },
    )
    return queued


def claim(
    connection: Connection,
    now: datetime,
    lease: datetime,
    most: int,
    lanes: tuple[int, int] = (0, 2),
    parts: int = ANY,
    gateway: str = "",
    purposes: Collection[str] = tuple(RULES),
    tried: int = ANY,
) -> list[Any]:
    """Takes due messages for sending, at most one per number and lane, answers first. A commercial text stays queued
    while a text of its number waits for its turn: that one is acknowledged, and may be the refusal (law 5).

    At most `most` messages, and none once those ahead of it have used up `parts`: the last one may go beyond. They are
    of these purposes and were not `tried` more often, and the row tells by which `gateway` they leave.

    Returned rows have `state`: `sending` for ours to send; `withheld` or `failed` (expired) for those that stop here.
    """
    values: dict[str, Any] = {"now": now, "lease": lease, "most": most, "parts": parts}
    values |= {"first_lane": lanes[0], "last_lane": lanes[1]}
    values |= {"gateway": gateway, "purposes": f",{','.join(purposes)},", "tried": tried}
    rows = list(connection.execute(CLAIMS[connection.dialect.name], values))
    return sorted(rows, key=lambda row: (row.lane, row.id))


def expire(connection: Connection, now: datetime, lanes: tuple[int, int], most: int = OLDEST) -> int:
    """While nothing may leave: those of the `most` texts that wait longest that are too old by now fail as `expired`;
    how many."""
    # A common table is read once. A plain subquery in an UPDATE may be read for each row: then its limit is none.
    waiting = (
        select(ROW.id, ROW.expires_at)
        .where(ROW.state == "queued", ROW.lane.between(*lanes), ROW.due_at <= now)
        .order_by(ROW.lane, ROW.due_at, ROW.id)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("waiting")
        .prefix_with("MATERIALIZED")
    )
    old = select(waiting.c.id).where(waiting.c.expires_at <= now)
    ended = update(ROW).where(ROW.id.in_(old), ROW.state == "queued").values(state="failed", reason="expired")
    return len(connection.execute(ended.returning(ROW.id)).all())


def any_queued(connection: Connection, phones: Collection[str]) -> bool:
    """Whether another text waits for one of these numbers."""
    found = select(ROW.id).where(ROW.state == "queued", ROW.phone.in_(phones)).limit(1)
    return connection.execute(found).first() is not None


def parts_queued(connection: Connection) -> int:
    """Parts of all texts that wait to leave, whatever they are for."""
    return int(
        connection.execute(select(func.coalesce(func.sum(ROW.parts), 0)).where(ROW.state == "queued")).scalar_one()
    )


def backlog(connection: Connection, now: datetime, late: datetime) -> tuple[int, int]:
    """Parts of answers that are due and wait, and how many of them have been due since `late` or longer. Counts up to
    20,000 texts: whoever asks wants to know whether there are too many."""
    row = connection.execute(BACKLOG, {"now": now, "late": late}).one()
    return int(row.due), int(row.late)
