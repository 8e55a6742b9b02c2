"""Time passed for what is kept: texts, consents and the audit go when theirs is over, and a report says what stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from app.handlers.service import Service
from app.handlers.staff_watched import CLOCK, forget_events
from app.rules.retention import Keeping, Kind
from app.store import audit, months, retention, retention_months
from app.store.database import Database
from app.store.kept import KEPT, Kept
from app.store.retention import Found

log = structlog.get_logger()

DROPPED = "retention.drop"
A_DAY = timedelta(hours=23)  # less than a day: an hourly look must not slip to the next hour every time


class Busy(RuntimeError):
    """Another process is dropping what is past its time at this moment."""


@dataclass(frozen=True, slots=True)
class Line:
    """Of one table, or of one month of it: what is gone (or would go) and what stays, by why. `whole`: the name of the
    partition that went as a whole."""

    table: str
    kind: Kind
    cutoff: datetime
    found: Found
    whole: str = ""


Hear = Callable[[Line], None]


def drop_past(
    database: Database, keeping: Keeping, now: datetime, *, drop: bool, actor: str, hear: Hear = lambda _: None
) -> list[Line]:
    """What is past its time, and with `drop` no longer there. Tables in which nothing is past it have no line.

    `hear` is told of every step while it runs. Raises `Busy`, and `DBAPIError`: what was dropped until then is gone,
    and the next run goes on.
    """
    with retention.alone(database) as mine:
        if not mine:
            raise Busy("another process is dropping what is past its time; let it end")
        if drop:
            for name in retention_months.finish(database):
                log.info("retention_finished", partition=name)
        lines = []
        for kept in KEPT:
            for line in _table(database, kept, keeping.cutoff(kept.kind, now), drop=drop, hear=hear):
                if line.whole or line.found.rows or line.found.stays:
                    lines.append(line)
        if drop:
            gone: dict[str, int] = {}
            for line in lines:
                gone[line.table] = gone.get(line.table, 0) + line.found.rows
            with database.begin() as connection:
                detail = {name: rows for name, rows in gone.items() if rows}
                audit.add(connection, actor, DROPPED, "retention", now, detail=detail)
    return lines


def _table(database: Database, kept: Kept, cutoff: datetime, *, drop: bool, hear: Hear) -> list[Line]:
    with database.begin() as connection:
        divided = bool(months.parts(connection, kept.name))
    if not divided:
        return [_rows(database, kept, cutoff, drop=drop, hear=hear)]
    lines = []
    for part in retention_months.past(database, kept, cutoff):
        whole, found = retention_months.judge(database, kept, part, cutoff)
        if whole:
            if drop:
                retention_months.drop(database, kept.name, part)
            lines.append(Line(kept.name, kept.kind, cutoff, found, part.name))
            hear(lines[-1])
        else:
            ids = (part.first or 0, part.end)
            lines.append(_rows(database, kept, cutoff, drop=drop, hear=hear, ids=ids))
    return lines


def _rows(
    database: Database, kept: Kept, cutoff: datetime, *, drop: bool, hear: Hear, ids: tuple[int, int | None] = (0, None)
) -> Line:
    found = Found()
    line = Line(kept.name, kept.kind, cutoff, found)
    for batch in retention.walk(database, kept, cutoff, drop=drop, ids=ids):
        found.add(batch)
        hear(line)
    return line


def keep_house(service: Service) -> int:
    """Once an hour: events that no page will ask for go, months are made ahead, and once a day, where the bank has
    chosen so, what is past its time goes."""
    done = forget_events(service)
    try:
        made = months.make_ahead(service.database)
    except DBAPIError as error:
        # Rows go on into the last month that there is; whoever owns the tables must make the next ones.
        log.error("months_not_made", error=str(error.orig).partition("\n")[0], do="run huifu migrate as their owner")
        made = []
    for name in made:
        log.info("month_made", partition=name)
    return done + len(made) + _daily(service)


def _daily(service: Service) -> int:
    now = service.clock()
    if not service.keeping.daily:
        return 0
    with service.database.begin() as connection:
        last = retention.last_run(connection, DROPPED)
    if last is not None and now - last < A_DAY:
        return 0
    try:
        lines = drop_past(service.database, service.keeping, now, drop=True, actor=CLOCK)
    except Busy:
        return 0
    rows = sum(line.found.rows for line in lines)
    log.info("retention_done", rows=rows)
    return rows
