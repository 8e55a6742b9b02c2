"""What the planner and the preview share: customers of a batch, and what is decided of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import Connection

from app.care.decide import Plan, compiled
from app.care.person import Person
from app.care.programme import Decision, Programme
from app.handlers.care import templates
from app.handlers.service import Service
from app.store import persons

log = structlog.get_logger()

FAILED = "failed"
"""The reason of a customer of whom nothing could be decided; the log has the error."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The next customers in the order of their ids, and the rules as they were when they were read."""

    people: Sequence[Person]
    programmes: Mapping[str, Programme]
    plan: Plan

    def decisions(self, person: Person) -> Sequence[Decision]:
        """One for each programme. A customer whom the rules cannot take stops nobody else."""
        try:
            return self.plan.decide(person)
        except Exception as error:
            log.error("customer_not_planned", customer=person.customer_id, error=type(error).__name__, exc_info=True)
            return [Decision(key, FAILED) for key in self.programmes]


def read(
    service: Service, connection: Connection, day: date, programmes: Mapping[str, Programme], after_id: str
) -> Batch:
    """The customers after that id, for these programmes, with the templates that are approved now. Few statements,
    however many they are; no people at the end."""
    now = service.clock()
    people = persons.batch(connection, after_id, service.customers_at_once, now, look(service, programmes))
    return Batch(people, programmes, rules(service, connection, day, programmes, now))


def read_those(
    service: Service, connection: Connection, day: date, programmes: Mapping[str, Programme], ids: Collection[str]
) -> Batch:
    """The same of the customers with these ids."""
    now = service.clock()
    people = persons.some(connection, ids, now, look(service, programmes))
    return Batch(people, programmes, rules(service, connection, day, programmes, now))


def look(service: Service, programmes: Mapping[str, Programme]) -> persons.Look:
    """What these programmes need to know of a customer."""
    kinds = {kind for one in programmes.values() for kind in (one.when.event, *one.converted_by) if kind}
    lasts = timedelta(days=max((one.when.lasts for one in programmes.values()), default=0) + 1)
    return persons.Look(service.language, service.zone.key, kinds, programmes.keys(), lasts)


def rules(
    service: Service, connection: Connection, day: date, programmes: Mapping[str, Programme], now: datetime
) -> Plan:
    """The question of `app.care.decide`, ready to be asked of customers."""
    return compiled(
        programmes,
        day=day,
        now=now,
        zone=service.zone,
        consent=service.care_consent,
        texts=templates.languages(connection),
    )
