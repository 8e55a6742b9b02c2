"""Which gateway may be asked to send: a circuit for each, known to all processes, which rests one that fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import structlog
from sqlalchemy import Connection

from app.gateways.port import Cause, Outcome, Refused, Unsettled
from app.rules import circuit as rule
from app.rules.circuit import Circuit
from app.store import circuits as store
from app.store.database import Database

log = structlog.get_logger()

FRESH = timedelta(seconds=1)
"""How long a process believes what it last read of the others."""


@dataclass(frozen=True, slots=True)
class Leave:
    """What may leave by a gateway: `all`, `one` as a trial, or `none`. `since`: the state of the circuit in which that
    was said; what a send of another state led to says nothing about this one."""

    most: Literal["all", "one", "none"] = "all"
    since: datetime | None = None


@dataclass
class _Known:
    circuit: Circuit = field(default_factory=Circuit)
    read_at: datetime | None = None
    failed: int = 0


NOTHING = _Known()


@dataclass
class Circuits:
    """What this process knows of them. Safe for threads; no lock is held while the database is asked."""

    _known: dict[str, _Known] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def leave(self, database: Database, gateway: str, now: datetime) -> Leave:
        circuit = self.look(database, gateway, now)
        if not circuit.open:
            return Leave("all", circuit.changed)
        return Leave("one" if circuit.is_due(now) else "none", circuit.changed)

    def withdrawn(self, gateway: str, leave: Leave) -> bool:
        """Whether it opened since that was said, as far as this process knows: what has not left must not now."""
        with self._lock:
            known = self._known.get(gateway, NOTHING)
            return known.circuit.open and known.circuit.changed != leave.since

    def look(self, database: Database, gateway: str, now: datetime) -> Circuit:
        """The circuit as it was a second ago, or as it is now."""
        with self._lock:
            known = self._known.setdefault(gateway, _Known())
            if known.read_at is not None and timedelta(0) <= now - known.read_at < FRESH:
                return known.circuit
        with database.begin() as connection:
            found = store.known(connection, gateway)
        self._learn(gateway, found, now)
        return found

    def may_try(self, connection: Connection, gateway: str, now: datetime) -> bool:
        """In the transaction that claims the text of a trial: whether nobody else has one on its way."""
        circuit = store.hold(connection, gateway)
        if circuit.open and circuit.is_due(now):
            return True
        self._learn(gateway, circuit, now)
        return False

    def trial_leaves(self, connection: Connection, gateway: str, now: datetime) -> None:
        """After `may_try`, in the same transaction: there is a text for it."""
        store.keep(connection, gateway, rule.tried(store.known(connection, gateway), now), now)

    def heard(self, database: Database, gateway: str, leave: Leave, outcome: Outcome, now: datetime) -> None:
        """How a send ended. Raises nothing: a circuit that cannot be written down holds in this process."""
        reason = trouble(outcome)
        with self._lock:
            known = self._known.setdefault(gateway, _Known())
            if leave.since != known.circuit.changed:
                return  # it began before the circuit opened or closed
            known.failed = known.failed + 1 if reason else 0
            too_often = known.failed >= rule.LIMIT
        if leave.most == "one":
            act = (lambda held: rule.failed(held, now, reason)) if reason else lambda held: rule.worked(held, now)
            self._change(database, gateway, leave, act, now)
        elif reason and too_often:
            self._change(database, gateway, leave, lambda held: rule.opened(held, now, reason), now)

    def _change(
        self, database: Database, gateway: str, leave: Leave, act: Callable[[Circuit], Circuit], now: datetime
    ) -> None:
        with self._lock:
            before = self._known[gateway].circuit
        try:
            with database.begin() as connection:
                held = store.hold(connection, gateway)
                after = act(held) if held.changed == leave.since else held
                if after != held:
                    store.keep(connection, gateway, after, now)
        except Exception as error:
            log.error("circuit_not_noted", gateway=gateway, error=type(error).__name__)
            after = act(before)
        self._learn(gateway, after, now)

    def _learn(self, gateway: str, circuit: Circuit, now: datetime) -> None:
        with self._lock:
            known = self._known.setdefault(gateway, _Known())
            before, known.circuit, known.read_at = known.circuit, circuit, now
            if before.changed == circuit.changed:
                return
            known.failed = 0
        if circuit.open:
            log.error("gateway_rests", gateway=gateway, reason=circuit.reason)
        elif before.open:
            log.warning("gateway_works", gateway=gateway)


def trouble(outcome: Outcome) -> str:
    """Why the gateway, and not this one text, is at fault; empty when it did its work, be it by a refusal."""
    if isinstance(outcome, Unsettled):
        return outcome.reason[:40]
    if isinstance(outcome, Refused) and outcome.cause in {Cause.BUSY, Cause.CONFIG}:
        return outcome.code[:40]
    return ""
