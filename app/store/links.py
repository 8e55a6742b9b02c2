"""Short links and who opened them (B7). A link's row never changes but for `followed_at`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from app.store import tables
from app.store.insert import InsertNew
from app.store.statement import Statement

LINK, VISIT, OCCASION, MESSAGE = tables.Link, tables.Visit, tables.Occasion, tables.Message


class Known(NamedTuple):
    """A link as it is followed. `language`: of the text that carried it, empty for a constant link. `state` and
    `handed_at`: of that text, None while there is none."""

    code: str
    target: str
    occasion_id: int | None
    expires_at: datetime | None
    language: str
    state: str | None
    handed_at: datetime | None


class Seen(NamedTuple):
    """A row of `visits`."""

    code: str
    at: datetime
    kind: str
    reader: str


_ADD = InsertNew(LINK, "code", "target", "occasion_id", "template", "created_at", "expires_at", returning="code")
_SAME = Statement(select(LINK.target, LINK.occasion_id).where(LINK.code == bindparam("code")))
_FIND = Statement(
    select(
        LINK.code,
        LINK.target,
        LINK.occasion_id,
        LINK.expires_at,
        OCCASION.language,
        MESSAGE.state,
        MESSAGE.handed_at,
    )
    .outerjoin(OCCASION, OCCASION.id == LINK.occasion_id)
    .outerjoin(MESSAGE, MESSAGE.id == OCCASION.message_id)
    .where(LINK.code == bindparam("code"))
)


def add(
    connection: Connection,
    code: str,
    target: str,
    occasion_id: int | None,
    template: str,
    now: datetime,
    expires_at: datetime | None,
) -> bool:
    """Keeps the link; one that is there already stays as it is. False when the code is another link's."""
    values = {"code": code, "target": target, "occasion_id": occasion_id, "template": template}
    if _ADD(connection, **values, created_at=now, expires_at=expires_at) is not None:
        return True
    held = _SAME.first(connection, {"code": code})
    return held is not None and (held.target, held.occasion_id) == (target, occasion_id)


def find(connection: Connection, code: str) -> Known | None:
    row = _FIND.first(connection, {"code": code})
    return None if row is None else Known(*row)._replace(language=row.language or "")


def note(connection: Connection, seen: Sequence[Seen]) -> None:
    """Writes visits down, and on each link when a person first followed it."""
    if seen:
        connection.execute(insert(VISIT), [one._asdict() for one in seen])
    first: dict[str, datetime] = {}
    for one in seen:
        if one.kind == "person":
            first[one.code] = min(one.at, first.get(one.code, one.at))
    if first:
        connection.execute(
            update(LINK)
            .where(LINK.code == bindparam("which"), LINK.followed_at.is_(None))
            .values(followed_at=bindparam("moment")),
            # In one order: two processes that write the same links must not wait for each other.
            [{"which": code, "moment": first[code]} for code in sorted(first)],
        )
