"""What a customer did elsewhere is told to us: checked, and kept once however often it is told (B2).

Times: RFC 3339 §5.6, with a zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from app.care.event_kinds import detail_of, kinds
from app.handlers.service import Service
from app.store import customer_events as store
from app.store.customer_events import Event
from app.store.database import Database

REMEMBERED = timedelta(days=400)
"""Older events lead to nothing, and are not taken."""
AHEAD = timedelta(minutes=5)
"""By how much a sender's clock may be wrong."""
KEY = r"[!-~]{1,120}"
CUSTOMER_ID = r"[!-~\u00a1-\u1fff\u2070-\u2fff\u3001-\ud7ff\ue000-\ufefe]{1,64}"
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
UNKNOWN = "customer_id is not known here; import the customer first."
TWICE = "key belongs to another event; each event has a key of its own."

What = Literal["taken", "known", "conflict", "refused"]


@dataclass(frozen=True, slots=True)
class Given:
    """An event as somebody tells it; nothing is checked yet. `beside`: it has fields of another name."""

    key: Any = None
    customer_id: Any = None
    kind: Any = None
    at: Any = None
    detail: Any = None
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event. `taken`: it is kept now. `known`: it was already, with the same content. `conflict`: its
    key belongs to another one. `refused`: it cannot be kept. `reasons`: a sentence each, without what was given."""

    what: What
    reasons: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        return self.what in {"taken", "known"}


@dataclass(frozen=True, slots=True)
class Taken:
    """One outcome for each event, in their order."""

    outcomes: tuple[Outcome, ...]

    def count(self, what: What) -> int:
        return sum(outcome.what == what for outcome in self.outcomes)


def take(service: Service, source: str, events: Sequence[Given]) -> Taken:
    """Keeps the good ones, all in one transaction; `source`: whose token, or which file. Up to some thousand at a time.
    Raises as the database does: then nothing was kept, and the same again does no harm."""
    return keep(service.database, source, events, service.clock())


def keep(database: Database, source: str, events: Sequence[Given], now: datetime) -> Taken:
    """As `take`, for a command that has no service."""
    outcomes: dict[int, Outcome] = {}
    good: dict[int, Event] = {}
    for place, given in enumerate(events):
        event, reasons = read(given)
        if event is not None and (late := _out_of_time(event, now)):
            event, reasons = None, [late]
        if event is None:
            outcomes[place] = Outcome("refused", tuple(reasons))
        else:
            good[place] = event
    firsts: dict[str, int] = {}
    for place, event in good.items():
        firsts.setdefault(event.event_key, place)
    with database.begin() as connection:
        here = store.customers(connection, {event.customer_id for event in good.values()})
        wanted = [good[place] for place in firsts.values() if good[place].customer_id in here]
        new = store.add(connection, wanted, source, now)
        held = store.held(connection, firsts) if len(new) < len(good) else {}
    for place, event in good.items():
        if event.event_key in new and firsts[event.event_key] == place:
            outcomes[place] = Outcome("taken")
        else:
            outcomes[place] = _not_new(event, held.get(event.event_key), event.customer_id in here)
    return Taken(tuple(outcomes[place] for place in range(len(events))))


def _not_new(event: Event, held: Event | None, customer: bool) -> Outcome:
    if held == event:
        return Outcome("known")
    if held is None and not customer:
        return Outcome("refused", (UNKNOWN,))
    return Outcome("conflict", (TWICE,))


def read(given: Given) -> tuple[Event | None, list[str]]:
    """The event, or a sentence for each fault. What was given is not repeated in them: it may be personal data."""
    reasons = []
    if not isinstance(given.key, str) or not re.fullmatch(KEY, given.key):
        reasons.append("key must be 1 to 120 visible ASCII characters without spaces.")
    if not isinstance(given.customer_id, str) or not re.fullmatch(CUSTOMER_ID, given.customer_id):
        reasons.append("customer_id must be 1 to 64 characters without spaces.")
    kind = kinds().get(given.kind) if isinstance(given.kind, str) else None
    if kind is None:
        reasons.append(f"kind must be one of {', '.join(kinds())}.")
    at = _moment(given.at)
    if at is None:
        reasons.append("at must be a moment with its zone like 2026-11-20T09:30:00+08:00 (RFC 3339).")
    detail: dict[str, str | int] = {}
    if given.detail is not None and not isinstance(given.detail, Mapping):
        reasons.append("detail must be an object.")
    elif given.detail and kind is not None:
        detail, faults = detail_of(kind, given.detail)
        reasons += faults
    if given.beside:
        reasons.append("an event has no other fields than key, customer_id, kind, at and detail.")
    if reasons or kind is None or at is None:
        return None, reasons
    return Event(given.key, given.customer_id, kind.key, at, detail), []


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError:
        return None


def _out_of_time(event: Event, now: datetime) -> str:
    if event.at > now + AHEAD:
        return "at lies in the future; check the sender's clock and zone."
    if event.at < now - REMEMBERED:
        return f"at is more than {REMEMBERED.days} days ago; such events lead to nothing."
    return ""
