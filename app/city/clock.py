"""The city's clock: real time, but faster, and the same in every process that is told of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai on a working Wednesday: the bank is open and commercial texts may leave."""


@dataclass(frozen=True, slots=True)
class FastClock:
    """`origin` is the second of `time.time()` at which it was `START`; `speed` is seconds of the city in a real one."""

    origin: float
    speed: float

    def __call__(self) -> datetime:
        return self.at(time.time())

    def at(self, moment: float) -> datetime:
        """What this clock showed at a second of `time.time()`, aware."""
        return START + timedelta(seconds=(moment - self.origin) * self.speed)

    def real(self, seconds: float) -> float:
        """How many real seconds so many of the city take."""
        return seconds / self.speed

    def __str__(self) -> str:
        return f"{self.origin!r} {self.speed!r}"

    @classmethod
    def read(cls, written: str) -> FastClock:
        """From what `str()` gave. Raises ValueError."""
        origin, speed = written.split()
        return cls(float(origin), float(speed))
