"""A run of the planner as the page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

from app.care.programmes import shipped
from app.handlers.care.planning import HEARD
from app.store.plans import PlanRun
from app.web.console.calls.figures import seconds
from app.web.console.care.programmes_said import not_sent, title


@dataclass(frozen=True, slots=True)
class Shown:
    """`state`: running · left (somebody died at it, it goes on by itself) · done · failed. `share`: how far it is, 0 to
    1; None when it is over. `reasons`: (programme, [(why not, customers)])."""

    id: int
    day: date
    scope: str
    state: str
    share: float | None
    seen: int
    planned: int
    took: str
    asked_by: str
    reasons: list[tuple[str, list[tuple[str, int]]]]


def shown(run: PlanRun, total: int, now: datetime) -> Shown:
    """`total`: all customers, to tell how far a run is."""
    state, share = run.state, None
    if state == "running":
        share = min(1.0, run.seen / total) if total else 0.0
        if run.seen and (run.lease_until is None or run.lease_until <= now):
            state = "left"
    return Shown(
        id=run.id,
        day=run.day,
        scope=_title(run.scope),
        state=state,
        share=share,
        seen=run.seen,
        planned=run.planned,
        took=seconds((run.ended_at - run.began_at).total_seconds()) if run.ended_at else "",
        asked_by=run.asked_by,
        reasons=[(_title(key), _counted(counted)) for key, counted in run.reasons.items()],
    )


def _title(key: str) -> str:
    if key == HEARD:
        return _("customers of whom something was heard")
    return title(shipped()[key]) if key in shipped() else key


def _counted(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    found = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return [(not_sent(code), count) for code, count in found]
