"""The kinds of work, each a plain function that does what is due: the same in threads and through Celery."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import structlog

from app.handlers.bank_answered import ask_bank
from app.handlers.care.companions import send_companions
from app.handlers.care.daily import look_after_programmes
from app.handlers.past_its_time import keep_house
from app.handlers.self_check.run import check_daily
from app.handlers.service import Lane, Service
from app.handlers.staff_watched import make_offers, return_left_behind
from app.handlers.text_leaves import drain
from app.handlers.text_looked_up import look_up_open
from app.handlers.time_passed import end_silences, ring_timers, take_waiting_texts
from app.rules.pressure import SECONDS_BEHIND, bulk_rests
from app.store import outbox
from app.worker.budget import Buckets, lane_budget
from app.worker.pool import Pool
from app.worker.writer import Writer

log = structlog.get_logger()

Name = Literal["answers", "bulk", "bank", "inbox", "clock", "lookups", "house", "care", "companions"]

ANSWERS, BULK = (0, 0), (1, 2)
"""Lanes of the outbox (`rules/purpose.py`): answers and codes; reminders, notices and offers."""
ASKERS, LOOKERS, BESIDE = 8, 4, 4
"""Questions to the bank, to the gateway about texts, and mails and confirmations beside them, at a time: what follows
each needs the database."""


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
    """All jobs of one process. `threads` texts are sent at a time by each of two lanes: an answer never waits for the
    end of a batch of offers. No lane waits for another's network: look-ups of an hour's outage hold no timer up."""

    def __init__(
        self,
        service: Service,
        threads: int,
        stopping: threading.Event,
        buckets: Buckets = Buckets(),
    ) -> None:
        self._service = service
        self._answers, self._bulk = Pool(threads, "send"), Pool(threads, "bulk")
        askers, lookers, beside = Pool(ASKERS, "ask"), Pool(LOOKERS, "look"), Pool(BESIDE, "beside")
        self._writer = Writer()
        self._pools = self._answers, self._bulk, askers, lookers, beside
        self._budgets = {
            bulk: [lane_budget(bucket, stopping, bulk=bulk) for bucket in (buckets.main, buckets.standby)]
            for bulk in (False, True)
        }
        self.jobs: Mapping[Name, Job] = {
            "answers": Job("outbox", 1.0, lambda: self._send(self._answers, ANSWERS, bulk=False)),
            "bulk": Job("bulk", 2.0, self._send_bulk),
            "bank": Job("bank", 1.0, lambda: ask_bank(service, askers.free(), askers.spread)),
            "inbox": Job("inbox", 2.0, lambda: take_waiting_texts(service)),
            "clock": Job("clock", 0.5, lambda: _watch_the_clock(service)),
            "lookups": Job("lookups", 1.0, lambda: look_up_open(service, lookers.free(), lookers.spread)),
            "house": Job("house", 3600.0, lambda: keep_house(service) + check_daily(service)),
            "care": Job("care", 3.0, lambda: look_after_programmes(service)),
            "companions": Job("companions", 3.0, lambda: send_companions(service, beside.free(), beside.spread)),
        }

    def close(self) -> None:
        """Lets everything that began end, and writes it down."""
        for pool in self._pools:
            pool.close()
        self._writer.close()

    def _send(self, pool: Pool, lanes: tuple[int, int], *, bulk: bool) -> int:
        main, standby = self._budgets[bulk]
        return drain(self._service, pool.free(), pool.spread, lanes, main, standby, self._writer.note)

    def _send_bulk(self) -> int:
        """Nothing while answers are behind."""
        service, now = self._service, self._service.clock()
        with service.database.begin() as connection:
            due, late = outbox.backlog(connection, now, now - timedelta(seconds=SECONDS_BEHIND))
        if bulk_rests(service.capacity, due=due, late=late):
            return 0
        return self._send(self._bulk, BULK, bulk=True)


def _watch_the_clock(service: Service) -> int:
    return end_silences(service) + ring_timers(service) + return_left_behind(service) + make_offers(service)
