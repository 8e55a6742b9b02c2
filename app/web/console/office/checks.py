"""Self-checks: what the last ones found, in words, and one at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.handlers.self_check.run import CHECKS, check
from app.store import self_checks
from app.web.console import console
from app.web.console.doors import address, go, me, needs, service
from app.web.console.office.checks_said import problem, title, verdict
from app.web.console.typed import whole

MOST = 30
Report = dict[str, object]


@dataclass(frozen=True, slots=True)
class Shown:
    """One check of a run. `problems`: (what, about, its verdict); `more` are not listed."""

    title: str
    verdict: str
    said: str
    looked: int
    problems: list[tuple[str, str, str]]
    more: int


@console.get("/self-check")
@needs("operator", "supervisor", "auditor")
def checks() -> ResponseReturnValue:
    """The last run, or the one of `run`, and a list of those before it."""
    asked = whole(request.args.get("run", ""))
    with service().database.begin() as connection:
        runs = self_checks.newest(connection, MOST)
        chosen = self_checks.one(connection, asked) if asked else (runs[0] if runs else None)
    if asked and chosen is None:
        abort(404)
    return render_template(
        "console/checks/page.html",
        chosen=chosen,
        said=verdict(chosen.verdict) if chosen else "",
        found=[_shown(name, chosen.findings.get(name)) for name in CHECKS] if chosen else [],
        runs=[(row, verdict(row.verdict), _seconds(row.began_at, row.ended_at)) for row in runs],
        may_run=me().role == "operator",
    )


@console.post("/self-check")
@needs("operator")
def checks_run() -> ResponseReturnValue:
    """A run at once; takes some seconds when pages do not answer."""
    report = check(service(), by=me().name, address=address())
    flash(
        _("Done: %(verdict)s.", verdict=verdict(report.verdict)),
        {"good": "success", "warnings": "warning", "bad": "danger"}[report.verdict],
    )
    return go("/console/self-check")


def _shown(name: str, kept: dict[str, object] | None) -> Shown:
    if kept is None:  # a check that this run did not know yet
        return Shown(title(name), "", _("not looked at"), 0, [], 0)
    listed: list[list[str]] = kept["problems"]  # type: ignore[assignment]
    problems = [(problem(code), about, level) for code, about, level in listed]
    level = str(kept["verdict"])
    more = int(str(kept["count"])) - len(problems)
    return Shown(title(name), level, verdict(level), int(str(kept["looked"])), problems, more)


def _seconds(began: datetime, ended: datetime) -> float:
    return (ended - began).total_seconds()
