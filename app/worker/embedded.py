"""The worker inside the server's process: a thread for each kind of work, woken after commits and by its own sweep."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from app.config import Settings
from app.handlers.service import Lane, Service
from app.worker.budget import Buckets, build_buckets
from app.worker.lanes import Lanes, attempt
from app.worker.wakes import Wakes, wakes_of


@dataclass
class EmbeddedWorker:
    """`threads` texts are sent at a time by each lane. `carry`: see `wiring.build_carrier`."""

    service: Service
    wakes: Wakes
    threads: int = 8
    carry: Callable[[], int] | None = None
    buckets: Buckets = field(default_factory=Buckets)
    stopping: threading.Event = field(default_factory=threading.Event)
    _running: list[threading.Thread] = field(default_factory=list)
    _lanes: Lanes | None = None

    def start(self) -> EmbeddedWorker:
        self._lanes = Lanes(self.service, self.threads, self.stopping, self.buckets)
        for job in self._lanes.jobs.values():
            self._run(job.wake, job.sweep, job.run)
        if self.carry is not None:
            self._run("network", 0.1, self.carry)
        return self

    def stop(self, seconds: float = 5.0) -> None:
        """Lets work that has begun end, and begins no more."""
        self.stopping.set()
        self.wakes.all()
        for thread in self._running:
            thread.join(seconds)
        if self._lanes is not None:
            self._lanes.close()

    def _run(self, lane: Lane, sweep_seconds: float, job: Callable[[], int]) -> None:
        thread = threading.Thread(target=self._loop, args=(lane, sweep_seconds, job), name=f"huifu-{lane}", daemon=True)
        thread.start()
        self._running.append(thread)

    def _loop(self, lane: Lane, seconds: float, job: Callable[[], int]) -> None:
        while not self.stopping.is_set():
            if not attempt(lane, job):
                self.wakes.wait(lane, seconds)


def start_embedded(service: Service, settings: Settings, carry: Callable[[], int] | None) -> EmbeddedWorker:
    """Starts the worker's threads in this process."""
    return EmbeddedWorker(service, wakes_of(service), settings.sender_threads, carry, build_buckets(settings)).start()
