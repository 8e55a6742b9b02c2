"""Runs of the planner: one for a day and scope, whose cursor moves in the transaction that adds its rows.

One planner is at it at a time, whatever day and scope: two would not see what each plans for the same customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, or_, select, update

from app.store import locks, tables
from app.store.insert import INSERTS

ROW = tables.PlanRun


@dataclass(frozen=True, slots=True)
class PlanRun:
    """As `tables.PlanRun`, at the moment it was read. `running` with a `lease_until` that is not over: somebody is at
    it."""

    id: int
    day: date
    scope: str
    state: str
    cursor: str
    seen: int
    planned: int
    reasons: Mapping[str, Mapping[str, int]]
    asked_by: str
    began_at: datetime
    ended_at: datetime | None
    lease_until: datetime | None


class AtWork(Exception):
    """Somebody is at another run, which is `run`."""

    def __init__(self, run: PlanRun) -> None:
        super().__init__(f"plan {run.id}")
        self.run = run


def read(connection: Connection, day: date, scope: str) -> PlanRun | None:
    """The run of a day and scope, if somebody began it."""
    return _read(connection, ROW.day == day, ROW.scope == scope)


def of_day(connection: Connection, day: date) -> list[PlanRun]:
    """The runs of a day, of whatever scope."""
    return [
        PlanRun(**row) for row in connection.execute(select(*ROW.__table__.columns).where(ROW.day == day)).mappings()
    ]


def last(connection: Connection, most: int = 20) -> list[PlanRun]:
    """The latest runs, newest first."""
    rows = connection.execute(select(*ROW.__table__.columns).order_by(ROW.day.desc(), ROW.id.desc()).limit(most))
    return [PlanRun(**row) for row in rows.mappings()]


def take(
    connection: Connection, day: date, scope: str, *, asked_by: str, now: datetime, lease: datetime, again: bool = False
) -> PlanRun | None:
    """The run with a lease of ours: a new one, one that somebody left, or with `again` one that is done, from its
    beginning. None when somebody is at it, or it is done. Raises `AtWork` when somebody is at another one, unless the
    `lease` is over at once: then nobody begins yet."""
    locks.one_at_a_time(connection, locks.PLANNING)
    if lease > now:
        _have_the_seat(connection, day, scope, now)
    given = {"day": day, "scope": scope, "asked_by": asked_by, "began_at": now, "reasons": {}}
    new = INSERTS[connection.dialect.name](ROW).values(state="running", lease_until=lease, **given)
    if connection.execute(new.on_conflict_do_nothing().returning(ROW.id)).first() is not None:
        return read(connection, day, scope)
    mine = (ROW.day == day, ROW.scope == scope, or_(ROW.lease_until.is_(None), ROW.lease_until <= now))
    if again:
        anew = {**given, "cursor": "", "seen": 0, "planned": 0, "ended_at": None}
        taken = update(ROW).where(*mine, ROW.state == "done").values(state="running", lease_until=lease, **anew)
        if connection.execute(taken).rowcount == 1:
            return read(connection, day, scope)
    taken = update(ROW).where(*mine, ROW.state != "done").values(state="running", lease_until=lease)
    return read(connection, day, scope) if connection.execute(taken).rowcount == 1 else None


def advance(connection: Connection, before: PlanRun, after: PlanRun) -> bool:
    """Writes how far a run is, in the transaction that adds its rows. False when somebody else has it by now: then that
    transaction must not commit."""
    values: dict[str, Any] = {
        "cursor": after.cursor,
        "seen": after.seen,
        "planned": after.planned,
        "reasons": after.reasons,
        "state": after.state,
        "ended_at": after.ended_at,
        "lease_until": after.lease_until,
    }
    # Not the lease alone: two clocks may give the same moment.
    mine = (ROW.state == "running", ROW.lease_until == before.lease_until, ROW.cursor == before.cursor)
    moved = update(ROW).where(ROW.id == before.id, *mine, ROW.seen == before.seen).values(values)
    return connection.execute(moved).rowcount == 1


def _have_the_seat(connection: Connection, day: date, scope: str, now: datetime) -> None:
    others = (ROW.state == "running", or_(ROW.day != day, ROW.scope != scope))
    at_work = _read(connection, *others, ROW.lease_until > now)
    if at_work is not None:
        raise AtWork(at_work)
    # Whoever was thought dead and wakes up finds the lease gone and writes nothing that was judged before we began.
    connection.execute(update(ROW).where(*others, ROW.lease_until <= now).values(lease_until=None))


def _read(connection: Connection, *where: Any) -> PlanRun | None:
    row = connection.execute(select(*ROW.__table__.columns).where(*where)).mappings().first()
    return PlanRun(**row) if row else None
