"""Work handed out by Celery: one task for each lane, of which at most one waits at a time.

Nothing is in a task but its name: what there is to do stands in the rows. So a task that is lost, done twice or late
changes nothing, and none needs a result.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, cast

from celery import Celery, Task
from kombu.exceptions import OperationalError

from app.worker.lanes import Name
from app.worker.redis_line import Away, RedisLine

WAITS = 5
"""Seconds after which a task that nobody began counts as lost."""
USELESS = 30
"""Seconds after which a task that comes late is thrown away: sweeps have done its work."""


class Errands:
    """`line` is a connection to the same Redis that the tasks travel through."""

    def __init__(self, url: str, line: RedisLine) -> None:
        for library in ("celery", "kombu"):
            logging.getLogger(library).setLevel(logging.ERROR)  # a line for each task; `redis_away` tells what matters
        self._line = line
        self.celery = Celery("huifu", broker=url, set_as_current=True)
        self.celery.conf.update(
            task_ignore_result=True,
            broker_connection_retry_on_startup=True,
            broker_connection_max_retries=None,
            broker_transport_options={
                "socket_timeout": 5,  # more than the second for which a worker listens at a time
                "socket_connect_timeout": 1,
                "visibility_timeout": USELESS,
            },
            worker_prefetch_multiplier=1,
            worker_enable_remote_control=False,
            worker_send_task_events=False,
            worker_hijack_root_logger=False,
            worker_consumer="app.worker.consumer:EagerConsumer",
        )
        self._tasks: dict[Name, Task[Any, None]] = {}

    def add(self, name: Name, work: Callable[[Name], None]) -> None:
        """Makes the task of a lane."""

        def task() -> None:
            self._begun(name)
            work(name)

        self._tasks[name] = cast("Task[Any, None]", self.celery.task(task, name=f"huifu.{name}"))

    def run(self, name: Name) -> bool:
        """Hands the task out unless one waits; says whether it did. Raises `Away`."""
        waits = _waiting(name)
        if not self._line.ask(lambda: self._line.redis.set(waits, 1, nx=True, ex=WAITS)):
            return False
        try:
            self._line.ask(lambda: self._send(name))
        except Away:
            self._begun(name)
            raise
        return True

    def first_to_sweep(self, name: Name, seconds: float) -> bool:
        """True for one process in that many seconds. Raises `Away`."""
        milliseconds = max(1, int(seconds * 900))  # a little less, so that the same process comes in time again
        return bool(self._line.ask(lambda: self._line.redis.set(f"huifu:swept:{name}", 1, nx=True, px=milliseconds)))

    def _send(self, name: Name) -> None:
        try:
            self._tasks[name].apply_async(queue=queue(name), expires=USELESS, retry=False)
        except OperationalError as error:
            raise ConnectionError(str(error)) from error

    def _begun(self, name: Name) -> None:
        """From here on a new task may be handed out: what is committed now may come too late for this one."""
        try:
            self._line.ask(lambda: self._line.redis.delete(_waiting(name)))
        except Away:
            return


def queue(name: Name) -> str:
    return f"huifu.{name}"


def _waiting(name: Name) -> str:
    return f"huifu:waits:{name}"
