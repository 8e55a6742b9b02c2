"""The statements that count results: what left and arrived, what came back, what was bought. Each goes over a set of
rows once and groups it; all in one takes longer, because PostgreSQL shares none of it out to several processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    exists,
    extract,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.sql.elements import ColumnElement

from app.care.tally import CONVERTED_WITHIN_DAYS
from app.store import tables
from app.store.responses import TALK_LASTS_HOURS

ROW, MESSAGE, RESPONSE = tables.Occasion, tables.Message, tables.Response
LINK, TICKET, EVENT = tables.Link, tables.Ticket, tables.CustomerEvent
DELIVERED, READ = 40, 50  # `gateways.port.Status`
QUARTER = 900  # seconds
SURE = 0.5

Dimension = Literal["programme", "template", "version", "variant", "language", "segment", "zone", "quarter"]
"""What counts are grouped by. `quarter`: the quarter of an hour in which the text left, numbered from 1970, None when
it never left: every zone of the world begins its hours at one."""
Kinds = Mapping[str, Sequence[str]]
"""By programme, the kinds of customer events that count as its success."""

REFUSED, COMPLAINED = RESPONSE.meaning == "refused", RESPONSE.meaning == "complained"
ANSWERED: Mapping[str, ColumnElement[bool]] = {
    "chosen": RESPONSE.meaning.in_(("chosen", "agreed")),
    "refused": REFUSED,
    "complained": COMPLAINED,
    "annoyed": or_(REFUSED, COMPLAINED),
    "engaged": and_(~REFUSED, ~COMPLAINED),
    "guessed": RESPONSE.confidence < SURE,
}
"""What an answer may be, by the field of `Counts`."""


@dataclass(frozen=True, slots=True)
class Span:
    """Occasions of some programmes whose slot lies from `start` up to, and without, `end`."""

    start: datetime
    end: datetime
    programmes: Sequence[str]

    def holds(self) -> ColumnElement[bool]:
        return and_(ROW.programme.in_(self.programmes), ROW.due_at >= self.start, ROW.due_at < self.end)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which ids a span's occasions and messages lie. So messages of other months are not looked at: on
    PostgreSQL an id begins with its month (`store/months.py`)."""

    occasion: int
    last_occasion: int
    message: int
    last_message: int


def bounds(connection: Connection, span: Span) -> Bounds | None:
    """None when the span is empty."""
    ends = (func.min(ROW.id), func.max(ROW.id), func.min(ROW.message_id), func.max(ROW.message_id))
    found = connection.execute(select(*ends).where(span.holds())).one()
    return None if found[0] is None else Bounds(*(end or 0 for end in found))


def statements(
    connection: Connection, span: Span, by: Sequence[Dimension], kinds: Kinds, within: Bounds
) -> Iterator[Select[Any]]:
    """Each gives the columns of `by`, in order, and then counts named as the fields of `Counts`."""
    groups = [_quarter(connection) if name == "quarter" else getattr(ROW, name) for name in by]

    def told(**counts: ColumnElement[Any]) -> Select[Any]:
        return (
            select(*groups, *(count.label(name) for name, count in counts.items()))
            .where(span.holds())
            .group_by(*groups)
        )

    message = and_(MESSAGE.id == ROW.message_id, MESSAGE.id.between(within.message, within.last_message))
    yield told(
        planned=func.count(),
        waiting=_sum(ROW.state == "planned"),
        held=_sum(ROW.state == "held"),
        queued=_sum(ROW.state == "queued"),
        handed=_sum(MESSAGE.state == "handed"),
        delivered=_sum(MESSAGE.status.in_((DELIVERED, READ))),
    ).outerjoin_from(ROW, MESSAGE, message)
    back = _came_back(connection, within)
    yield told(**{name: func.sum(back.c[name]) for name in CAME_BACK}).join_from(
        ROW, back, back.c.occasion_id == ROW.id
    )
    if counting := {key: kinds[key] for key in span.programmes if kinds.get(key)}:
        sale = _sales(connection, span, counting)
        yield told(converted=func.count()).join_from(ROW, sale, sale.c.id == ROW.id)


CAME_BACK = ("followed", "replied", *ANSWERED, "handed_over")


def _came_back(connection: Connection, within: Bounds) -> Subquery:
    """Occasions whose link a person followed or that were answered, with 1 or 0 for each of `CAME_BACK`."""
    talk = exists().where(
        TICKET.phone == RESPONSE.phone,
        TICKET.kind == "talk",
        TICKET.opened_at >= RESPONSE.at,
        TICKET.opened_at < hours_later(connection, RESPONSE.at, TALK_LASTS_HOURS),
    )
    of_answers = {**ANSWERED, "replied": true(), "handed_over": or_(RESPONSE.meaning == "person", talk)}
    of_links = {"followed": true(), "engaged": true()}

    def flags(known: Mapping[str, ColumnElement[bool]]) -> Iterator[ColumnElement[int]]:
        return (case((known.get(name, false()), 1), else_=0).label(name) for name in CAME_BACK)

    followed = LINK.followed_at.is_not(None)
    each = union_all(
        select(RESPONSE.occasion_id, *flags(of_answers)).where(_between(RESPONSE.occasion_id, within)),
        select(LINK.occasion_id, *flags(of_links)).where(_between(LINK.occasion_id, within), followed),
    ).subquery("each")
    most = (func.max(each.c[name]).label(name) for name in CAME_BACK)
    return select(each.c.occasion_id, *most).group_by(each.c.occasion_id).subquery("back")


def _sales(connection: Connection, span: Span, kinds: Kinds) -> Subquery:
    """Occasions after which the customer did what the programme is for."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for key, some in kinds.items():
        alike.setdefault(tuple(sorted(some)), []).append(key)
    counts = (and_(ROW.programme.in_(keys), EVENT.kind.in_(some)) for some, keys in alike.items())
    later = hours_later(connection, ROW.queued_at, CONVERTED_WITHIN_DAYS * 24)
    after = and_(EVENT.customer_id == ROW.customer_id, EVENT.at >= ROW.queued_at, EVENT.at < later)
    # What follows from the rest is said as well, so that the database finds the events by their index.
    known = and_(EVENT.kind.in_(sorted({kind for some in alike for kind in some})), EVENT.at >= span.start)
    return select(ROW.id).join(EVENT, after).where(span.holds(), known, or_(*counts)).distinct().subquery("sale")


def hours_later(connection: Connection, moment: Any, hours: int) -> ColumnElement[Any]:
    """The moment of a column so many hours later."""
    if connection.dialect.name == "postgresql":
        later: ColumnElement[Any] = moment + literal_column(f"interval '{int(hours)} hours'")
        return later
    return func.strftime("%Y-%m-%d %H:%M:%f000", moment, f"+{int(hours)} hours")


def _quarter(connection: Connection) -> ColumnElement[int]:
    if connection.dialect.name == "postgresql":
        return cast(func.floor(extract("epoch", ROW.queued_at) / literal_column(str(QUARTER))), Integer)
    return cast(func.strftime("%s", ROW.queued_at), Integer) // literal_column(str(QUARTER), Integer)


def _between(column: Any, within: Bounds) -> ColumnElement[bool]:
    return column.between(within.occasion, within.last_occasion)  # type: ignore[no-any-return]


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
