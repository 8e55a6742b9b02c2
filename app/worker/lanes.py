"""The kinds of work, each a plain function that does what is due: the same in threads and through Celery."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import structlog

from app.handlers.bank_answered import ask_bank
from app.handlers.budget import Budget
from app.handlers.service import Lane, Service
from app.handlers.staff_watched import forget_events, make_offers, return_left_behind
from app.handlers.text_leaves import drain, look_up_open
from app.handlers.time_passed import end_silences, ring_timers, take_waiting_texts
from app.rules.pressure import SECONDS_BEHIND, bulk_rests
from app.store import outbox
from app.worker.bucket import Bucket
from app.worker.budget import budgets
from app.worker.pool import Pool

log = structlog.get_logger()

Name = Literal["answers", "bulk", "bank", "inbox", "clock", "house"]

ANSWERS, BULK = (0, 0), (1, 2)
"""Lanes of the outbox (`rules/purpose.py`): answers and codes; reminders, notices and offers."""


@dataclass(frozen=True, slots=True)
class Job:
    """`run` does what is due and gives how much that was; `wake` hastens it, every `sweep` seconds it is found."""

    wake: Lane
    sweep: float
    run: Callable[[], int]


def attempt(name: str, run: Callable[[], int]) -> int:
    """What `run` gives; 0 after an error, which is logged. The row is still there: the next sweep finds it, or its
    lease ends."""
    try:
        return run()
    except Exception as error:
        log.error("job_failed", lane=name, error=type(error).__name__, exc_info=True)
        return 0


class Lanes:
    """All jobs of one process. `threads` texts are sent at a time, and as many bank questions asked.

    `bucket` holds the send rate, if there is one, `rate` in parts a second beside it.
    """

    def __init__(
        self, service: Service, threads: int, stopping: threading.Event, bucket: Bucket | None = None, rate: float = 0
    ) -> None:
        self._pools = answers, bulk, askers = [Pool(threads, name) for name in ("send", "bulk", "ask")]
        for_answers, for_bulk = budgets(bucket, stopping)
        # Two lanes, so that an answer never waits for the end of a batch of offers.
        self.jobs: Mapping[Name, Job] = {
            "answers": Job("outbox", 1.0, lambda: drain(service, answers.free(), answers.spread, ANSWERS, for_answers)),
            "bulk": Job("bulk", 2.0, lambda: _send_bulk(service, bulk, for_bulk, rate, threads)),
            "bank": Job("bank", 1.0, lambda: ask_bank(service, askers.free(), askers.spread)),
            "inbox": Job("inbox", 2.0, lambda: take_waiting_texts(service)),
            "clock": Job("clock", 0.5, lambda: _watch_the_clock(service)),
            "house": Job("house", 3600.0, lambda: forget_events(service)),
        }

    def close(self) -> None:
        """Lets everything that began end."""
        for pool in self._pools:
            pool.close()


def _send_bulk(service: Service, pool: Pool, budget: Budget, rate: float, threads: int) -> int:
    now = service.clock()
    with service.database.begin() as connection:
        due, late = outbox.backlog(connection, now, now - timedelta(seconds=SECONDS_BEHIND))
    if bulk_rests(due=due, late=late, rate=rate, at_once=threads):
        return 0
    return drain(service, pool.free(), pool.spread, BULK, budget)


def _watch_the_clock(service: Service) -> int:
    done = end_silences(service) + ring_timers(service) + look_up_open(service)
    return done + return_left_behind(service) + make_offers(service)
