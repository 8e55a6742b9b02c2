"""How often one address may fail: to sign in, which slows down whoever tries one password on every name, and elsewhere.

Failures only: a whole branch may come in through one address at nine o'clock. Counted for each process, and for all of
them together with Redis; without it counting goes on alone (law 12).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from flask import Flask, abort, current_app
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.web.console.doors import address

FAILED = parse_many("20 per minute; 100 per hour")
NAME = "huifu_failures"
PATIENCE = 0.5
"""Seconds that Redis may take for an answer. One that hangs must not hang the sign-in."""
PAUSE = 5.0
"""Seconds for which a Redis that did not answer is not asked again."""


class Failures:
    """The tries of each address that failed; `allowed` of them, counted under `name`."""

    def __init__(self, redis_url: str = "", allowed: Sequence[RateLimitItem] = FAILED, name: str = NAME) -> None:
        self._allowed, self._name = allowed, name
        self._alone = MovingWindowRateLimiter(MemoryStorage())
        shared: Storage | None = None
        if redis_url:
            shared = storage_from_string(  # type: ignore[assignment]
                redis_url,
                wrap_exceptions=True,
                socket_timeout=PATIENCE,
                socket_connect_timeout=PATIENCE,
                retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]
            )
        self._shared = MovingWindowRateLimiter(shared) if shared is not None else None
        self._again_at = 0.0

    def too_many(self, whose: str) -> bool:
        return not all(self._everywhere(lambda counted, limit: counted.test(limit, self._name, whose)))

    def add(self, whose: str) -> None:
        self._everywhere(lambda counted, limit: counted.hit(limit, self._name, whose))

    def _everywhere(self, act: Callable[[MovingWindowRateLimiter, RateLimitItem], bool]) -> list[bool]:
        """Done for each limit in this process, and in Redis unless it is away."""
        told = [act(self._alone, limit) for limit in self._allowed]
        if self._shared is not None and time.monotonic() >= self._again_at:
            try:
                told += [act(self._shared, limit) for limit in self._allowed]
            except StorageError:
                self._again_at = time.monotonic() + PAUSE
        return told


def watch_failures(app: Flask) -> None:
    app.extensions[NAME] = Failures(app.config.get("REDIS_URL") or "")


def stop_guessing() -> None:
    """429 for an address that has failed too often, whatever it sends now."""
    if current_app.extensions[NAME].too_many(address()):
        abort(429)


def note_failure() -> None:
    current_app.extensions[NAME].add(address())
