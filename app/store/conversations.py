"""Holding, saving and finding conversations. The row's lock is what orders a customer's texts (law 3)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from app.flows.floods import Flood
from app.flows.vocabulary import BOT, Conversation, Guard, Place
from app.store import tables
from app.store.insert import InsertNew
from app.store.statement import Statement

ROW = tables.Conversation
HOLD = Statement(select(*ROW.__table__.columns).where(ROW.phone == bindparam("p")).with_for_update())
READ = Statement(select(*ROW.__table__.columns).where(ROW.phone == bindparam("p")))
MAKE = InsertNew(
    ROW, "phone", "language", "memory", "owner", "version", "updated_at", returning=tuple(ROW.__table__.columns.keys())
)
SAVE = Statement(
    update(ROW)
    .where(ROW.phone == bindparam("p"), ROW.version == bindparam("before"))
    .values(
        dict.fromkeys(
            (
                "language",
                "flow",
                "step",
                "flow_version",
                "memory",
                "owner",
                "verified_until",
                "silence_at",
                "version",
                "updated_at",
            )
        )
    )
)
DUE = select(ROW.phone).where(ROW.silence_at <= bindparam("now")).order_by(ROW.silence_at).limit(bindparam("most"))


class Overtaken(RuntimeError):
    """Another transaction saved the conversation although we held it: a broken lock, never a normal race."""


def hold(connection: Connection, phone: str, language: str, now: datetime) -> Conversation:
    """Locks the number's conversation until the transaction ends, making it when it is new."""
    return from_row(lock(connection, phone, language, now))


def hold_all(connection: Connection, phones: Collection[str], language: str, now: datetime) -> dict[str, Conversation]:
    """As `hold`, for several numbers, by number: in their order, so that no two who do this wait for each other."""
    return {phone: from_row(row) for phone, row in lock_all(connection, phones, language, now).items()}


def lock(connection: Connection, phone: str, language: str, now: datetime) -> Any:
    """As `hold`, but gives the row as it is: it may be one that nothing can be made of any more."""
    return HOLD.first(connection, {"p": phone}) or _made(connection, phone, language, now)


def lock_all(connection: Connection, phones: Collection[str], language: str, now: datetime) -> dict[str, Any]:
    """As `hold_all`, but gives the rows as they are."""
    rows = select(*ROW.__table__.columns).where(ROW.phone.in_(phones)).order_by(ROW.phone).with_for_update()
    found = {row.phone: row for row in connection.execute(rows)}
    for phone in sorted(set(phones) - set(found)):
        found[phone] = _made(connection, phone, language, now)
    return found


def _made(connection: Connection, phone: str, language: str, now: datetime) -> Any:
    # A row of our own is held already: nobody else sees it before the transaction ends.
    row = MAKE.row(connection, phone=phone, language=language, memory={}, owner=BOT, version=0, updated_at=now)
    return row or HOLD.first(connection, {"p": phone})


def read(connection: Connection, phone: str) -> Conversation | None:
    """The conversation as it stands, not held."""
    row = READ.first(connection, {"p": phone})
    return from_row(row) if row else None


def save(connection: Connection, conversation: Conversation, before: int, now: datetime) -> None:
    """Writes a held conversation. `before` is the version it was read with. Raises `Overtaken`."""
    place = conversation.place
    saved = SAVE.run(
        connection,
        {
            "p": conversation.phone,
            "before": before,
            "language": conversation.language,
            "flow": place.flow if place else "",
            "step": place.step if place else "",
            "flow_version": place.version if place else 0,
            "memory": memory(conversation),
            "owner": conversation.owner,
            "verified_until": conversation.verified_until,
            "silence_at": conversation.silence_at,
            "version": conversation.turn,
            "updated_at": now,
        },
    )
    if saved != 1:
        raise Overtaken(f"conversation version {before} is gone")


def silent(connection: Connection, now: datetime, most: int) -> list[str]:
    """Numbers whose wait is over, the longest over first."""
    return list(connection.execute(DUE, {"now": now, "most": most}).scalars())


def put_off_silence(connection: Connection, phone: str, until: datetime) -> None:
    """The turn of a silence failed: it is tried again later."""
    connection.execute(update(ROW).where(ROW.phone == phone).values(silence_at=until))


def memory(conversation: Conversation) -> dict[str, Any]:
    """What has no column of its own, as JSON. `from_row` reads it back: the two must agree."""
    guard = conversation.guard
    return {
        "slots": dict(conversation.place.slots) if conversation.place else {},
        "beneath": [_place_to_data(place) for place in conversation.beneath],
        "tries": conversation.tries,
        "asked": conversation.asked,
        "guard": [
            guard.digest,
            guard.times,
            guard.window.isoformat() if guard.window else None,
            guard.answers,
        ],
        "flood": conversation.flood.to_data(),
    }


def from_row(row: Any) -> Conversation:
    kept = row.memory
    digest, times, window, answers = kept.get("guard", ["", 0, None, 0])
    place = None
    if row.flow:
        place = Place(row.flow, row.step, row.flow_version, kept.get("slots", {}))
    return Conversation(
        phone=row.phone,
        language=row.language,
        place=place,
        beneath=tuple(_place_from_data(data) for data in kept.get("beneath", ())),
        tries=kept.get("tries", 0),
        owner=row.owner,
        verified_until=row.verified_until,
        silence_at=row.silence_at,
        turn=row.version,
        asked=kept.get("asked", 0),
        guard=Guard(digest, times, datetime.fromisoformat(window) if window else None, answers),
        flood=Flood.from_data(kept.get("flood", ())),
    )


def _place_to_data(place: Place) -> list[Any]:
    left = place.left_at.isoformat() if place.left_at else None
    return [place.flow, place.step, place.version, dict(place.slots), left]


def _place_from_data(data: list[Any]) -> Place:
    flow, step, version, slots, left = data
    return Place(flow, step, version, slots, datetime.fromisoformat(left) if left else None)
