"""Rows of templates: the versions that people wrote, and their verdicts. Whoever changes one writes the audit row.

`state`: draft → approved → replaced (by a newer one) or retired (nothing leaves) | draft → rejected. Version 0 has a
row only when it was retired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, select, update

from app.store import tables
from app.store.insert import InsertNew
from app.store.statement import Statement

ROW = tables.TemplateVersion
COLUMNS = ROW.__table__.columns
Rows = Sequence[Any]
OURS = (ROW.template == bindparam("t"), ROW.language == bindparam("l"))
EVER_IN_FORCE = and_(ROW.state != "draft", ROW.state != "rejected")
APPROVED_FIRST = case((ROW.state == "approved", 0), else_=1)
IN_FORCE = Statement(
    select(ROW.version, ROW.state, ROW.content)
    .where(*OURS, EVER_IN_FORCE)
    .order_by(APPROVED_FIRST, ROW.version.desc())
    .limit(1)
)
ADD = InsertNew(
    ROW,
    *(
        "template",
        "language",
        "version",
        "content",
        "state",
        "author",
        "written_at",
        "judged_by",
        "judged_at",
        "reason",
    ),
    returning="id",
)


def in_force(connection: Connection, template: str, language: str) -> Any:
    """`version`, `state` and `content` of the approved row; while none is, of the newest that was. None while only the
    release's own ever was."""
    return IN_FORCE.first(connection, {"t": template, "l": language})


def states_in_force(connection: Connection) -> dict[tuple[str, str], str]:
    """By template and language the state of the row that `in_force` finds."""
    found = connection.execute(
        select(ROW.template, ROW.language, ROW.state).where(EVER_IN_FORCE).order_by(APPROVED_FIRST.desc(), ROW.version)
    )
    return {(row.template, row.language): row.state for row in found}


def versions(connection: Connection, template: str = "", language: str = "", *, hold: bool = False) -> Rows:
    """The rows of a template, of one of its languages or of all, newest first. `hold`: nobody else changes them until
    the transaction ends."""
    found = select(*COLUMNS).order_by(ROW.template, ROW.language, ROW.version.desc())
    if template:
        found = found.where(ROW.template == template)
    if language:
        found = found.where(ROW.language == language)
    return connection.execute(found.with_for_update() if hold else found).all()


def newest(connection: Connection, template: str, language: str) -> int:
    """The highest version that is there; 0 is the release's own."""
    found = connection.execute(
        select(func.coalesce(func.max(ROW.version), 0)).where(ROW.template == template, ROW.language == language)
    )
    return int(found.scalar_one())


def add(
    connection: Connection,
    template: str,
    language: str,
    version: int,
    content: Mapping[str, Any],
    author: str,
    now: datetime,
    *,
    retired_by: str = "",
    reason: str = "",
) -> bool:
    """A draft; or with `retired_by` the release's own as a row that was retired. False when that version is there."""
    added = ADD(
        connection,
        template=template,
        language=language,
        version=version,
        content=dict(content),
        state="retired" if retired_by else "draft",
        author=author,
        written_at=now,
        judged_by=retired_by,
        judged_at=now if retired_by else None,
        reason=reason,
    )
    return added is not None


def settle(connection: Connection, row_id: int, was: str, state: str, by: str, now: datetime, reason: str = "") -> bool:
    """A verdict on a version. False when it is not in the state `was` any more."""
    changed = connection.execute(
        update(ROW)
        .where(ROW.id == row_id, ROW.state == was)
        .values(state=state, judged_by=by, judged_at=now, reason=reason)
    )
    return changed.rowcount == 1
