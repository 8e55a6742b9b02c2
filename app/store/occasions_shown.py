"""What the console shows of planned texts: what waits to leave, and why others were held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from app.store import tables

ROW = tables.Occasion


@dataclass(frozen=True, slots=True)
class Waiting:
    """Planned texts of a programme that have not left: how many, and when the first and the last are due."""

    count: int
    first: datetime | None
    last: datetime | None


def waiting(connection: Connection, programme: str) -> Waiting:
    """What of a programme waits for its slot."""
    found = select(func.count(), func.min(ROW.due_at), func.max(ROW.due_at))
    row = connection.execute(found.where(ROW.state == "planned", ROW.programme == programme)).one()
    return Waiting(int(row[0]), row[1], row[2])


def first_due(connection: Connection) -> datetime | None:
    """When the next text of all programmes is due; None when none is planned."""
    due: datetime | None = connection.execute(select(func.min(ROW.due_at)).where(ROW.state == "planned")).scalar()
    return due


def held(connection: Connection, programme: str, since: datetime) -> dict[str, int]:
    """Why texts that were due since then never left: the number by reason, the most frequent first."""
    number = func.count()
    found = (
        select(ROW.reason, number)
        .where(ROW.programme == programme, ROW.state == "held", ROW.due_at >= since)
        .group_by(ROW.reason)
        .order_by(number.desc(), ROW.reason)
    )
    return {reason: int(count) for reason, count in connection.execute(found)}
