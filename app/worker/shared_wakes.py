"""Wake-ups between processes, by Redis pub/sub. Nothing is kept there: without Redis everything is found by its sweep,
only later (law 12)."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import cast

import structlog
from redis.exceptions import RedisError

from app.handlers.service import Lane
from app.worker.redis_line import connection
from app.worker.wakes import LANES, Wakes

log = structlog.get_logger()

PATIENCE = 2.0  # seconds that Redis may take for an answer
BREATH = 0.005  # seconds between two messages: what is said meanwhile travels in one
LONGEST_PAUSE = 5.0  # seconds between two tries to reach a Redis that is away
AWAY = (RedisError, OSError)


class SharedWakes(Wakes):
    """`Wakes` that other processes hear, and that hear others. Both threads start with the first use.

    A message is `SENDER lane lane …`; a process skips its own. Installations that share a Redis are told apart by the
    number of the database in its URL, which Redis itself ignores for messages.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._redis = connection(url, PATIENCE)
        number = self._redis.connection_pool.connection_kwargs.get("db", 0)
        self.channel = f"huifu:wakes:{number}"
        self._me = secrets.token_hex(8)
        self._pending: set[Lane] = set()
        self._said = threading.Condition()
        self._ending = threading.Event()
        self._started: dict[str, threading.Thread] = {}
        self.hearing = threading.Event()
        """Set while other processes are heard."""

    def __call__(self, lane: Lane) -> None:
        """Says that there is work, here and elsewhere. Never waits for the network, and never fails."""
        super().__call__(lane)
        with self._said:
            self._pending.add(lane)
            self._said.notify()
            self._start("say", self._say)

    def woken(self, lane: Lane, seconds: float) -> bool:
        with self._said:
            self._start("hear", self._hear)
        return super().woken(lane, seconds)

    def sweep_seconds(self) -> float:
        return 5.0 if self.hearing.is_set() else super().sweep_seconds()

    def close(self) -> None:
        """From here on only this process is woken. The thread that listens ends within a second."""
        self._ending.set()
        with self._said:
            self._said.notify()
        if saying := self._started.get("say"):
            saying.join(PATIENCE)
        self._redis.connection_pool.disconnect(inuse_connections=False)

    def _start(self, name: str, run: Callable[[], None]) -> None:
        if name not in self._started and not self._ending.is_set():
            thread = self._started[name] = threading.Thread(target=run, name=f"huifu-redis-{name}", daemon=True)
            thread.start()

    def _say(self) -> None:
        away = False
        while not self._ending.is_set():
            with self._said:
                self._said.wait_for(lambda: self._pending or self._ending.is_set())
                lanes, self._pending = self._pending, set()
            try:
                self._redis.publish(self.channel, " ".join((self._me, *lanes)))
                away = _back(away)
            except AWAY as error:
                # What could not be said is not said later: by then the others have looked by themselves.
                away = _gone(away, error)
            self._ending.wait(BREATH)

    def _hear(self) -> None:
        away, pause = False, 0.1
        while not self._ending.is_set():
            try:
                with self._redis.pubsub() as heard:  # type: ignore[no-untyped-call]
                    heard.subscribe(self.channel)
                    while not self._ending.is_set():
                        message = heard.get_message(timeout=1.0)
                        if message is None:
                            continue
                        if message["type"] == "subscribe":
                            away, pause = _back(away), 0.1
                            self.hearing.set()
                            self.all()  # whatever was said while nobody listened
                        elif message["type"] == "message":
                            self._take(message["data"])
            except AWAY as error:
                self.hearing.clear()
                away = _gone(away, error)
                self._ending.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _take(self, said: bytes) -> None:
        with suppress(UnicodeDecodeError):
            sender, *lanes = said.decode("ascii").split(" ")
            if sender != self._me:
                for lane in set(lanes).intersection(LANES):
                    super().__call__(cast(Lane, lane))


def _gone(away: bool, error: Exception) -> bool:
    if not away:
        log.warning("redis_away", error=type(error).__name__)
    return True


def _back(away: bool) -> bool:
    if away:
        log.warning("redis_back")
    return False
