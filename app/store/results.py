"""What became of planned texts, counted in the database, whatever they are grouped by. The arithmetic is in
`care/tally.py` and `care/trial.py`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.care.tally import Counts
from app.store import tables
from app.store.results_parts import ANSWERED, Dimension, Kinds, Span, bounds, hours_later, statements

ROW = tables.Occasion


def counted(
    connection: Connection, span: Span, by: Sequence[Dimension], kinds: Kinds
) -> list[tuple[dict[str, Any], Counts]]:
    """The groups that there are, in no order, each with its counts. `kinds`: by programme, what counts as success."""
    found = bounds(connection, span)
    if found is None:
        return []
    groups: defaultdict[tuple[Any, ...], dict[str, int]] = defaultdict(dict)
    for statement in statements(connection, span, by, kinds, found):
        rows = connection.execute(statement)
        names = list(rows.keys())[len(by) :]
        for row in rows:
            counts = (int(count or 0) for count in row[len(by) :])  # a sum over nothing is nothing
            groups[tuple(row[: len(by)])].update(zip(names, counts, strict=True))
    return [(dict(zip(by, group, strict=True)), Counts(**measured)) for group, measured in groups.items()]


def held(connection: Connection, span: Span) -> dict[tuple[str, str], int]:
    """How many never left, by programme and by the reason's code."""
    found = select(ROW.programme, ROW.reason, func.count()).where(span.holds(), ROW.state == "held")
    rows = connection.execute(found.group_by(ROW.programme, ROW.reason))
    return {(programme, reason): int(count) for programme, reason, count in rows}


def first_texts(
    connection: Connection,
    arm: tuple[str, str],
    since: datetime,
    each: int,
    outcome: str,
    days: int,
    kinds: Sequence[str],
) -> tuple[int, int, datetime | None]:
    """Of the first `each` texts of an arm (programme, variant) that were queued from `since` on: how many there are,
    with how many the `outcome` of `care/trial.py` came within `days`, and when the last of them was queued."""
    programme, variant = arm
    mine = (ROW.programme == programme, ROW.variant == variant, ROW.queued_at >= since)
    texts = select(ROW.id, ROW.customer_id, ROW.queued_at).where(*mine).order_by(ROW.queued_at, ROW.id).limit(each)
    one = texts.cte("one")
    hit = _came(one, outcome, hours_later(connection, one.c.queued_at, days * 24), kinds)
    hits = func.sum(case((hit, 1), else_=0))
    row = connection.execute(select(func.count(), hits, func.max(one.c.queued_at)).select_from(one)).one()
    return int(row[0]), int(row[1] or 0), row[2]


def _came(one: Any, outcome: str, until: Any, kinds: Sequence[str]) -> ColumnElement[bool]:
    answer, link, event = tables.Response, tables.Link, tables.CustomerEvent
    replied = select(1).where(answer.occasion_id == one.c.id, answer.at < until)
    followed = select(1).where(link.occasion_id == one.c.id, link.followed_at < until).exists()
    bought = select(1).where(event.customer_id == one.c.customer_id, event.kind.in_(kinds))
    outcomes: dict[str, ColumnElement[bool]] = {
        "converted": bought.where(event.at >= one.c.queued_at, event.at < until).exists(),
        "followed": followed,
        "replied": replied.exists(),
        "chosen": replied.where(ANSWERED["chosen"]).exists(),
        "engaged": or_(followed, replied.where(ANSWERED["engaged"]).exists()),
    }
    return outcomes[outcome]
