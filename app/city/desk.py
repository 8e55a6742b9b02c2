"""The bank's own people in the city: agents who race for the same ticket, and offers that are queued."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.city.agenda import Agenda
from app.city.ledger import Act, Ledger
from app.handlers import agent_acted
from app.handlers.compose import written
from app.handlers.service import Service
from app.store import conversations, outbox

AGENTS = ("an", "bo", "cai")
LOOKS_EVERY = 1.0
OFFER = "周三贷款优惠。拒收请回复TD"


@dataclass
class Desk:
    """Works through the service's own handlers on its database, as `huifu tickets` does. While the database is away
    nobody knows what became of the last act, and everything else waits."""

    service: Service
    agenda: Agenda
    ledger: Ledger
    open: bool = True
    _seen: set[int] = field(default_factory=set)

    def look(self) -> None:
        """Two agents want every new ticket at the same moment."""
        if not self.open:
            return
        for ticket in self._waiting():
            for agent in (AGENTS[ticket % 3], AGENTS[(ticket + 1) % 3]):
                self.agenda.later(0, self._claim(ticket, agent))
        self.agenda.later(LOOKS_EVERY, self.look)

    def _waiting(self) -> list[int]:
        waiting = text("SELECT id FROM tickets WHERE kind = 'talk' AND state = 'waiting' ORDER BY id LIMIT 10")
        try:
            with self.service.database.begin() as connection:
                return list(connection.execute(waiting).scalars())
        except SQLAlchemyError:
            return []

    def advertise(self, phone: str) -> None:
        """A programme queues a commercial text."""
        service, now = self.service, self.service.clock()
        try:
            offer = written(
                service, phone=phone, purpose="commercial", template="offer", words=OFFER, now=now, author="programme"
            )
            with service.database.begin() as connection:
                conversations.hold(connection, phone, service.language, now)
                outbox.queue(connection, offer, now)
        except SQLAlchemyError:
            self.ledger.count("offers that found no database")
            return
        self.service.wake("bulk")
        self.ledger.count("offers queued")

    def _claim(self, ticket: int, agent: str) -> Callable[[], None]:
        def act() -> None:
            if self._try(ticket, agent, "claim", lambda: agent_acted.claim(self.service, ticket, agent)):
                self.agenda.later(0.5, self._talk(ticket, agent))

        return act

    def _talk(self, ticket: int, agent: str) -> Callable[[], None]:
        def act() -> None:
            words = "我是客户经理，马上为您处理。"
            self._try(ticket, agent, "reply", lambda: agent_acted.reply(self.service, ticket, agent, words))
            if ticket % 2:
                self._try(ticket, agent, "release", lambda: agent_acted.release(self.service, ticket, agent))
            else:
                self._try(ticket, agent, "close", lambda: agent_acted.close(self.service, ticket, agent, "answered"))

        return act

    def _try(self, ticket: int, agent: str, what: str, act: Callable[[], object]) -> bool:
        allowed: bool | None = True
        began = time.time()
        try:
            act()
        except (agent_acted.NotYours, agent_acted.Refused):
            allowed = False
        except SQLAlchemyError:
            allowed = None
        with self.ledger.lock:
            # Held from the end of the act that took it to the beginning of the one that gave it back: who was told in
            # between, in which order, is up to the threads.
            moment = began if what in {"release", "close"} else time.time()
            self.ledger.acts.append(Act(ticket, agent, what, moment, allowed))
        return allowed is True
