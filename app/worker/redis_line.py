"""A connection to a Redis that may be away: whoever asks is answered within half a second, one way or the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = structlog.get_logger()

PATIENCE = 0.5  # seconds that an answer may take
PAUSE = 1.0  # seconds after a failure in which nobody tries again
Answer = TypeVar("Answer")


class Away(Exception):
    """Redis does not answer: go on without it."""


def connection(url: str, patience: float) -> Redis:
    """A connection that waits so many seconds for an answer, and tries nothing twice by itself."""
    found: Redis = Redis.from_url(
        url,
        socket_timeout=patience,
        socket_connect_timeout=patience,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )
    return found


class RedisLine:
    """Threads share it. After a failure everybody is told `Away` at once for a second, instead of waiting in turn."""

    def __init__(self, url: str) -> None:
        self.redis = connection(url, PATIENCE)
        self._again_at = 0.0
        self._away = False

    def ask(self, act: Callable[[], Answer]) -> Answer:
        """What `act` gives, which talks to Redis. Raises `Away`."""
        if time.monotonic() < self._again_at:
            raise Away
        try:
            answer = act()
        except (RedisError, OSError) as error:
            self._again_at = time.monotonic() + PAUSE
            if not self._away:
                log.warning("redis_away", error=type(error).__name__)
            self._away = True
            raise Away from error
        if self._away:
            log.warning("redis_back")
            self._away = False
        return answer

    def close(self) -> None:
        self.redis.close()
