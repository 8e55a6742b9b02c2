"""Who was annoyed by which texts, counted no further than a verdict needs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, func, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.store import tables
from app.store.tables.care import ANNOYED
from app.store.types import Moment

ROW, MESSAGE, RESPONSE = tables.Occasion, tables.Message, tables.Response
ON_THE_HANDSET = MESSAGE.status.in_((40, 50))  # `gateways.port.Status`: delivered, read
WITH_THE_GATEWAY = MESSAGE.state == "handed"
AT_ONCE = 1_000
Since = Mapping[str, datetime]
"""By programme, from which moment on its texts count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annoyed:
    """Texts of one programme and template that were refused or complained of; `delivered`: with a receipt that says so,
    `handed`: in all."""

    programme: str
    template: str
    delivered: int
    handed: int
    refused: int
    complained: int


def annoyed(connection: Connection, since: Since) -> Sequence[Annoyed]:
    """Each text counts once, however often it was answered."""
    if not since:
        return []
    bad: defaultdict[int, set[str]] = defaultdict(set)
    answers = select(RESPONSE.occasion_id, RESPONSE.meaning).where(RESPONSE.at >= min(since.values()), ANNOYED)
    for answer in connection.execute(answers):
        bad[answer.occasion_id].add(answer.meaning)
    alike: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for occasion_id, said in bad.items():
        alike[frozenset(said)].append(occasion_id)
    found: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for meanings, ids in alike.items():
        for start in range(0, len(ids), AT_ONCE):
            for row in _texts(connection, since, ids[start : start + AT_ONCE]):
                more = dict.fromkeys(meanings, row.handed) | {"handed": row.handed, "delivered": int(row.delivered)}
                found[row.programme, row.template].update(more)
    return [
        Annoyed(
            programme=programme,
            template=template,
            delivered=counts["delivered"],
            handed=counts["handed"],
            refused=counts["refused"],
            complained=counts["complained"],
        )
        for (programme, template), counts in found.items()
    ]


def _texts(connection: Connection, since: Since, ids: Collection[int]) -> Sequence[Any]:
    """How many of these are texts that count, by programme and template."""
    # Said by CASE, so that they are found by their ids: by `_counts`, SQLite reads all texts of these programmes.
    moments = {key: literal(moment, Moment()) for key, moment in since.items()}
    counts = ROW.queued_at >= case(moments, value=ROW.programme)
    sums = func.count().label("handed"), func.sum(case((ON_THE_HANDSET, 1), else_=0)).label("delivered")
    statement = (
        select(ROW.programme, ROW.template, *sums)
        .join(MESSAGE, MESSAGE.id == ROW.message_id)
        .where(ROW.id.in_(ids), counts, WITH_THE_GATEWAY)
        .group_by(ROW.programme, ROW.template)
    )
    return connection.execute(statement).all()


def reached(connection: Connection, since: Since, template: str, most: int, *, told: bool) -> int:
    """Texts of these programmes, of one template unless that is empty, that came to a handset; no more than `most` are
    counted. `told`: by its receipt; else whatever the gateway took."""
    mine = [_counts(since), ON_THE_HANDSET if told else WITH_THE_GATEWAY]
    if template:
        mine.append(ROW.template == template)
    one = select(ROW.id).join(MESSAGE, MESSAGE.id == ROW.message_id).where(*mine).limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(one)).scalar_one())


def _counts(since: Since) -> ColumnElement[bool]:
    return or_(*(and_(ROW.programme == key, ROW.queued_at >= moment) for key, moment in since.items()))
