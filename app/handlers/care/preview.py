"""What the planner would do, without a row: who would get what and when, who would not and why, and one customer
through all programmes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.care.person import Person
from app.care.programme import Decision, Programme
from app.care.programmes import shipped
from app.handlers.care import deciding, switches
from app.handlers.service import Service
from app.store import persons

PLANNED = "planned"
SAMPLES = 5
Tell = Callable[[int], Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """A customer as an example; `tail`: the last four digits of the number."""

    customer_id: str
    tail: str
    due_at: datetime | None = None


@dataclass(slots=True)
class Forecast:
    """Of one programme. `outcomes`: `planned`, or the reason why not, and for how many customers; `samples` of each.
    `hours`: texts by the hour in which they are due, the bank's."""

    on: bool
    outcomes: Counter[str] = field(default_factory=Counter)
    samples: defaultdict[str, list[Sample]] = field(default_factory=lambda: defaultdict(list))
    hours: Counter[datetime] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Preview:
    """`seen`: customers who were looked at; `partial`: there may be more. `programmes`: by key."""

    day: date
    seen: int
    programmes: Mapping[str, Forecast]
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Explained:
    """One programme for one customer, as if it were on."""

    on: bool
    decision: Decision


def preview(
    service: Service, day: date, *, keys: Collection[str] = (), most: int = 0, tell: Tell = lambda _: None
) -> Preview:
    """The plan of the bank's `day` for the programmes that are on, or for those named, each beside those that are on.

    `most`: customers to look at, 0 for all of them. `tell` hears how many were looked at. Raises
    `switches.UnknownProgramme`.
    """
    for key in keys:
        switches.known(key)
    with service.database.reading() as connection:
        on = switches.active(connection)
    wanted = list(dict.fromkeys(keys or on))
    together = {key: programme for key, programme in shipped().items() if key in on or key in wanted}
    told = {key: Forecast(key in on) for key in wanted}
    seen, cursor = 0, ""
    while wanted:
        with service.database.reading() as connection:
            batch = deciding.read(service, connection, day, together, cursor)
        if not batch.people:
            break
        for person in batch.people:
            for decision in batch.decisions(person):
                if decision.programme in told:
                    _count(told[decision.programme], person, decision, service)
        seen, cursor = seen + len(batch.people), batch.people[-1].customer_id
        tell(seen)
        if most and seen >= most:
            return Preview(day, seen, told, partial=True)
    return Preview(day, seen, told)


def explain(service: Service, customer_id: str, day: date) -> Mapping[str, Explained] | None:
    """What becomes of a customer in every programme: those that are on together, every other one beside them. None when
    there is no such customer."""
    now = service.clock()
    with service.database.reading() as connection:
        on = switches.active(connection)
        person = persons.one(connection, customer_id, "", now, deciding.look(service, shipped()))
        if person is None:
            return None
        return {
            key: Explained(
                key in on,
                next(
                    one
                    for one in deciding.rules(service, connection, day, _beside(on, programme), now).decide(person)
                    if one.programme == key
                ),
            )
            for key, programme in shipped().items()
        }


def _beside(on: Mapping[str, Programme], programme: Programme) -> Mapping[str, Programme]:
    return {**on, programme.key: programme}


def _count(forecast: Forecast, person: Person, decision: Decision, service: Service) -> None:
    outcome = decision.reason or PLANNED
    forecast.outcomes[outcome] += 1
    samples = forecast.samples[outcome]
    if len(samples) < SAMPLES:
        samples.append(Sample(person.customer_id, person.phone[-4:], decision.due_at))
    if decision.due_at is not None:
        hour = decision.due_at.astimezone(service.zone).replace(minute=0, second=0, microsecond=0)
        forecast.hours[hour] += 1
