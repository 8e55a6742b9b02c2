"""One process's share of the work through Celery: each kind is done by one thread at a time, until nothing is due."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping

from app.worker.errands import Errands
from app.worker.lanes import Job, Name, attempt
from app.worker.redis_line import Away
from app.worker.wakes import Wakes

OVERDUE = 5.0
"""Seconds after which a process looks for itself when no task of a lane reached it: a broker that takes errands and
hands none out must not stop anything."""


class Shift:
    """Beside the tasks a thread for each lane listens for wake-ups and keeps the time of the sweep. It runs errands to
    the broker, and does the work itself while there is none (law 12). No process is special: each keeps all times."""

    def __init__(self, jobs: Mapping[Name, Job], wakes: Wakes, errands: Errands, stopping: threading.Event) -> None:
        self._jobs = jobs
        self._wakes = wakes
        self._errands = errands
        self._stopping = stopping
        self._state = threading.Lock()
        self._busy: set[Name] = set()
        self._again: set[Name] = set()
        self._looked = dict.fromkeys(jobs, time.monotonic())
        self._bells: list[threading.Thread] = []

    def begin(self, names: Iterable[Name]) -> None:
        for name in names:
            bell = threading.Thread(target=self._listen, args=(name,), name=f"huifu-{name}", daemon=True)
            bell.start()
            self._bells.append(bell)

    def end(self, seconds: float = 5.0) -> None:
        """Begins nothing any more. Work that has begun ends in its own time."""
        self._stopping.set()
        self._wakes.all()
        for bell in self._bells:
            bell.join(seconds)

    def work(self, name: Name) -> None:
        """Does what is due until nothing is. If that goes on here already, it looks once more instead."""
        if self._nudge(name):
            return
        while True:
            did = attempt(name, self._jobs[name].run)
            with self._state:
                self._looked[name] = time.monotonic()
                if self._stopping.is_set() or not (did or name in self._again):
                    self._busy.discard(name)
                    return
                self._again.discard(name)

    def _nudge(self, name: Name) -> bool:
        """True when the work of that name goes on already: it will look again. Else the caller has it now."""
        with self._state:
            if name in self._busy:
                self._again.add(name)
                return True
            self._busy.add(name)
            self._again.discard(name)
            return False

    def _at_work(self, name: Name) -> bool:
        with self._state:
            if name in self._busy:
                self._again.add(name)
            return name in self._busy

    def _listen(self, name: Name) -> None:
        job = self._jobs[name]
        woken = False
        while not self._stopping.is_set():
            if not self._at_work(name):
                self._call(name, job, woken)
            woken = self._wakes.woken(job.wake, job.sweep)

    def _call(self, name: Name, job: Job, woken: bool) -> None:
        try:
            if time.monotonic() - self._looked[name] > max(OVERDUE, 2 * job.sweep):
                raise Away
            if woken or self._errands.first_to_sweep(name, job.sweep):
                self._errands.run(name)
        except Away:
            self.work(name)
