"""When a gateway that fails is left in peace, and when it is tried again: a circuit breaker without clock or memory.

Some failures in a row open it. Then nothing leaves but one text now and then, the trial; the first that goes well
closes it. Rests grow while trials fail, and go on growing when it fails again soon after it came back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

LIMIT = 5
"""Failures in a row, as one process sees them, after which a gateway rests."""
FIRST, LONGEST = timedelta(seconds=1), timedelta(seconds=30)
"""The first rest, and the longest. Each is twice the one before."""
TRIAL = timedelta(seconds=15)
"""When the next trial is due at the latest: longer than a send takes, so that a trial whose process dies blocks
nobody."""
CALM = timedelta(minutes=1)
"""A gateway that worked for so long begins again with the first rest."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """`changed`: when it opened or closed; None while it never did. `rests`: how many rests were in a row. `reason`:
    what the gateway said last, while it is open."""

    open: bool = False
    changed: datetime | None = None
    next_trial: datetime | None = None
    rests: int = 0
    reason: str = ""

    def is_due(self, now: datetime) -> bool:
        """Whether a trial may be made. A moment further off than any rest was set by a clock that jumped."""
        return self.next_trial is None or not now < self.next_trial <= now + LONGEST + TRIAL


def opened(circuit: Circuit, now: datetime, reason: str) -> Circuit:
    """It failed too often. One that is open already stays as it is."""
    if circuit.open:
        return circuit
    again = circuit.changed is not None and now - circuit.changed < CALM
    rests = circuit.rests + 1 if again else 0
    return Circuit(True, now, now + _rest(rests), rests, reason)


def tried(circuit: Circuit, now: datetime) -> Circuit:
    """A trial is on its way: nobody makes another before it can have ended."""
    return replace(circuit, next_trial=now + max(TRIAL, _rest(circuit.rests)))


def failed(circuit: Circuit, now: datetime, reason: str) -> Circuit:
    """The trial went wrong too."""
    rests = circuit.rests + 1
    return replace(circuit, next_trial=now + _rest(rests), rests=rests, reason=reason)


def worked(circuit: Circuit, now: datetime) -> Circuit:
    """The trial went well: everything may leave."""
    return Circuit(False, now, None, circuit.rests)


def _rest(rests: int) -> timedelta:
    return min(LONGEST, FIRST * (1 << min(rests, 10)))
