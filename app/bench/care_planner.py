"""The planner under measurement, a process of its own: `python -m app.bench.care_planner URL MINUTES [again]`.

Its clock began at 08:00 in Shanghai on the day that is planned, so many minutes ago; it prints what came of the run.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import click

from app.bench.care_fill import DAY
from app.config import load_settings
from app.handlers.care import switches
from app.handlers.care.planning import plan
from app.handlers.service import Service
from app.logs import set_up_logs
from app.wiring import build_service

ZONE = ZoneInfo("Asia/Shanghai")


def service_at(url: str, minutes: float = 0.0) -> Service:
    """A service whose clock runs from that moment on."""
    began = monotonic() - minutes * 60
    morning = datetime.combine(DAY, time(8), ZONE)
    # Of everything else the defaults hold: what the shell sets is about another database.
    settings = load_settings({"database_url": url, "gateway": "simulator", "secret_key": "bench", "redis_url": ""})
    return build_service(settings, clock=lambda: morning + timedelta(seconds=monotonic() - began))


def switch_on(service: Service, key: str) -> None:
    try:
        switches.switch(service, "bench", key, True)
    except switches.ConfirmNumber as asked:
        switches.switch(service, "bench", key, True, expected=asked.count)


def main(url: str, minutes: str, again: str = "") -> None:
    set_up_logs("WARNING")
    service = service_at(url, float(minutes))
    run = plan(service, DAY, asked_by="bench", again=bool(again))
    click.echo(json.dumps({"state": run.state, "seen": run.seen, "planned": run.planned}))


if __name__ == "__main__":
    main(*sys.argv[1:])
