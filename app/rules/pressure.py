"""Back-pressure: offers and reminders wait while answers pile up or the gateway rests, and no more of them are queued
than the sender can carry in its hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SECONDS_BEHIND = 5.0
"""How far answers may fall behind before everything else waits for them."""

Rest = Literal["", "answers_behind", "gateway_rests", "outbox_full"]
"""Why bulk does not go on: answers are behind · the gateway rests · the outbox is longer than the sender's hours. It
does when this is empty."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the sender can carry: `rate` in parts a second, 0 when nobody knows, the `hours` for which texts may be
    queued ahead, and how many one process sends `at_once`."""

    rate: float = 0.0
    hours: float = 4.0
    at_once: int = 8

    def room(self, waiting: int) -> int | None:
        """How many parts more a campaign may queue while so many wait; None without a rate: there is no limit."""
        return max(0, int(self.rate * self.hours * 3600) - waiting) if self.rate > 0 else None


def bulk_rests(capacity: Capacity, *, due: int, late: int) -> bool:
    """Whether nothing but answers may leave now.

    `due`: parts of answers that wait. With a send rate they are too many when they need more than `SECONDS_BEHIND` of
    it. Without one nobody knows the capacity: then it is judged by what has waited that long (`late`, parts), and more
    than one process sends at once is too much, a single stuck number is not.
    """
    if capacity.rate > 0:
        return due > capacity.rate * SECONDS_BEHIND
    return late > capacity.at_once


def why_bulk_rests(capacity: Capacity, *, due: int, late: int, waiting: int, gateway_rests: bool) -> Rest:
    """What to tell of bulk. `waiting`: parts of all texts that are queued. A full outbox goes on being sent: only
    nothing more is queued until there is room."""
    if gateway_rests:
        return "gateway_rests"
    if bulk_rests(capacity, due=due, late=late):
        return "answers_behind"
    return "outbox_full" if capacity.room(waiting) == 0 else ""
