"""What happened on the air, as the world outside saw it, in both directions. Moments are `time.time()`."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Text:
    """A customer's text. `acknowledged`: when the service first said yes. `forged`: its signature is wrong on purpose.

    After a refusal was acknowledged: `in_flight` are our messages to the number that were being sent just then, and
    `looked` is when that was known; nothing commercial may come later.
    """

    gateway_id: str
    phone: str
    body: str
    posted: float
    acknowledged: float | None = None
    forged: bool = False
    in_flight: frozenset[int] = frozenset()
    looked: float | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """A request to send a text. `gateway_id` is empty when it was not taken; `told`: the service got a clear answer."""

    message: int
    phone: str
    body: str
    at: float
    gateway_id: str
    told: bool
    answer: str


@dataclass(frozen=True, slots=True)
class Told:
    """A status callback that the service acknowledged."""

    message: int
    gateway_id: str
    status: str
    at: float


@dataclass(frozen=True, slots=True)
class Act:
    """What an agent did to a ticket, and whether it was allowed: claim · reply · release · close."""

    ticket: int
    agent: str
    what: str
    done: float
    allowed: bool


@dataclass
class Ledger:
    """Filled from many threads while the city lives."""

    texts: dict[str, Text] = field(default_factory=dict)
    tries: list[Try] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str, times: int = 1) -> None:
        with self.lock:
            self.counts[what] += times
