"""A process of `huifu worker` on PostgreSQL and Redis: Celery's worker on threads, and the shift beside it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from celery.worker import state

from app.config import Settings
from app.handlers.service import Service
from app.worker.budget import build_buckets
from app.worker.errands import Errands, queue
from app.worker.lanes import Lanes, Name, attempt
from app.worker.redis_line import RedisLine
from app.worker.shift import Shift
from app.worker.wakes import wakes_of

log = structlog.get_logger()

LAST_CALL = 28.0
"""Seconds in which sends that have begun may end. Longer than any gateway takes, shorter than a deploy waits."""


@dataclass
class Crew:
    service: Service
    settings: Settings
    names: Sequence[Name]
    carry: Callable[[], int] | None = None
    stopping: threading.Event = field(default_factory=threading.Event)

    def serve(self, ready: Callable[[], None] = lambda: None) -> None:
        """Works until `stop`; returns when all that had begun has ended."""
        settings, wakes = self.settings, wakes_of(self.service)
        line = RedisLine(settings.redis_url)
        lanes = Lanes(self.service, settings.sender_threads, self.stopping, build_buckets(settings))
        errands = Errands(settings.redis_url, line)
        shift = Shift(lanes.jobs, wakes, errands, self.stopping)
        for name in self.names:
            errands.add(name, shift.work)
        # One thread for each lane, and one for tasks that only look in: those end at once.
        worker = errands.celery.WorkController(
            pool_cls="threads",
            concurrency=len(self.names) + 1,
            queues=[queue(name) for name in self.names],
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        carrying = self._carry_on()
        shift.begin(self.names)
        ready()
        worker.start()
        shift.end()
        if carrying is not None:
            carrying.join(5)
        lanes.close()
        line.close()
        self.service.database.close()

    def stop(self) -> None:
        """May be called by a signal: begins nothing, lets what has begun end, and ends the process if it does not."""
        self.stopping.set()
        state.should_stop = 0
        watch = threading.Timer(LAST_CALL, _leave)
        watch.daemon = True
        watch.start()

    def _carry_on(self) -> threading.Thread | None:
        """The simulated network is no work of ours, so it does not travel through the broker."""
        carry = self.carry
        if carry is None:
            return None

        def loop() -> None:
            while not self.stopping.is_set():
                if not attempt("network", carry):
                    self.stopping.wait(0.1)

        thread = threading.Thread(target=loop, name="huifu-network", daemon=True)
        thread.start()
        return thread


def _leave() -> None:
    log.error("stop_took_too_long")
    os._exit(1)
