"""The worker inside the server's process: a thread for each kind of work, woken after commits and by its own sweep."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import structlog

from app.handlers.bank_answered import ask_bank
from app.handlers.service import Lane, Service
from app.handlers.text_leaves import Spread, drain, look_up_open
from app.handlers.time_passed import end_silences, ring_timers, take_waiting_texts
from app.worker.wakes import Wakes

log = structlog.get_logger()


@dataclass
class EmbeddedWorker:
    """`threads` texts are sent at a time, and as many bank questions asked. `carry`: see `wiring.build_carrier`."""

    service: Service
    wakes: Wakes
    threads: int = 8
    carry: Callable[[], int] | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    _running: list[threading.Thread] = field(default_factory=list)

    def start(self) -> EmbeddedWorker:
        self._senders = ThreadPoolExecutor(self.threads, thread_name_prefix="send")
        self._askers = ThreadPoolExecutor(self.threads, thread_name_prefix="ask")
        service = self.service
        self._run("outbox", 1.0, lambda: drain(service, 4 * self.threads, _spread(self._senders)))
        self._run("bank", 1.0, lambda: ask_bank(service, 4 * self.threads, _spread(self._askers)))
        self._run("inbox", 2.0, lambda: take_waiting_texts(service))
        self._run("clock", 0.5, lambda: end_silences(service) + ring_timers(service) + look_up_open(service))
        if self.carry is not None:
            self._run("network", 0.1, self.carry)
        return self

    def stop(self, seconds: float = 5.0) -> None:
        """Lets work that has begun end, and begins no more."""
        self.stopping.set()
        self.wakes.all()
        for thread in self._running:
            thread.join(seconds)
        self._senders.shutdown(wait=True, cancel_futures=False)
        self._askers.shutdown(wait=True, cancel_futures=False)

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


def _spread(pool: ThreadPoolExecutor) -> Spread:
    def spread(act: Callable[[Any], None], rows: Iterable[Any]) -> None:
        for _ in pool.map(act, rows):
            pass

    return spread


def start_embedded(service: Service, *, threads: int, carry: Callable[[], int] | None) -> EmbeddedWorker:
    """Starts the worker's threads in this process."""
    wakes = service.wake if isinstance(service.wake, Wakes) else Wakes()
    return EmbeddedWorker(service, wakes, threads, carry).start()
