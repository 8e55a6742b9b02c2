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


@dataclass(frozen=True, slots=True)
class Buckets:
    """What each sender may send; None is no limit. The two share nothing."""

    main: Bucket | None = None
    standby: Bucket | None = None


def build_buckets(settings: Settings) -> Buckets:
    """With a Redis all processes that send as the same sender share its rate."""
    main = settings.twilio_messaging_service_sid or settings.twilio_from or settings.gateway
    standby = settings.standby_twilio_messaging_service_sid or settings.standby_twilio_from or "standby"
    return Buckets(
        _bucket(settings.redis_url, main, settings.send_rate),
        _bucket(settings.redis_url, standby, settings.standby_send_rate),
    )


def _bucket(redis_url: str, sender: str, parts: float) -> Bucket | None:
    if not parts:
        return None
    if not redis_url:
        return LocalBucket(Rate(parts))
    from app.worker.redis_line import RedisLine
    from app.worker.shared_bucket import SharedBucket

    return SharedBucket(RedisLine(redis_url), sender, Rate(parts))


def lane_budget(bucket: Bucket | None, stopping: threading.Event, *, bulk: bool) -> Budget:
    return LaneBudget(bucket, bulk, stopping.wait) if bucket else NO_LIMIT
