"""The promise of a person within 30 seconds (A9): which requests count, and how it was kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

PROMISE = timedelta(seconds=30)
"""An agent picks up within this time, or the customer hears that nobody could."""

Verdict = Literal["kept", "broken", "pending", "withdrawn", "closed"]
"""kept: a person was there in time · broken: later, or not yet after 30 seconds · pending: it still can be kept ·
withdrawn: over within 30 seconds without a person · closed: asked when nobody works, and told so."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a person. `claimed_at`: when one took it for the first time."""

    topic: str
    asked_at: datetime
    claimed_at: datetime | None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pickups:
    """How the promise was kept. `p50`, `p95`: seconds from the customer's text to the first claim, of those that were
    asked for in working hours and claimed; None when there is none."""

    asked: int = 0
    kept: int = 0
    broken: int = 0
    pending: int = 0
    closed: int = 0
    p50: float | None = None
    p95: float | None = None

    @property
    def rate(self) -> float | None:
        """Kept of kept and broken, from 0 to 1; None when nothing is decided."""
        decided = self.kept + self.broken
        return self.kept / decided if decided else None


def verdict(request: Asked, now: datetime, is_open: Callable[[datetime], bool]) -> Verdict:
    """`is_open`: whether people work at a moment."""
    if not is_open(request.asked_at):
        return "closed"
    if request.claimed_at is not None:
        return "kept" if request.claimed_at - request.asked_at <= PROMISE else "broken"
    if request.closed_at is not None:
        return "withdrawn" if request.closed_at - request.asked_at <= PROMISE else "broken"
    return "broken" if now - request.asked_at > PROMISE else "pending"


def pickups(requests: Iterable[Asked], now: datetime, is_open: Callable[[datetime], bool]) -> Pickups:
    counts = dict.fromkeys(("kept", "broken", "pending", "withdrawn", "closed"), 0)
    seconds = []
    for request in requests:
        how = verdict(request, now, is_open)
        counts[how] += 1
        if how != "closed" and request.claimed_at is not None:
            seconds.append((request.claimed_at - request.asked_at).total_seconds())
    seconds.sort()
    return Pickups(
        asked=sum(counts.values()),
        kept=counts["kept"],
        broken=counts["broken"],
        pending=counts["pending"],
        closed=counts["closed"],
        p50=percentile(seconds, 50),
        p95=percentile(seconds, 95),
    )


def percentile(ordered: Sequence[float], share: int) -> float | None:
    """The nearest rank: a value that really occurred. None of nothing."""
    return ordered[max(0, ceil(len(ordered) * share / 100) - 1)] if ordered else None
