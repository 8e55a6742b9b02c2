"""Logs: one JSON object a line on a server, readable lines on a terminal; ids only (law 11)."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO, cast

import structlog

SAME_A_MINUTE = 10
"""Lines of the same fault. While a database or a gateway is away for an hour every text and every sweep would write
one: the first ones tell everything, and a disk that is full of log is the next fault."""
MOST_KINDS = 500


def set_up_logs(level: str) -> None:
    """Idempotent. Libraries that write addresses with numbers in them (the gateway's SDK) stay quiet."""
    on_terminal = sys.stderr.isatty()
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    for noisy in ("twilio.http_client", "urllib3", "alembic", "transitions"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            Repeats(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_values,
            structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Unfailing(sys.stderr))),
        cache_logger_on_first_use=False,
    )


class Repeats:
    """Leaves out what was said often enough within a minute. The first line after it says how many were (`left_out`).

    `clock` gives seconds that never go back.
    """

    def __init__(self, most: int = SAME_A_MINUTE, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._said: dict[tuple[object, ...], tuple[float, int]] = {}

    def __call__(self, _: object, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        kind = tuple(str(event.get(name, "")) for name in ("event", "error", "lane", "why"))
        now = self._clock()
        with self._lock:
            began, times = self._said.get(kind, (now, 0))
            over = now - began >= 60
            if over or kind not in self._said:
                if len(self._said) >= MOST_KINDS:
                    self._said.clear()
                began = now
            self._said[kind] = (began, 1 if over else times + 1)
        if over and times > self._most:
            event["left_out"] = times - self._most
        elif not over and times >= self._most:
            raise structlog.DropEvent
        return event


class _Unfailing:
    """A full disk under the log must not end the thread that wanted to tell of it."""

    def __init__(self, beneath: TextIO) -> None:
        self._beneath = beneath

    def write(self, words: str) -> int:
        with suppress(OSError):
            self._beneath.write(words)
        return len(words)

    def flush(self) -> None:
        with suppress(OSError):
            self._beneath.flush()


def _without_values(_: object, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """A traceback's place, not its message: a database error quotes the row, and with it the customer's words."""
    if event.pop("exc_info", False):
        frames = []
        trace = sys.exc_info()[2]
        while trace is not None:
            frames.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
            trace = trace.tb_next
        event["at"] = " ".join(frames[-8:])
    return event
