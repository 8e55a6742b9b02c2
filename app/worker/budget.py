"""The send rate as the lanes ask for it: waits until something may leave, or the worker ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.config import Settings
from app.handlers.budget import NO_LIMIT, Budget
from app.worker.bucket import Bucket, LocalBucket, Rate

LONGEST = 2.0
"""Seconds that a lane waits before it looks around: whether there still is anything, and whether bulk must rest."""


@dataclass(frozen=True, slots=True)
class LaneBudget:
    """`wait(seconds)` gives True when the worker ends."""

    bucket: Bucket
    bulk: bool
    wait: Callable[[float], bool]

    def ask(self, most: int) -> int:
        until = time.monotonic() + LONGEST
        while True:
            taken = self.bucket.take(most, self.bulk)
            left = until - time.monotonic()
            if taken.parts or left <= 0 or self.wait(min(taken.wait, left)):
                return taken.parts

    def settle(self, granted: int, used: int) -> None:
        if granted != used:
            self.bucket.give(granted - used)


def build_bucket(settings: Settings) -> Bucket | None:
    """None without SEND_RATE. With a Redis all processes that send as the same sender share it."""
    if not settings.send_rate:
        return None
    rate = Rate(settings.send_rate)
    if not settings.redis_url:
        return LocalBucket(rate)
    from app.worker.redis_line import RedisLine
    from app.worker.shared_bucket import SharedBucket

    sender = settings.twilio_messaging_service_sid or settings.twilio_from or settings.gateway
    return SharedBucket(RedisLine(settings.redis_url), sender, rate)


def budgets(bucket: Bucket | None, stopping: threading.Event) -> tuple[Budget, Budget]:
    """For answers, and for everything else."""
    if bucket is None:
        return NO_LIMIT, NO_LIMIT
    return LaneBudget(bucket, False, stopping.wait), LaneBudget(bucket, True, stopping.wait)
