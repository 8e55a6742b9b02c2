"""A self-check: every look at once, kept as a report, asked for by a person or by the day."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from app.handlers.self_check import looks
from app.handlers.self_check.drill import drill
from app.handlers.self_check.finding import Finding, Verdict, worst
from app.handlers.service import Service
from app.store import audit, self_checks

log = structlog.get_logger()

CLOCK = "clock"
A_DAY = timedelta(hours=23)  # less than a day: an hourly look must not slip to the next hour every time

CHECKS: Mapping[str, Callable[[Service], Finding]] = {
    "opt_out": drill,
    "numbers": looks.numbers,
    "sample": lambda service: looks.sample(service, random.Random()),
    "links": looks.links,
    "approvals": looks.approvals,
}


@dataclass(frozen=True, slots=True)
class Report:
    began_at: datetime
    ended_at: datetime
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        return worst([finding.verdict for finding in self.findings])


def check(service: Service, *, by: str, address: str = "", hear: Callable[[str], None] = lambda _: None) -> Report:
    """Looks at everything and keeps the report. `hear` is told the name of each check before it begins."""
    began, findings = service.clock(), []
    for name, look in CHECKS.items():
        hear(name)
        findings.append(look(service))
    report = Report(began, service.clock(), tuple(findings))
    with service.database.begin() as connection:
        kept = {finding.check: finding.kept() for finding in findings}
        run = self_checks.add(connection, began, report.ended_at, by, report.verdict, kept)
        audit.add(connection, by, "self_check.run", f"self_check:{run}", report.ended_at, address=address)
    if report.verdict == "bad":
        log.error("self_check_bad", run=run, checks=[one.check for one in findings if one.verdict == "bad"])
    return report


def check_daily(service: Service) -> int:
    """Once a day, by itself. 1 when it was done now."""
    with service.database.begin() as connection:
        last = self_checks.newest(connection, 1)
    if last and service.clock() - last[0].began_at < A_DAY:
        return 0
    check(service, by=CLOCK)
    return 1
