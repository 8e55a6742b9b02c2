"""The worker inside the server's process: a thread for each kind of work, woken after commits and by its own sweep."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from app.handlers.bank_answered import ask_bank
from app.handlers.service import Lane, Service
from app.handlers.staff_watched import forget_events, make_offers, return_left_behind
from app.handlers.text_leaves import drain, look_up_open
from app.handlers.time_passed import end_silences, ring_timers, take_waiting_texts
from app.worker.pool import Pool
from app.worker.wakes import Wakes, wakes_of

log = structlog.get_logger()

ANSWERS, BULK = (0, 0), (1, 2)
"""Lanes of the outbox (`rules/purpose.py`): answers and codes; reminders, notices and offers."""


@dataclass
class EmbeddedWorker:
    """`threads` texts are sent at a time, and as many bank questions asked. `carry`: see `wiring.build_carrier`."""

    service: Service
    wakes: Wakes
    threads: int = 8
    carry: Callable[[], int] | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    _running: list[threading.Thread] = field(default_factory=list)
    _pools: list[Pool] = field(default_factory=list)

    def start(self) -> EmbeddedWorker:
        service = self.service
        answers, bulk, askers = self._pools = [Pool(self.threads, name) for name in ("send", "bulk", "ask")]
        # Two loops, so that an answer never waits for the end of a batch of offers.
        self._run("outbox", 1.0, lambda: drain(service, answers.free(), answers.spread, ANSWERS))
        self._run("bulk", 2.0, lambda: drain(service, bulk.free(), bulk.spread, BULK))
        self._run("bank", 1.0, lambda: ask_bank(service, askers.free(), askers.spread))
        self._run("inbox", 2.0, lambda: take_waiting_texts(service))
        self._run("clock", 0.5, lambda: _watch_the_clock(service))
        self._run("house", 3600.0, lambda: forget_events(service))
        if self.carry is not None:
            self._run("network", 0.1, self.carry)
        return self

    def stop(self, seconds: float = 5.0) -> None:
        """Lets work that has begun end, and begins no more."""
        self.stopping.set()
        self.wakes.all()
        for thread in self._running:
            thread.join(seconds)
        for pool in self._pools:
            pool.close()

    def _run(self, lane: Lane, sweep_seconds: float, job: Callable[[], int]) -> None:
        thread = threading.Thread(target=self._loop, args=(lane, sweep_seconds, job), name=f"huifu-{lane}", daemon=True)
        thread.start()
        self._running.append(thread)

    def _loop(self, lane: Lane, seconds: float, job: Callable[[], int]) -> None:
        while not self.stopping.is_set():
            try:
                did = job()
            except Exception as error:
                # The row is still there: the next sweep finds it, or its lease ends.
                log.error("job_failed", lane=lane, error=type(error).__name__, exc_info=True)
                did = 0
            if not did:
                self.wakes.wait(lane, seconds)


def _watch_the_clock(service: Service) -> int:
    done = end_silences(service) + ring_timers(service) + look_up_open(service)
    return done + return_left_behind(service) + make_offers(service)


def start_embedded(service: Service, *, threads: int, carry: Callable[[], int] | None) -> EmbeddedWorker:
    """Starts the worker's threads in this process."""
    return EmbeddedWorker(service, wakes_of(service), threads, carry).start()
