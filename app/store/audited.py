"""Reading what people did: the newest first, by who, what, whereto and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from app.store import tables

ROW = tables.Audit
SKEW = 1000
"""Ids are given before the commit: rows of one moment may stand this far apart from their neighbours."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Empty fields ask for everything. `action`: ticket.claim, or ticket for all of that kind. `subject`: as it stands
    in the row. `since` is included, `until` is not."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def rows(connection: Connection, asked: Asked, *, below: int | None = None, most: int) -> Sequence[Any]:
    """At most so many rows with ids under `below`, newest first."""
    found = select(*ROW.__table__.columns).where(*_where(connection, asked))
    if below is not None:
        found = found.where(ROW.id < below)
    return connection.execute(found.order_by(ROW.id.desc()).limit(most)).all()


def rows_above(connection: Connection, asked: Asked, above: int, most: int) -> Sequence[Any]:
    """The page before: rows with ids over `above`, newest first."""
    found = select(*ROW.__table__.columns).where(*_where(connection, asked), ROW.id > above)
    return connection.execute(found.order_by(ROW.id).limit(most)).all()[::-1]


def last(connection: Connection) -> int:
    """The highest id so far, 0 when there is none."""
    return connection.execute(select(func.max(ROW.id))).scalar() or 0


def _where(connection: Connection, asked: Asked) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if asked.actor:
        where.append(ROW.actor == asked.actor)
    if asked.action:
        whole = "." in asked.action
        where.append(
            ROW.action == asked.action if whole else ROW.action.startswith(f"{asked.action}.", autoescape=True)
        )
    if asked.subject:
        where.append(ROW.subject == asked.subject)
    # Days become a range of ids first: a page then costs the same however long ago the days are.
    if asked.since:
        first = connection.execute(select(ROW.id).where(ROW.at >= asked.since).order_by(ROW.at, ROW.id).limit(1))
        where += [ROW.at >= asked.since, ROW.id >= (first.scalar() or 0) - SKEW]
    if asked.until:
        end = connection.execute(select(ROW.id).where(ROW.at >= asked.until).order_by(ROW.at, ROW.id).limit(1)).scalar()
        where += [ROW.at < asked.until, *([ROW.id < end + SKEW] if end else [])]
    return where
