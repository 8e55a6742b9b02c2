"""What pacing rests on: who could answer now, what the latest texts of a programme led to, and which are under way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text

from app.store import tables
from app.store.staffing import TAKE_TICKETS
from app.store.statement import Statement
from app.store.types import Moment

AGENT, TICKET, ROW = tables.Agent, tables.Ticket, tables.Occasion
LATEST = 300
"""Texts of a programme, and conversations with agents, that tell what will be."""
MOST_COUNTED = 20_000

_WITHIN = {
    "sqlite": "julianday(t.opened_at) < julianday(o.queued_at) + 2.0 / 24",
    "postgresql": "t.opened_at < o.queued_at + interval '2 hours'",
}
_PAST = """
    SELECT count(*) AS texts,
      coalesce(sum(CASE WHEN EXISTS (SELECT 1 FROM responses r WHERE r.occasion_id = o.id) THEN 1 END), 0) AS replies,
      coalesce(sum(CASE WHEN EXISTS (SELECT 1 FROM tickets t WHERE t.phone = o.phone AND t.kind = 'talk'
        AND t.opened_at >= o.queued_at AND {within}) THEN 1 END), 0) AS to_a_person
    FROM (SELECT id, phone, queued_at FROM occasions WHERE programme = :programme AND queued_at <= :before
          ORDER BY queued_at DESC LIMIT :most) AS o
"""
PAST = Statement(
    {
        name: text(_PAST.format(within=within)).bindparams(bindparam("before", type_=Moment()))
        for name, within in _WITHIN.items()
    }
)

_MINUTE = {"sqlite": "substr(queued_at, 1, 16)", "postgresql": "date_trunc('minute', queued_at)"}
UNDER_WAY = Statement(
    {
        name: text(
            "SELECT max(queued_at) AS latest, count(*) AS texts FROM occasions"
            f" WHERE programme = :programme AND queued_at > :since GROUP BY {minute}"
        )
        .bindparams(bindparam("since", type_=Moment()))
        .columns(latest=Moment())
        for name, minute in _MINUTE.items()
    }
)
LATER = Statement(
    select(ROW.id).where(ROW.programme == bindparam("programme"), ROW.queued_at > bindparam("since")).limit(1)
)


def past(connection: Connection, programme: str, before: datetime) -> Any:
    """Of the programme's latest texts queued before then: `texts`, how many of them got `replies`, and after how many
    the number had a talk with a person within two hours (`to_a_person`)."""
    return PAST.first(connection, {"programme": programme, "before": before, "most": LATEST})


def any_since(connection: Connection, programme: str, since: datetime) -> bool:
    """Whether a text of the programme was queued after that."""
    return LATER.first(connection, {"programme": programme, "since": since}) is not None


def under_way(connection: Connection, programme: str, since: datetime, now: datetime) -> Sequence[tuple[float, int]]:
    """(minutes ago, texts) of what was queued of the programme after `since`, minute by minute: the age of the
    youngest."""
    found = UNDER_WAY.all(connection, {"programme": programme, "since": since})
    return [(max(0.0, (now - row.latest).total_seconds() / 60), row.texts) for row in found]


def keeps_agents(connection: Connection) -> bool:
    """Whether anybody has an account here who may hold a conversation."""
    found = select(AGENT.id).where(AGENT.role.in_(TAKE_TICKETS), AGENT.disabled_at.is_(None))
    return connection.execute(found.limit(1)).first() is not None


def seats(connection: Connection, now: datetime) -> tuple[int, int]:
    """Conversations that the agents who are there and available may hold at once, and how many more they may."""
    holds = select(func.count()).where(TICKET.agent == AGENT.name, TICKET.state == "claimed", TICKET.kind == "talk")
    rows = connection.execute(
        select(AGENT.most_open, holds.correlate(AGENT).scalar_subquery().label("held"))
        .where(AGENT.role.in_(TAKE_TICKETS), AGENT.disabled_at.is_(None))
        .where(AGENT.status == "available", AGENT.alive_until > now)
    ).all()
    return sum(row.most_open for row in rows), sum(max(0, row.most_open - row.held) for row in rows)


def waiting_for_a_person(connection: Connection) -> int:
    """How many customers wait for somebody to take their conversation."""
    found = select(func.count()).select_from(TICKET).where(TICKET.state == "waiting", TICKET.kind == "talk")
    return int(connection.execute(found).scalar_one())


def minutes_with_a_person(connection: Connection) -> Sequence[float]:
    """How long the latest conversations with agents took, from the claim to the end."""
    ended = TICKET.kind == "talk", TICKET.state == "closed", TICKET.claimed_at.is_not(None)
    found = select(TICKET.claimed_at, TICKET.closed_at).where(*ended).order_by(TICKET.id.desc()).limit(LATEST)
    return [(row.closed_at - row.claimed_at).total_seconds() / 60 for row in connection.execute(found)]


def waiting(connection: Connection, programme: str, now: datetime) -> int:
    """How many texts of a programme are due and planned; counts up to 20,000."""
    found = select(ROW.id).where(ROW.state == "planned", ROW.programme == programme, ROW.due_at <= now)
    counted = found.limit(MOST_COUNTED).subquery()
    return int(connection.execute(select(func.count()).select_from(counted)).scalar_one())
