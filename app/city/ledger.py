"""What happened on the air, as the world outside saw it, in both directions. Moments are `time.time()`."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Text:
    """A customer's text. `acknowledged`: when the service first said yes. `forged`: its signature is wrong on purpose.

    `machine`: the character that is no person, which wrote it. `secret`: what in it must not be kept. `answers`: the
    message of ours, of a programme, to which the customer answers by it; 0 for none.

    After a refusal was acknowledged: `in_flight` are our messages to the number that were being sent just then, and
    `looked` is when that was known; nothing commercial may come later.
    """

    gateway_id: str
    phone: str
    body: str
    posted: float
    forged: bool = False
    media: int = 0
    machine: str = ""
    secret: str = ""
    answers: int = 0
    acknowledged: float | None = None
    in_flight: frozenset[int] = frozenset()
    looked: float | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """A request to send a text. `gateway_id` is empty when it was not taken; `told`: the service got a clear answer.
    `valid`: for how many seconds of the city the gateway may try to deliver it; None when it was not told."""

    message: int
    phone: str
    body: str
    at: float
    gateway_id: str
    told: bool
    answer: str
    valid: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A status callback that the service acknowledged."""

    message: int
    gateway_id: str
    status: str
    at: float


@dataclass(frozen=True, slots=True)
class Act:
    """What an agent did to a ticket: claim · reply · release · close. Whether it was `allowed`; None when the database
    went away meanwhile, and nobody knows."""

    ticket: int
    agent: str
    what: str
    done: float
    allowed: bool | None


@dataclass(frozen=True, slots=True)
class Off:
    """A programme was switched off for good, and `looked` is when that was known; `in_flight`: messages that were being
    sent just then."""

    programme: str
    looked: float
    in_flight: frozenset[int]


@dataclass
class Ledger:
    """Filled from many threads while the city lives. `went_on`: when a process that had stood still did."""

    texts: dict[str, Text] = field(default_factory=dict)
    tries: list[Try] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    offs: list[Off] = field(default_factory=list)
    went_on: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str, times: int = 1) -> None:
        with self.lock:
            self.counts[what] += times
