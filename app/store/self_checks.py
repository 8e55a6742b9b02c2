"""What the self-checks found, and what they look at."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from app.store import tables
from app.store.months import SPAN

ROW, MESSAGE, OCCASION, LINK = tables.SelfCheck, tables.Message, tables.Occasion, tables.Link
VERSION = tables.TemplateVersion
SAID = (MESSAGE.id, MESSAGE.purpose, MESSAGE.body, MESSAGE.figures, MESSAGE.created_at)


def add(
    connection: Connection, began: datetime, ended: datetime, by: str, verdict: str, findings: Mapping[str, Any]
) -> int:
    row = {"began_at": began, "ended_at": ended, "asked_by": by, "verdict": verdict, "findings": dict(findings)}
    return int(connection.execute(insert(ROW).values(row).returning(ROW.id)).scalar_one())


def newest(connection: Connection, most: int) -> Sequence[Any]:
    """The last runs, the newest first."""
    return connection.execute(select(*ROW.__table__.columns).order_by(ROW.id.desc()).limit(most)).all()


def one(connection: Connection, run: int) -> Any:
    """A run, or None."""
    return connection.execute(select(*ROW.__table__.columns).where(ROW.id == run)).first()


def sent(connection: Connection, since: datetime, most: int, chance: random.Random) -> list[Any]:
    """So many texts that left since then, at random: `id`, `purpose`, `body`, `figures`. One-time codes are not among
    them. Reads as many rows as it gives, however many there are."""
    found: dict[int, Any] = {}
    places = list(_places(connection, since))
    weights = [last - first + 1 for first, last in places]
    for _ in range(most if places else 0):
        first, last = chance.choices(places, weights)[0]
        query = (
            select(*SAID)
            .where(MESSAGE.id >= chance.randint(first, last), MESSAGE.id <= last, MESSAGE.created_at >= since)
            .where(MESSAGE.state == "handed", MESSAGE.purpose != "code")
            .order_by(MESSAGE.id)
            .limit(1)
        )
        if (row := connection.execute(query).first()) is not None:
            found[row.id] = row
    return list(found.values())


def _places(connection: Connection, since: datetime) -> Iterator[tuple[int, int]]:
    """Ranges of ids without gaps between months: ids begin with their month on PostgreSQL."""
    if connection.dialect.name != "postgresql":
        first, last = connection.execute(select(func.min(MESSAGE.id), func.max(MESSAGE.id))).one()
        if first is not None:
            yield int(first), int(last)
        return
    month = since.year * 100 + since.month
    while True:
        below = month * SPAN
        span = select(func.min(MESSAGE.id), func.max(MESSAGE.id)).where(MESSAGE.id >= below)
        first, last = connection.execute(span.where(MESSAGE.id < below + SPAN)).one()
        if first is not None:
            yield int(first), int(last)
        later = connection.execute(select(func.min(MESSAGE.id)).where(MESSAGE.id >= below + SPAN)).scalar()
        if later is None:
            return
        month = later // SPAN


def targets(connection: Connection, since: datetime, most: int) -> list[str]:
    """Where short links lead that were made since then."""
    found = select(LINK.target).where(LINK.created_at >= since).distinct().order_by(LINK.target).limit(most)
    return list(connection.execute(found).scalars())


def versions_sent(connection: Connection, since: datetime) -> set[tuple[str, str, int]]:
    """(template, language, version) of texts that were queued since then."""
    rows = connection.execute(
        select(OCCASION.template, OCCASION.language, OCCASION.version).where(OCCASION.queued_at >= since).distinct()
    )
    return {(row.template, row.language, row.version) for row in rows if row.version is not None}


def versions_judged(connection: Connection) -> set[tuple[str, str, int]]:
    """Versions that somebody else than their author has approved, at any time."""
    rows = connection.execute(
        select(VERSION.template, VERSION.language, VERSION.version).where(
            VERSION.state.in_(("approved", "replaced", "retired")),
            VERSION.judged_by != "",
            VERSION.judged_by != VERSION.author,
        )
    )
    return {(row.template, row.language, row.version) for row in rows}
