"""A clock that only moves when a test says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# A Wednesday, 10:00 in Shanghai, in a week without holidays: a bank is open and texts may be sent.
START = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)


class Clock:
    """Called without arguments it gives the present as an aware UTC datetime."""

    def __init__(self, start: datetime = START) -> None:
        self.set(start)

    def __call__(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        """Moves to `now`, forwards or backwards. Raises ValueError when it has no time zone."""
        if now.tzinfo is None:
            raise ValueError(f"{now} has no time zone; a clock cannot guess it")
        self._now = now.astimezone(UTC)

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Moves forward and gives the new present. Raises ValueError when that would be backwards."""
        step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if step < timedelta(0):
            raise ValueError("time only advances; use set() to go back")
        self._now += step
        return self._now
