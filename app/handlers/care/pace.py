"""How many texts may go now, in numbers and in words (X7): read at every release, and shown to whoever asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from math import inf

from sqlalchemy import Connection

from app.care.pacing import REACH, Allowance, Desk, History, Stream, allowance
from app.care.programme import Programme
from app.care.programmes import shipped
from app.handlers import options
from app.handlers.care import switches, templates
from app.handlers.sender_told import WHY, sending
from app.handlers.service import Service
from app.rules.pressure import Rest
from app.store import leaving, pacing

TO_PERSONS = frozenset({"human"})
"""Flows that end with an agent: a reply that leads into one costs a seat."""
ASSUMED, WEIGHT = 8.0, 20
"""Minutes that a conversation with a person takes, as long as few have been counted: so many as this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Of one programme with texts that are due. `waiting`: how many, counted up to 20,000; `may_go`: None without
    a limit; `replies`, `to_a_person`: shares that are expected; `why`: a sentence when it may send nothing."""

    programme: str
    waiting: int
    may_go: int | None
    replies: float
    to_a_person: float
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`rests`: why nothing is released at all. `room`: parts that may be queued, None without a limit. `desk`: None
    when agents limit nothing. `to_come`: conversations that texts under way will still bring. `says`: the same in
    sentences."""

    rests: Rest
    room: int | None
    desk: Desk | None
    to_come: float
    programmes: tuple[Told, ...]
    says: tuple[str, ...]


def pace(service: Service) -> Pace:
    """What would be released now, and why not more."""
    found, now = sending(service), service.clock()
    with service.database.reading() as connection:
        keys = leaving.programmes(connection, now)
        streams = streams_of(service, connection, switches.active(connection), keys)
        who = desk(service, connection)
        allowed = allowance(found.room, who, list(streams.values()))
        told = tuple(
            _told(stream, allowed, found.bulk, pacing.waiting(connection, key, now))
            for key, stream in streams.items()
            if key in keys
        )
    to_come = sum(stream.to_come for stream in streams.values())
    return Pace(
        rests=found.bulk,
        room=found.room,
        desk=who,
        to_come=to_come,
        programmes=told,
        says=tuple(_sentences(found.bulk, found.room, who, to_come, told)),
    )


def streams_of(
    service: Service, connection: Connection, active: Mapping[str, Programme], keys: Collection[str]
) -> dict[str, Stream]:
    """Of the programmes with texts that are due (`keys`) or under way, the highest priority first, then by key. One
    that is off sends no more, and is still answered."""
    now = service.clock()
    reach = now - timedelta(minutes=REACH)
    streams = {}
    for programme in sorted(shipped().values(), key=lambda one: (-one.priority, one.key)):
        key = programme.key
        if not (key in active and key in keys) and not pacing.any_since(connection, key, reach):
            continue
        past = pacing.past(connection, key, reach)
        stream = Stream(
            programme=key,
            priority=programme.priority,
            offers_person=_offers_person(service, connection, programme),
            history=History(past.texts, past.replies, past.to_a_person),
        )
        # A hundred thousand texts that bring nobody to a person need not be counted.
        if stream.needs_person:
            stream = replace(stream, under_way=pacing.under_way(connection, key, reach, now))
        streams[key] = stream
    return streams


def _offers_person(service: Service, connection: Connection, programme: Programme) -> bool:
    """Whether an answer that one of its texts names leads to an agent."""
    for key in programme.texts:
        template = templates.approved(connection, key, service.language)
        if template and any(reply.flow in TO_PERSONS for reply in template.replies):
            return True
    return False


def desk(service: Service, connection: Connection) -> Desk | None:
    """Who could take a conversation now. None when nobody has an account here, or when nobody is there since the bank
    is closed: whoever asks for a person then is offered a call, and no queue grows."""
    now = service.clock()
    if not pacing.keeps_agents(connection):
        return None
    seats, free = pacing.seats(connection, now)
    if not seats and not options.hours(connection, service.hours).is_open(now):
        return None
    took = pacing.minutes_with_a_person(connection)
    minutes = (sum(took) + ASSUMED * WEIGHT) / (len(took) + WEIGHT)
    return Desk(seats, free, pacing.waiting_for_a_person(connection), minutes)


def _told(stream: Stream, allowed: Allowance, rests: Rest, waiting: int) -> Told:
    may = 0 if rests else allowed.texts(stream)
    why = ""
    if not may:
        why = WHY[rests] if rests else "agents have no room for the replies that it would bring"
    return Told(
        programme=stream.programme,
        waiting=waiting,
        may_go=None if may == inf else int(may),
        replies=stream.replies,
        to_a_person=stream.to_a_person,
        why=why,
    )


def _sentences(rests: Rest, room: int | None, who: Desk | None, to_come: float, told: Iterable[Told]) -> Iterable[str]:
    if rests:
        yield WHY[rests]
    elif room is not None:
        yield f"the sender has room for {room} parts"
    if who is None:
        yield "agents limit nothing: none are kept here, or the bank is closed"
    else:
        yield (
            f"agents have {who.free} of {who.seats} seats free, {who.waiting} customers wait for one,"
            f" a talk takes {who.minutes:.0f} minutes; texts under way will bring {to_come:.1f} more"
        )
    for one in told:
        may = "none" if one.why else "all" if one.may_go is None else str(min(one.waiting, one.may_go))
        why = f": {one.why}" if one.why else ""
        share = f"{one.to_a_person:.1%} of its texts end with a person"
        yield f"{one.programme}: {one.waiting} due, {may} may go now{why} ({share})"
