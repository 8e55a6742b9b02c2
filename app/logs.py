"""Logs: one JSON object a line on a server, readable lines on a terminal; ids only (law 11)."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up_logs(level: str) -> None:
    """Idempotent. Libraries that write addresses with numbers in them (the gateway's SDK) stay quiet."""
    on_terminal = sys.stderr.isatty()
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    for noisy in ("twilio.http_client", "urllib3", "alembic", "transitions"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_values,
            structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


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
