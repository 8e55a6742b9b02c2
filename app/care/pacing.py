"""How many texts may go now (X7): no more than the replies that they will cause leave agents able to answer.

A text leads to a person with a chance that its programme's own past tells, and mostly soon. What agents can take within
the next minutes, less who waits already and who will come of the texts under way, is what new texts may bring.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf

HORIZON = 5.0
"""Minutes ahead that are looked at: releases are judged anew within seconds. Tried on a day of a desk with 3 to 15: the
longer, the more customers wait at once, since most answers come in the first minutes."""
REPLY_MINUTES = 10.0
"""The mean time from a text to the hand-over that it leads to; such delays are taken as exponential."""
REACH = 4 * REPLY_MINUTES
"""Minutes after which a text counts as answered or not: 98 of 100 answers have come."""
BUSY = 0.8
"""The share of what agents can take that texts of ours may fill: some customers come by themselves."""
WEIGHT = 50
"""So many texts of its own weigh as much as what is assumed of a new programme."""
REPLIES = 0.05
TO_A_PERSON, TO_NOBODY = 0.05, 0.002
"""Assumed shares of texts: that are answered; that end with a person, when the text offers one and when it does not."""
NOBODY = 0.005
"""A programme below this share needs no person: its texts go on while agents are busy."""


@dataclass(frozen=True, slots=True)
class History:
    """Of a programme's latest texts that are older than `REACH`: how many, how many were answered, and after how many
    a person was asked for."""

    texts: int = 0
    replies: int = 0
    to_a_person: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A programme with texts that are due. `offers_person`: an answer that the text names leads to a person.
    `under_way`: (minutes ago, texts) of those within `REACH`; of a programme that needs no person they make no
    difference, and need not be counted."""

    programme: str
    priority: int = 0
    offers_person: bool = False
    history: History = History()
    under_way: Sequence[tuple[float, int]] = ()

    @property
    def replies(self) -> float:
        """The share of texts that will be answered."""
        return (self.history.replies + REPLIES * WEIGHT) / (self.history.texts + WEIGHT)

    @property
    def to_a_person(self) -> float:
        """The share of texts after which a person is asked for."""
        assumed = TO_A_PERSON if self.offers_person else TO_NOBODY
        return (self.history.to_a_person + assumed * WEIGHT) / (self.history.texts + WEIGHT)

    @property
    def needs_person(self) -> bool:
        return self.to_a_person >= NOBODY

    @property
    def cost(self) -> float:
        """Conversations with a person that one text brings within the horizon."""
        return self.to_a_person * _come_by(HORIZON) if self.needs_person else 0.0

    @property
    def to_come(self) -> float:
        """Conversations that the texts under way will still bring within the horizon."""
        share = self.to_a_person if self.needs_person else 0.0
        return share * sum(
            texts * (_come_by(minutes + HORIZON) - _come_by(minutes)) for minutes, texts in self.under_way
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """`seats`: conversations that the agents who are there may hold at once, `free` of them empty; `waiting`: customers
    who wait for a person; `minutes`: that a conversation takes."""

    seats: int = 0
    free: int = 0
    waiting: int = 0
    minutes: float = 8.0

    @property
    def can_take(self) -> float:
        """Conversations that can be begun within the horizon."""
        turns = HORIZON / max(self.minutes, 1.0)
        return self.free + (self.seats - self.free) * min(1.0, turns) + self.seats * max(0.0, turns - 1)


@dataclass(slots=True)
class Allowance:
    """What may still be released now, spent text by text. `parts`: None without a limit. `persons`: conversations,
    None when nobody is there whom texts could bury."""

    parts: int | None
    persons: float | None

    def texts(self, stream: Stream) -> float:
        """How many of a programme's texts may go now; infinite without a limit."""
        if self.parts is not None and self.parts <= 0:
            return 0
        if self.persons is None or not stream.cost:
            return inf
        return int(self.persons / stream.cost + 1e-9)

    def spend(self, stream: Stream, parts: int) -> bool:
        """A text of so many parts wants to go: False, and nothing is spent, when there is no room for it."""
        if self.texts(stream) < 1 or (self.parts is not None and self.parts < parts):
            return False
        if self.parts is not None:
            self.parts -= parts
        if self.persons is not None:
            self.persons -= stream.cost
        return True


def allowance(room: int | None, desk: Desk | None, streams: Sequence[Stream]) -> Allowance:
    """`room`: parts that may be queued, None without a limit. `desk`: None when agents limit nothing: the bank keeps
    none here, or it is closed and whoever asks for a person is offered a call. `streams`: of all programmes, those
    with nothing due too: their texts under way bring customers as well."""
    if desk is None:
        return Allowance(room, None)
    to_come = sum(stream.to_come for stream in streams)
    return Allowance(room, max(0.0, BUSY * desk.can_take - desk.waiting - to_come))


def _come_by(minutes: float) -> float:
    """The share of hand-overs that come within so many minutes of the text."""
    return 1 - exp(-minutes / REPLY_MINUTES)
