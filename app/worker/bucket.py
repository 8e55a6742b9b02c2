"""A token bucket of parts: in this process, with two lanes. Answers may empty it, everything else leaves half.

So answers overtake: while they ask for as much as comes in, nothing else gets any; what they leave, the others get.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rate:
    """`parts` a second, more than 0. At rest a bucket gathers one second of it, two parts at least."""

    parts: float

    @property
    def full(self) -> float:
        return max(self.parts, 2.0)

    def kept_back(self, bulk: bool) -> float:
        """What this lane may not touch."""
        return self.full / 2 if bulk else 0.0

    def least(self, most: int) -> int:
        """Waiting for less is not worth a claim: a twentieth of a second at a time."""
        return max(1, min(most, int(self.parts / 20)))

    def over(self, processes: int) -> Rate:
        return Rate(self.parts / max(1, processes))


@dataclass(frozen=True, slots=True)
class Taken:
    """`parts` that may leave, or when there are none, `wait`: seconds until there may be some."""

    parts: int
    wait: float = 0.0


class Bucket(Protocol):
    def take(self, most: int, bulk: bool) -> Taken:
        """Up to `most` parts; never waits for more than a network's answer."""

    def give(self, parts: int) -> None:
        """Puts parts back; a negative number is a debt that is paid before anything else leaves."""


class LocalBucket:
    """Starts empty, so that a restart cannot double the rate. `clock` gives seconds that never go back."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._left = 0.0
        self._at = clock()

    def take(self, most: int, bulk: bool) -> Taken:
        rate = self._rate
        with self._lock:
            now = self._clock()
            self._left = min(rate.full, self._left + (now - self._at) * rate.parts)
            self._at = now
            kept, least = rate.kept_back(bulk), rate.least(most)
            if self._left - kept < least:
                return Taken(0, (least + kept - self._left) / rate.parts)
            parts = min(most, int(self._left - kept))
            self._left -= parts
            return Taken(parts)

    def give(self, parts: int) -> None:
        with self._lock:
            self._left += parts
