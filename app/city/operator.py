"""Who owns the programmes in the city: switches them on, asks for their plan again and again, and switches them off."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError

from app.city.agenda import Agenda
from app.city.campaigns import CAMPAIGNS
from app.city.clock import FastClock
from app.city.ledger import Ledger, Off
from app.city.roster import Customer
from app.handlers.care import plans_asked, switches
from app.handlers.care.planning import CannotPlan
from app.handlers.service import Service
from app.store import tables
from app.store.agents import Agent

OPERATOR = Agent(0, "dan", "operator", frozenset(), frozenset(), 1, "away", "", "")
LOOKS_EVERY = 2.0
"""Real seconds. A plan is asked for at every look: for those who agreed meanwhile, and so that planners die over it."""
GIVEN_UP, AFTER = "repayment_reminder", 600.0
"""A programme that is switched off for good in the middle of its window: after so many seconds of the city."""


@dataclass
class Operator:
    """Works through the service's own handlers, as the console does. `sending` gives the ids of all messages that are
    being sent. While the database is away everything waits for the next look. When no longer `open`, everything is
    switched off at the next one, which is the last."""

    service: Service
    agenda: Agenda
    ledger: Ledger
    clock: FastClock
    sending: Callable[[], frozenset[int]]
    open: bool = True
    _begun: float = 0.0
    _wanted: dict[str, bool] = field(default_factory=lambda: dict.fromkeys((one.key for one in CAMPAIGNS), True))

    def begin(self) -> None:
        self._begun = time.monotonic()
        self.agenda.later(0, self._look)

    def _look(self) -> None:
        last = not self.open
        if last:
            self._wanted = dict.fromkeys(self._wanted, False)
        elif time.monotonic() - self._begun > self.clock.real(AFTER):
            self._wanted[GIVEN_UP] = False
        try:
            self._switch()
            if last:
                return
            if plans_asked.ask(self.service, OPERATOR) is not None:
                self.ledger.count("programmes: plans asked for")
        except (SQLAlchemyError, CannotPlan):
            self.ledger.count("programmes: looks in vain")
        self.agenda.later(LOOKS_EVERY, self._look)

    def _switch(self) -> None:
        """What is not as it is wanted."""
        with self.service.database.begin() as connection:
            states = switches.states(connection)
        for key, wanted in self._wanted.items():
            if wanted and not states[key].on:
                self._on(key, states[key].stopped)
            elif states[key].on and not wanted:
                switches.switch(self.service, OPERATOR.name, key, False)
                # In this order: what had been claimed before and has left meanwhile is older than the look.
                in_flight, looked = self.sending(), time.time()
                with self.ledger.lock:
                    self.ledger.offs.append(Off(key, looked, in_flight))

    def _on(self, key: str, stopped: str) -> None:
        """One that has stopped itself is switched on again as well: in the city people refuse by their script."""
        told = {"because": "their script refuses it"} if stopped else {}
        try:
            switches.switch(self.service, OPERATOR.name, key, True, told=told)
        except switches.ConfirmNumber as asked:
            switches.switch(self.service, OPERATOR.name, key, True, expected=asked.count, told=told)
        self.ledger.count("programmes: stopped themselves" if stopped else "programmes: switched on")


def remember(service: Service, people: Sequence[Customer]) -> None:
    """The texts of programmes that customers had before the city began."""
    rows = []
    for one in people:
        for number, (kind, day) in enumerate(one.history):
            at = datetime(day.year, day.month, day.day, 10, 30, tzinfo=ZoneInfo(one.zone))
            rows.append(_past(one, kind, f"history:{number}", at))
    with service.database.begin() as connection:
        connection.execute(insert(tables.Occasion), rows)


def _past(one: Customer, kind: str, occasion: str, at: datetime) -> dict[str, object]:
    return {
        "programme": "history",
        "customer_id": one.customer_id,
        "phone": one.phones[0],
        "occasion": occasion,
        "template": "history",
        "language": "zh-CN",
        "purpose": "commercial",
        "kind": kind,
        "zone": one.zone,
        "state": "queued",
        "given": {},
        "menu": {},
        "due_at": at,
        "closes_at": at + timedelta(hours=1),
        "planned_at": at,
        "queued_at": at,
    }
