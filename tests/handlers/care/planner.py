"""A planner as a process of its own: `planner.py URL MINUTES BATCH` plans the day of the tests on a clock that began at
10:00 in Shanghai, so many minutes ahead."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from app.handlers.care.planning import plan
from tests.clock import START
from tests.handlers.care.bank import TODAY, serving


def main(url: str, minutes: str, batch: str) -> int:
    offset = START + timedelta(minutes=float(minutes)) - datetime.now(UTC)
    with serving(url, at_once=int(batch), clock=lambda: datetime.now(UTC) + offset) as service:
        return 0 if plan(service, TODAY, asked_by="process").state == "done" else 3


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
