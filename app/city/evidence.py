"""What the laws are judged by: what was on the air, and the rows. It shares no code with the service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from app.city import looks
from app.city.ledger import Ledger, Text, Try
from app.city.looks import Looks

HOME = "Asia/Shanghai"
HELD = 2.0
"""Real seconds within which a process that goes on has written what it was about to write."""


class Person(Protocol):
    """What of a customer the laws ask: whose number it is, the zone by which they sleep, and the numbers for which they
    agreed to offers."""

    @property
    def customer_id(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def agreed(self) -> frozenset[str]: ...


@dataclass
class Evidence:
    """`clock` gives the service's time at a second of the ledger; `amounts` are the figures that each number may hear.
    `people`: by number, the customers; a number that is not there is nobody's but its own.
    `skew` is by how much a clock of the service was wrong at most, `late` how long a busy machine may take between a
    look at the clock and the request. `logs` gives what each process has printed. `fell`: statuses that were seen to.
    """

    looks: Looks
    ledger: Ledger
    clock: Callable[[float], datetime]
    amounts: Mapping[str, frozenset[str]]
    people: Mapping[str, Person] = field(default_factory=dict)
    skew: timedelta = timedelta(0)
    late: timedelta = timedelta(0)
    logs: Callable[[], Mapping[str, str]] = dict
    fell: list[str] = field(default_factory=list)

    @cached_property
    def inbound(self) -> dict[str, Any]:
        return {row.gateway_id: row for row in self.looks.rows(looks.INBOUND)}

    @cached_property
    def messages(self) -> dict[int, Any]:
        return {row.id: row for row in self.looks.rows(looks.MESSAGES)}

    @cached_property
    def tries(self) -> dict[int, list[Try]]:
        found: dict[int, list[Try]] = defaultdict(list)
        for one in sorted(self.ledger.tries, key=lambda one: one.at):
            found[one.message].append(one)
        return found

    @cached_property
    def taken(self) -> dict[str, list[Try]]:
        found: dict[str, list[Try]] = defaultdict(list)
        for one in sorted(self.ledger.tries, key=lambda one: one.at):
            if one.gateway_id:
                found[one.phone].append(one)
        return found

    @cached_property
    def texts(self) -> dict[str, list[Text]]:
        found: dict[str, list[Text]] = defaultdict(list)
        for one in sorted(self.ledger.texts.values(), key=lambda one: one.posted):
            if not one.forged:
                found[one.phone].append(one)
        return found

    def held(self, one: Try) -> bool:
        """Whether a pause held the request back: a process that is stopped between its last look at the clock and the
        request makes it when it goes on, and nothing that it could ask would have stopped it."""
        return any(moment <= one.at <= moment + HELD for moment in self.ledger.went_on)

    def who(self, phone: str) -> str:
        """The customer, as far as anybody knows whose number it is."""
        person = self.people.get(phone)
        return person.customer_id if person and person.customer_id else phone

    def local(self, phone: str, at: datetime) -> datetime:
        """A moment as it is where the number's owner lives."""
        person = self.people.get(phone)
        return at.astimezone(ZoneInfo(person.zone if person else HOME))

    def found(self, statements: Mapping[str, str]) -> Iterator[str]:
        for what, statement in statements.items():
            yield from (f"{what}: {row[0]}" for row in self.looks.rows(statement))
