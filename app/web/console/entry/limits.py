"""How often one address may fail to sign in: slows down whoever tries one password on every name.

Failures only: a whole branch may come in through one address at nine o'clock. Counted for each process, and for all of
them together with Redis; without it counting goes on alone (law 12).
"""

from __future__ import annotations

from flask import Flask, abort, current_app
from limits import parse_many
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from app.web.console.doors import address

FAILED = parse_many("20 per minute; 100 per hour")
NAME = "huifu_failures"


class Failures:
    """The tries of each address that failed."""

    def __init__(self, redis_url: str = "") -> None:
        self._alone = MovingWindowRateLimiter(MemoryStorage())
        shared: Storage | None = None
        if redis_url:
            shared = storage_from_string(redis_url, wrap_exceptions=True)  # type: ignore[assignment]
        self._shared = MovingWindowRateLimiter(shared) if shared is not None else self._alone

    def too_many(self, whose: str) -> bool:
        try:
            return not all(self._shared.test(limit, NAME, whose) for limit in FAILED)
        except StorageError:
            return not all(self._alone.test(limit, NAME, whose) for limit in FAILED)

    def add(self, whose: str) -> None:
        for counted in {self._alone, self._shared}:
            try:
                for limit in FAILED:
                    counted.hit(limit, NAME, whose)
            except StorageError:
                continue


def watch_failures(app: Flask) -> None:
    app.extensions[NAME] = Failures(app.config.get("REDIS_URL") or "")


def stop_guessing() -> None:
    """429 for an address that has failed too often, whatever it sends now."""
    if current_app.extensions[NAME].too_many(address()):
        abort(429)


def note_failure() -> None:
    current_app.extensions[NAME].add(address())
