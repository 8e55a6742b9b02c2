"""Calls that keep a callback: taken by one agent, ended with an outcome, and how many promises were kept (A7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from app.store import tables

ROW, CALLBACK, TICKET = tables.Call, tables.Callback, tables.Ticket
TAKEABLE = ("booked", "missed")
"""A missed one can still be called, late."""


def take(connection: Connection, callback_id: int, agent: str, now: datetime) -> int | None:
    """The new call's id for the one agent who gets the callback, else None. Raises `sqlalchemy.exc.IntegrityError` when
    the agent has another call open."""
    taken = connection.execute(
        update(CALLBACK)
        .where(CALLBACK.id == callback_id, CALLBACK.state.in_(TAKEABLE), CALLBACK.agent == "")
        .values(agent=agent)
    )
    if taken.rowcount != 1:
        return None
    made: int = connection.execute(
        insert(ROW).values(callback_id=callback_id, agent=agent, started_at=now, outcome="").returning(ROW.id)
    ).scalar_one()
    return made


def running(connection: Connection, callback_id: int) -> Any:
    """The call that runs for a callback, or None."""
    return connection.execute(_all().where(ROW.callback_id == callback_id, ROW.outcome == "")).first()


def running_of(connection: Connection, agent: str) -> Any:
    """The call that an agent has open, or None: there is at most one."""
    return connection.execute(_all().where(ROW.agent == agent, ROW.outcome == "")).first()


def end(connection: Connection, call_id: int, outcome: str, now: datetime) -> bool:
    """Writes how a call ended, and lets go of its callback. False when it was ended before."""
    call = connection.execute(
        update(ROW)
        .where(ROW.id == call_id, ROW.outcome == "")
        .values(outcome=outcome, ended_at=now)
        .returning(ROW.callback_id, ROW.agent)
    ).first()
    if call is None:
        return False
    connection.execute(
        update(CALLBACK).where(CALLBACK.id == call.callback_id, CALLBACK.agent == call.agent).values(agent="")
    )
    return True


def settle(connection: Connection, callback_id: int, state: str, by: str, now: datetime) -> None:
    """`kept`, `failed` or `cancelled` after a call, of a callback that is booked or missed."""
    connection.execute(
        update(CALLBACK)
        .where(CALLBACK.id == callback_id, CALLBACK.state.in_(TAKEABLE))
        .values(state=state, settled_at=now, settled_by=by)
    )


def tried(connection: Connection, callback_id: int, retry_at: datetime | None) -> None:
    """Counts a call that reached nobody, and sets when the next one begins."""
    connection.execute(
        update(CALLBACK).where(CALLBACK.id == callback_id).values(tries=CALLBACK.tries + 1, retry_at=retry_at)
    )


def open_flag(connection: Connection, callback_id: int, topic: str) -> int | None:
    """The ticket that told a queue of this callback, while nobody has dealt with it."""
    about = select(TICKET.id).where(
        TICKET.kind == "flag",
        TICKET.topic == topic,
        TICKET.state == "waiting",
        TICKET.place == f"callback:{callback_id}",
        TICKET.phone == select(CALLBACK.phone).where(CALLBACK.id == callback_id).scalar_subquery(),
    )
    return connection.execute(about.limit(1)).scalar()


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of the callbacks whose slot begins within a time.

    `due`: the slot is over, or it is settled; cancelled ones were given up by the customer and do not count.
    Of these `kept`: reached by a call that began within the slot · `late`: reached later · `failed`: called in vain, or
    a wrong number · the rest nobody called, or a second try is still to come. `ahead`: not due yet.
    """

    due: int = 0
    kept: int = 0
    late: int = 0
    failed: int = 0
    missed: int = 0
    ahead: int = 0

    @property
    def rate(self) -> float | None:
        """Promises kept, from 0 to 1; None when nothing was due."""
        return self.kept / self.due if self.due else None


def kept_within(connection: Connection, start: datetime, end: datetime, now: datetime) -> Kept:
    """How the promises were kept whose slot begins from `start` up to `end`."""
    call = aliased(ROW)
    within = exists().where(
        call.callback_id == CALLBACK.id, call.outcome == "reached", call.started_at < CALLBACK.ends_at
    )
    called = exists().where(call.callback_id == CALLBACK.id)
    by_hand = and_(CALLBACK.settled_at <= CALLBACK.ends_at, ~called)  # told at the terminal, without a call of ours
    in_time = and_(CALLBACK.state == "kept", or_(within, by_hand))
    over = or_(CALLBACK.state != "booked", CALLBACK.ends_at <= now)
    found = connection.execute(
        select(CALLBACK.state, in_time.label("in_time"), over.label("over"), func.count().label("n"))
        .where(CALLBACK.starts_at >= start, CALLBACK.starts_at < end, CALLBACK.state != "cancelled")
        .group_by(CALLBACK.state, "in_time", "over")
    )
    counts = dict.fromkeys(("due", "kept", "late", "failed", "missed", "ahead"), 0)
    for row in found:
        counts["due" if row.over else "ahead"] += row.n
        if row.state == "kept":
            counts["kept" if row.in_time else "late"] += row.n
        elif row.state in ("failed", "missed"):
            counts[row.state] += row.n
    return Kept(**counts)


def _all() -> Any:
    return select(*ROW.__table__.columns)
