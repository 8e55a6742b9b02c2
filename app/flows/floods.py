"""How many texts of one number are answered: a customer who sends 500 in a minute, and two machines that answer each
other, must both come to an end. What is over the limit is kept and shown to people; refusals always take effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple


class Limit(NamedTuple):
    """At most so many texts are answered in that time, counted from the first of them."""

    time: timedelta
    most: int


LIMITS = (Limit(timedelta(minutes=1), 20), Limit(timedelta(hours=1), 100), Limit(timedelta(days=1), 300))
"""The first stops a flood, the others what goes on steadily: nobody talks with a bank's bot 300 times a day."""
TOLD_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Flood:
    """`counts`: for each limit the second (of the epoch) in which its time began, and the texts since. `told`: the
    second in which the customer last heard that we stopped answering."""

    counts: tuple[tuple[int, int], ...] = ()
    told: int = 0

    @property
    def over(self) -> bool:
        return any(texts > limit.most for (_, texts), limit in zip(self.counts, LIMITS, strict=False))

    def with_text(self, now: datetime) -> Flood:
        """One more text. A time that lies ahead of `now` was begun by a clock that went back since: it begins anew."""
        moment = int(now.timestamp())
        before = self.counts if len(self.counts) == len(LIMITS) else ((moment, 0),) * len(LIMITS)
        counts, answered = [], True
        for (began, texts), limit in zip(before, LIMITS, strict=True):
            began, texts = (began, texts) if 0 <= moment - began < limit.time.total_seconds() else (moment, 0)
            counts.append((began, texts + answered))
            answered = answered and texts < limit.most  # what a shorter limit silenced does not count for a longer one
        return replace(self, counts=tuple(counts))

    def must_tell(self, now: datetime) -> bool:
        return self.over and not 0 <= now.timestamp() - self.told < TOLD_AGAIN.total_seconds()

    def told_at(self, now: datetime) -> Flood:
        return replace(self, told=int(now.timestamp()))

    def to_data(self) -> list[int]:
        return [self.told, *(number for count in self.counts for number in count)]

    @classmethod
    def from_data(cls, kept: Sequence[int]) -> Flood:
        if not kept:
            return cls()
        told, *numbers = kept
        return cls(tuple(zip(numbers[::2], numbers[1::2], strict=True)), told)
