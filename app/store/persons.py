"""Customers as programmes ask about them: many at a time by a handful of statements, in the order of their ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, exists, func, select

from app.care.audience import DATES
from app.care.audience import belongs as belongs_of
from app.care.person import Person, Waiting
from app.care.programme import Condition
from app.care.zones import zone_of
from app.store import tables
from app.store.many import among

CUSTOMER, BINDING, CONSENT = tables.Customer, tables.PhoneBinding, tables.Consent
EVENT, OCCASION = tables.CustomerEvent, tables.Occasion

BACK = timedelta(days=400)
"""How far back events are looked at: past every anniversary."""
SLACK = timedelta(days=3)
"""How long after it was planned a text is queued at most."""
Moments = Mapping[str, Mapping[str, tuple[datetime, ...]]]
_COLUMNS_OF = {
    "age": ("birthday",),
    "limit_used": ("credit_limit", "available_limit"),
    "days_silent": ("last_active_on",),
    **{f"days_{name}": (name,) for name in DATES},
}
COLUMNS = tuple(CUSTOMER.__table__.columns)
FACTS = tuple(column.name for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class Look:
    """What is read beside the customer's row, and what holds where it says nothing. `zone`: IANA, of a number that
    tells none. `events`: kinds, None for all. `programmes`: those that are asked about; without any, earlier texts are
    not read. `back`: how long their occasions last at most."""

    language: str = "zh-CN"
    zone: str = "Asia/Shanghai"
    events: Collection[str] | None = None
    programmes: Collection[str] = ()
    back: timedelta = timedelta(days=60)


PLAIN = Look()
NEWEST: Mapping[str, str] = MappingProxyType({})


def batch(connection: Connection, after_id: str, most: int, now: datetime, look: Look = PLAIN) -> list[Person]:
    """The next customers after that id, in the order of ids; empty at the end."""
    # The row and nothing beside it: beside a join the database reads all bindings up to the place again and again.
    next_ones = select(*COLUMNS).where(CUSTOMER.customer_id > after_id).order_by(CUSTOMER.customer_id).limit(most)
    return _persons(connection, connection.execute(next_ones).all(), now, look)


def some(connection: Connection, ids: Collection[str], now: datetime, look: Look = PLAIN) -> list[Person]:
    """Those of them who are customers, in the order of ids, each with their newest number."""
    rows = select(*COLUMNS).where(among(connection, CUSTOMER.customer_id, ids)).order_by(CUSTOMER.customer_id)
    return _persons(connection, connection.execute(rows).all(), now, look)


def one(connection: Connection, customer_id: str, phone: str, now: datetime, look: Look = PLAIN) -> Person | None:
    """A customer with that number, as long as it is bound to them; with `phone` empty, with their own newest. None when
    there is no such customer, or the number is not theirs."""
    rows = connection.execute(select(*COLUMNS).where(CUSTOMER.customer_id == customer_id)).all()
    found = _persons(connection, rows, now, look, {customer_id: phone} if phone else {})
    return found[0] if found and (not phone or found[0].phone == phone) else None


def those(connection: Connection, wanted: Mapping[str, str], now: datetime, look: Look = PLAIN) -> Mapping[str, Person]:
    """Customers by id, each with the number that `wanted` tells; without one of whom it is not (any more)."""
    rows = connection.execute(select(*COLUMNS).where(among(connection, CUSTOMER.customer_id, wanted))).all()
    found = _persons(connection, rows, now, look, wanted)
    return {one.customer_id: one for one in found if one.phone == wanted[one.customer_id]}


def count(connection: Connection) -> int:
    """How many customers there are."""
    return int(connection.execute(select(func.count()).select_from(CUSTOMER)).scalar_one())


def meant(connection: Connection, audience: tuple[Condition, ...], day: date) -> int:
    """How many customers with a live number meet all of these conditions on that day.

    The database counts the customers who are alike in what is asked about, and the rule is asked once for each kind.
    """
    names = sorted({column for one in audience for column in _COLUMNS_OF.get(one.fact, (one.fact,))})
    columns = [getattr(CUSTOMER, name) for name in names]
    reached = exists().where(BINDING.customer_id == CUSTOMER.customer_id, BINDING.ended_at.is_(None))
    belongs, total = belongs_of(audience, day), 0
    kinds = select(func.count(), *columns).select_from(CUSTOMER).where(reached).group_by(*columns)
    for number, *facts in connection.execute(kinds):
        if belongs(Person(customer_id="", **dict(zip(names, facts, strict=True)))):
            total += number
    return total


def _persons(
    connection: Connection, rows: Sequence[Any], now: datetime, look: Look, wanted: Mapping[str, str] = NEWEST
) -> list[Person]:
    """Of rows in their order. `wanted`: by customer, the number that is meant in place of the newest."""
    if not rows:
        return []
    ids = [row.customer_id for row in rows]
    numbers, ever = _numbers(connection, ids, wanted)
    phones = set(numbers.values())
    owners = _owners(connection, phones)
    verdicts = _verdicts(connection, phones)
    events = _events(connection, ids, now, look)
    texts = _texts(connection, ever, now, look)
    planned = _planned(texts)
    counted = _counted(texts, numbers)
    had = _moments((who, text.kind, text.queued_at) for who, text in counted if text.queued_at)
    waiting = _waiting(counted)
    nothing: frozenset[str] = frozenset()
    people = []
    for row in rows:
        facts = dict(zip(FACTS, row, strict=True))
        facts["language"] = facts["language"] or look.language
        number = numbers.get(row.customer_id, "")
        scopes = verdicts.get(number)
        people.append(
            Person(
                **facts,
                phone=number,
                owners=owners.get(number, 1),
                zone=zone_of(number, look.zone) if number else look.zone,
                refused=frozenset(s for s, verdict in scopes.items() if verdict == "refused") if scopes else nothing,
                granted=frozenset(s for s, verdict in scopes.items() if verdict == "granted") if scopes else nothing,
                events=events.get(row.customer_id, {}),
                had=had.get(row.customer_id, {}),
                waiting=tuple(waiting.get(row.customer_id, ())),
                planned=frozenset(planned.get(row.customer_id, ())),
            )
        )
    return people


def _numbers(
    connection: Connection, ids: Collection[str], wanted: Mapping[str, str]
) -> tuple[Mapping[str, str], Collection[str]]:
    """The newest live number of each customer (only the one that is `wanted`), and all numbers they ever had."""
    rows = select(BINDING.customer_id, BINDING.phone, BINDING.ended_at)
    newest, ever = {}, set()
    for row in connection.execute(rows.where(among(connection, BINDING.customer_id, ids)).order_by(BINDING.id)):
        ever.add(row.phone)
        if row.ended_at is None and wanted.get(row.customer_id, row.phone) == row.phone:
            newest[row.customer_id] = row.phone
    return newest, ever


def _owners(connection: Connection, phones: Collection[str]) -> Mapping[str, int]:
    """How many customers share each number."""
    rows = select(BINDING.phone, func.count()).where(among(connection, BINDING.phone, phones))
    found = connection.execute(rows.where(BINDING.ended_at.is_(None)).group_by(BINDING.phone))
    return {number: int(owners) for number, owners in found}


def _verdicts(connection: Connection, phones: Collection[str]) -> Mapping[str, dict[str, str]]:
    """By number and scope: the ledger is short for one number, and its last row holds."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    rows = (
        select(CONSENT.phone, CONSENT.scope, CONSENT.verdict)
        .where(among(connection, CONSENT.phone, phones))
        .order_by(CONSENT.id)
    )
    for phone, scope, verdict in connection.execute(rows):
        found[phone][scope] = verdict
    return found


def _events(connection: Connection, ids: Sequence[str], now: datetime, look: Look) -> Moments:
    if look.events is not None and not look.events:
        return {}
    rows = select(EVENT.customer_id, EVENT.kind, EVENT.at).where(
        among(connection, EVENT.customer_id, ids), EVENT.at >= now - BACK
    )
    if look.events is not None:
        rows = rows.where(EVENT.kind.in_(look.events))
    return _moments(connection.execute(rows.order_by(EVENT.at.desc())))


def _texts(connection: Connection, phones: Collection[str], now: datetime, look: Look) -> Sequence[Any]:
    """The texts of these numbers that were queued this month or last, wait, or were planned within `look.back`.

    A day more than two months, since months are the customer's. A text is queued on the day on which it is planned: so
    an early one of those days tells where in the order of ids they begin, and years of texts are not read.
    """
    months = (now.astimezone(UTC).replace(day=1) - timedelta(days=1)).replace(day=1, hour=0, minute=0, second=0)
    if not look.programmes:
        return ()
    since = min(months - timedelta(days=1), now - look.back)
    early = select(OCCASION.id).where(OCCASION.queued_at >= since - SLACK).order_by(OCCASION.queued_at).limit(1)
    rows = select(
        *(OCCASION.phone, OCCASION.customer_id, OCCASION.programme, OCCASION.occasion, OCCASION.kind, OCCASION.state),
        *(OCCASION.queued_at, OCCASION.due_at),
    ).where(
        among(connection, OCCASION.phone, phones),
        OCCASION.id >= func.coalesce(early.scalar_subquery(), 0),
        OCCASION.planned_at >= since - SLACK,
    )
    return connection.execute(rows.order_by(OCCASION.id.desc())).all()


def _counted(texts: Sequence[Any], numbers: Mapping[str, str]) -> Sequence[tuple[str, Any]]:
    """By customer, the texts that count for them, once each: those for their number, whoever was meant, and those for
    them, at whichever number."""
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for customer_id, number in numbers.items() if texts else ():
        holders[number].append(customer_id)
    found: list[tuple[str, Any]] = []
    for text in texts:
        whose = holders.get(text.phone, ())
        found += [(who, text) for who in whose]
        if text.customer_id not in whose:
            found.append((text.customer_id, text))
    return found


def _waiting(counted: Iterable[tuple[str, Any]]) -> Mapping[str, list[Waiting]]:
    found: defaultdict[str, list[Waiting]] = defaultdict(list)
    for who, text in counted:
        if text.state == "planned":
            found[who].append(Waiting(text.programme, text.kind, text.due_at))
    return found


def _planned(texts: Iterable[Any]) -> Mapping[str, list[tuple[str, str]]]:
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for text in texts:
        found[text.customer_id].append((text.programme, text.occasion))
    return found


def _moments(rows: Iterable[Any]) -> Moments:
    """By the first column and the second, the moments in their order."""
    found: defaultdict[str, defaultdict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    for whose, kind, at in rows:
        found[whose][kind].append(at)
    return {whose: {kind: tuple(moments) for kind, moments in kinds.items()} for whose, kinds in found.items()}
