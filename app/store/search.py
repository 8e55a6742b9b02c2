"""Finding customers: by what a number ends with, by customer id, and by words of texts.

Numbers are found by an index on their last four digits. No index of both databases finds a part of a Chinese sentence:
words are looked for in the customers of one agent, or backwards from the newest text, a stretch at a time, so that no
statement runs long. With 300,000 customers and a million texts on two cores: the end of a number 30 ms, words of one's
own customers 70 ms, of everybody 0.3 s (PostgreSQL) and 0.4 s (SQLite) for the last 200,000 texts; no larger with more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, text

from app.store import tables

TICKET, INBOUND, MESSAGE = tables.Ticket, tables.Inbound, tables.Message
CONVERSATION, BINDING, CUSTOMER = tables.Conversation, tables.PhoneBinding, tables.Customer

TAIL = 4
"""Digits of the index: fewer cannot be looked for."""
ENDS = text("substr(phone, length(phone) - 3) = :tail")
TEXTS: dict[str, Any] = {"inbound": INBOUND.received_at, "messages": MESSAGE.created_at}
"""Where words are looked for, and when a row of it came to be."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text in which the words stand. `table`: inbound (the customer's) or messages (ours)."""

    table: str
    id: int
    phone: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """`oldest`: when the earliest text that was looked at came; None when there was none. `below`: from where to go on,
    0 at the end."""

    found: tuple[Spoken, ...]
    oldest: datetime | None
    looked: int
    below: int


@dataclass(frozen=True, slots=True)
class Number:
    """`last_at`: the last text in either direction. `ticket`: id of the latest one, 0 when there never was any."""

    phone: str
    last_at: datetime | None
    ticket: int
    state: str
    agent: str
    texts: tuple[Spoken, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """`customer_id`, `name` and `title` are empty for a number that is bound to nobody."""

    customer_id: str
    name: str
    title: str
    numbers: tuple[Number, ...] = ()


def of_agent(connection: Connection, agent: str, since: datetime) -> frozenset[str]:
    """Numbers whose ticket the agent holds, or has closed since."""
    mine = (TICKET.state == "claimed") | ((TICKET.state == "closed") & (TICKET.closed_at >= since))
    return frozenset(connection.execute(select(TICKET.phone).where(TICKET.agent == agent, mine)).scalars())


def ending_in(connection: Connection, digits: str, most: int) -> list[str]:
    """Numbers that end in these digits (four or more), known customers or not; at most `most` of each."""
    found: list[Any] = []
    for table, more in ((BINDING, BINDING.ended_at.is_(None)), (CONVERSATION, CONVERSATION.phone.is_not(None))):
        asked = select(table.phone).where(ENDS, table.phone.endswith(digits, autoescape=True), more).limit(most)
        found.extend(connection.execute(asked, {"tail": digits[-TAIL:]}).scalars())
    return sorted(set(found))


def of_customer(connection: Connection, customer_id: str) -> list[str]:
    """Numbers bound to a customer."""
    bound = select(BINDING.phone).where(BINDING.customer_id == customer_id, BINDING.ended_at.is_(None))
    return sorted(set(connection.execute(bound).scalars()))


def spoken_by(
    connection: Connection, phones: Collection[str], words: Sequence[str], since: datetime, most: int
) -> list[Spoken]:
    """Texts of these numbers with all these words, newest first."""
    found: list[Spoken] = []
    for name, moment in TEXTS.items():
        table = moment.class_
        asked = _spoken(name, words).where(table.phone.in_(phones), moment >= since).order_by(table.id.desc())
        found.extend(_read(connection, name, asked.limit(most)))
    return sorted(found, key=lambda one: one.at, reverse=True)[:most]


def stretch(
    connection: Connection, name: str, words: Sequence[str], since: datetime, below: int | None, size: int, most: int
) -> Stretch:
    """The `size` texts of a table before id `below` (None: from the newest on), with what is found in them."""
    moment = TEXTS[name]
    table = moment.class_
    # On PostgreSQL ids jump where a month begins: each stretch begins at a text that is there.
    newest = connection.execute(
        select(func.max(table.id)).where(*(() if below is None else (table.id < below,)))
    ).scalar()
    if newest is None:
        return Stretch((), None, 0, 0)
    lowest = max(newest + 1 - size, 1)
    within = (table.id >= lowest, table.id <= newest)
    first, oldest = connection.execute(select(table.id, moment).where(*within).order_by(table.id).limit(1)).one()
    asked = _spoken(name, words).where(*within, moment >= since).order_by(table.id.desc()).limit(most)
    ended = lowest == 1 or oldest < since
    found = tuple(_read(connection, name, asked))
    return Stretch(found, max(oldest, since), newest + 1 - first, 0 if ended else lowest)


def _spoken(name: str, words: Sequence[str]) -> Any:
    moment = TEXTS[name]
    table = moment.class_
    return select(table.id, table.phone, table.body, moment.label("at")).where(*(_holds(table.body, w) for w in words))


def _holds(body: Any, word: str) -> ColumnElement[bool]:
    """Large or small letters are one; Chinese has neither, and lower() costs most of a scan on PostgreSQL."""
    cased = word.lower() != word.upper()
    held: ColumnElement[bool] = (func.lower(body) if cased else body).contains(word.lower(), autoescape=True)
    return held


def _read(connection: Connection, name: str, asked: Any) -> list[Spoken]:
    return [Spoken(name, row.id, row.phone, row.body, row.at) for row in connection.execute(asked)]


def people(connection: Connection, phones: Collection[str], spoken: Sequence[Spoken] = ()) -> list[Person]:
    """Who these numbers belong to, whoever was in touch last first; `spoken` is put to its number. A number that
    several customers share stands alone, and names none of them: nobody knows who writes."""
    numbers = {number.phone: number for number in _numbers(connection, phones, spoken)}
    owners: dict[str, list[Any]] = {phone: [] for phone in numbers}
    bound = select(BINDING.phone, BINDING.customer_id, CUSTOMER.name, CUSTOMER.title).join(
        CUSTOMER, CUSTOMER.customer_id == BINDING.customer_id
    )
    for row in connection.execute(bound.where(BINDING.phone.in_(phones), BINDING.ended_at.is_(None))):
        owners[row.phone].append(row)
    grouped: dict[str, Person] = {}
    for phone, number in numbers.items():
        owner = owners[phone][0] if len(owners[phone]) == 1 else None
        key = owner.customer_id if owner else phone
        before = grouped.get(key)
        customer_id, name, title = (owner.customer_id, owner.name, owner.title) if owner else ("", "", "")
        grouped[key] = Person(customer_id, name, title, (*(before.numbers if before else ()), number))
    return sorted(grouped.values(), key=lambda one: max(_latest(number) for number in one.numbers), reverse=True)


def _latest(number: Number) -> float:
    return number.last_at.timestamp() if number.last_at else 0.0


def _numbers(connection: Connection, phones: Collection[str], spoken: Sequence[Spoken]) -> list[Number]:
    latest: dict[str, datetime] = {}
    for moment in TEXTS.values():
        table = moment.class_
        newest = select(func.max(table.id)).where(table.phone.in_(phones)).group_by(table.phone)
        for row in connection.execute(select(table.phone, moment.label("at")).where(table.id.in_(newest))):
            latest[row.phone] = max(row.at, latest.get(row.phone, row.at))
    newest = select(func.max(TICKET.id)).where(TICKET.phone.in_(phones)).group_by(TICKET.phone)
    asked = select(TICKET.id, TICKET.phone, TICKET.state, TICKET.agent).where(TICKET.id.in_(newest))
    tickets = {row.phone: row for row in connection.execute(asked)}
    texts = {phone: tuple(one for one in spoken if one.phone == phone) for phone in phones}
    return [
        Number(
            phone,
            latest.get(phone),
            tickets[phone].id if phone in tickets else 0,
            tickets[phone].state if phone in tickets else "",
            tickets[phone].agent if phone in tickets else "",
            texts[phone],
        )
        for phone in phones
    ]
