"""Texts that are planned for customers: added once for an occasion, taken when they are due, queued, held or put off.

Order of locks: `locks.PROGRAMMES`, then rows of `occasions`, then conversations by number, then messages.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, exists, func, select, update

from app.store import tables
from app.store.many import insert_new
from app.store.statement import Statement

ROW, MESSAGE, CONVERSATION = tables.Occasion, tables.Message, tables.Conversation
BINDING = tables.PhoneBinding

UNSENT = timedelta(days=3)
"""A text that was queued longer ago has left or expired: gateways take no validity of more than ten hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOccasion:
    """A text to be planned; moments are aware. See `tables.Occasion` for the fields."""

    programme: str
    customer_id: str
    phone: str
    occasion: str
    template: str
    language: str
    purpose: str
    kind: str
    due_at: datetime
    closes_at: datetime
    run_id: int | None = None
    variant: str = ""
    segment: str = ""
    priority: int = 0
    zone: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    first_id: int | None = None


NAMES = tuple(one.name for one in fields(NewOccasion))

QUEUED = Statement(
    update(ROW)
    .where(ROW.id == bindparam("which"))
    .values(dict.fromkeys(("state", "reason", "message_id", "version", "menu", "queued_at")))
)


def add(connection: Connection, new: Sequence[NewOccasion], now: datetime) -> int:
    """Plans them; how many were new. An occasion that has its text already keeps it, whatever became of it. Callers
    hold `locks.PROGRAMMES` with others and know that the programmes are on."""
    same: dict[str, Any] = {"state": "planned", "reason": "", "menu": {}, "planned_at": now}
    return insert_new(connection, ROW, [{name: getattr(one, name) for name in NAMES} | same for one in new])


def queued(
    connection: Connection, occasion_id: int, message_id: int, version: int, menu: Mapping[str, Any], now: datetime
) -> None:
    """Its text is in the outbox. `menu`: what `app.care.menu.to_row` gave. Callers hold the row."""
    values = {"state": "queued", "reason": "", "message_id": message_id, "version": version, "menu": dict(menu)}
    QUEUED.run(connection, {"which": occasion_id, "queued_at": now, **values})


def held(connection: Connection, ids: Collection[int], reason: str) -> None:
    """They never leave. `reason`: a code of `app.care.reasons`. Callers hold the rows."""
    connection.execute(update(ROW).where(ROW.id.in_(ids), ROW.state == "planned").values(state="held", reason=reason))


def unbound(connection: Connection, phones: Collection[str], bindings: Collection[int] = ()) -> None:
    """What is planned for these numbers never leaves: they are not the customers' any more. `bindings`: only of those
    that end. A row that somebody else has locked is left: whoever lets it go waits for the conversation, if the caller
    holds it, and then finds the number unbound."""
    theirs = select(ROW.id).where(ROW.phone.in_(phones), ROW.state == "planned")
    if bindings:
        ended = exists().where(
            BINDING.id.in_(bindings), BINDING.phone == ROW.phone, BINDING.customer_id == ROW.customer_id
        )
        theirs = theirs.where(ended)
    free = theirs.with_for_update(skip_locked=True, of=ROW)
    connection.execute(update(ROW).where(ROW.id.in_(free)).values(state="held", reason="unbound"))


def postponed(
    connection: Connection, occasion_id: int, due_at: datetime, reason: str, closes_at: datetime | None = None
) -> None:
    """It is judged again at `due_at`, in another window if `closes_at` tells when that ends. Callers hold the row."""
    values = {"due_at": due_at, "reason": reason} | ({"closes_at": closes_at} if closes_at else {})
    connection.execute(update(ROW).where(ROW.id == occasion_id).values(values))


def by_id(connection: Connection, occasion_id: int) -> Any:
    """The row, or None."""
    return connection.execute(select(*ROW.__table__.columns).where(ROW.id == occasion_id)).first()


def stop(connection: Connection, programme: str, now: datetime) -> tuple[int, int]:
    """What is queued of a programme that is off and that no process is sending is withdrawn; what one is sending has
    its time over, so that it is not tried again. How many are planned, for `leaving.hold_stopped`, and how many were
    withdrawn. Callers passed `locks.PROGRAMMES` alone."""
    planned = connection.execute(
        select(func.count()).select_from(ROW).where(ROW.programme == programme, ROW.state == "planned")
    ).scalar_one()
    return int(planned), _taken_back(connection, "stopped", now, ROW.programme == programme)


def retire(connection: Connection, template: str, language: str, now: datetime) -> int:
    """As `stop`, of the texts of a template that is retired; how many were withdrawn."""
    return _taken_back(connection, "retired", now, ROW.template == template, ROW.language == language)


def _taken_back(connection: Connection, reason: str, now: datetime, *whose: ColumnElement[bool]) -> int:
    texts = (
        select(ROW.message_id)
        .where(*whose, ROW.queued_at > now - UNSENT, ROW.message_id.is_not(None))
        .scalar_subquery()
    )
    unsent = (MESSAGE.id.in_(texts), MESSAGE.state == "queued")
    # Whoever holds a customer's conversation may be about to withdraw the same texts, in another order.
    phones = select(MESSAGE.phone).where(*unsent).scalar_subquery()
    connection.execute(
        select(CONVERSATION.phone).where(CONVERSATION.phone.in_(phones)).order_by(CONVERSATION.phone).with_for_update()
    ).all()
    withdrawn = connection.execute(update(MESSAGE).where(*unsent).values(state="withdrawn", reason=reason)).rowcount
    on_the_way = (MESSAGE.id.in_(texts), MESSAGE.state == "sending")
    connection.execute(update(MESSAGE).where(*on_the_way).values(expires_at=now))
    return withdrawn


def counts(connection: Connection, since: datetime) -> dict[str, dict[str, int]]:
    """By programme, how many texts planned since then are in which state."""
    found = select(ROW.programme, ROW.state, func.count()).where(ROW.planned_at >= since)
    told: dict[str, dict[str, int]] = {}
    for programme, state, number in connection.execute(found.group_by(ROW.programme, ROW.state)):
        told.setdefault(programme, {})[state] = int(number)
    return told
