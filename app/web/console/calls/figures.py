"""The supervisors' figures: how the desk stands now, how its day went, and the days before."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.handlers.figures_read import Day, last_days, today
from app.web.console import console, words  # noqa: F401  (the filters of the templates)
from app.web.console.doors import needs, service

WEEK = 7
MOST_DAYS = 92
COLUMNS = (
    *("day", "requests", "in_time", "broken", "outside_hours", "in_time_rate", "pickup_p50_s", "pickup_p95_s", "flags"),
    *("conversations", "to_a_person", "bot_alone_rate"),
    *("callbacks_due", "callbacks_kept", "callbacks_late", "callbacks_not_reached", "callbacks_missed"),
    *("callbacks_kept_rate", "satisfaction_mean", "satisfaction_answers", "satisfaction_asked"),
)


@console.get("/figures")
@needs("supervisor")
def figures() -> ResponseReturnValue:
    """The whole page; for htmx what changes during the day. The table of days is read with the page only."""
    if request.headers.get("HX-Request"):
        return render_template("console/figures/live.html", now=today(service()))
    return render_template("console/figures/page.html", now=today(service()), days=last_days(service(), WEEK))


@console.get("/figures.csv")
@needs("supervisor")
def figures_csv() -> ResponseReturnValue:
    """`days` of them (a week, at most three months), today first; rates from 0 to 1, times in seconds."""
    count = min(max(request.args.get("days", WEEK, type=int), 1), MOST_DAYS)
    days = last_days(service(), count)
    held = io.StringIO()
    table = csv.writer(held, lineterminator="\r\n")
    table.writerow(COLUMNS)
    table.writerows(_cells(day) for day in days)
    name = f"figures-{days[-1].day.isoformat()}-{days[0].day.isoformat()}.csv"
    answer = Response(held.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _cells(day: Day) -> Iterator[str]:
    """In the order of `COLUMNS`; empty where nothing is known."""
    pickups, kept, scores = day.pickups, day.kept, day.scores
    found = (
        *(day.day.isoformat(), pickups.asked, pickups.kept, pickups.broken, pickups.closed, pickups.rate),
        *(pickups.p50, pickups.p95, day.flags),
        *(day.talked.conversations, day.talked.handed, day.talked.contained),
        *(kept.due, kept.kept, kept.late, kept.failed, kept.missed, kept.rate),
        *(scores.mean, scores.answered, scores.asked),
    )
    return ("" if cell is None else f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in found)


@console.app_template_filter("seconds")
def seconds(value: float | None) -> str:
    """12 s · 2 min 5 s; a dash for nothing."""
    if value is None:
        return "–"
    whole = round(value)
    if whole < 60:
        return _("%(s)s s", s=whole)
    return _("%(m)s min %(s)s s", m=whole // 60, s=whole % 60)


@console.app_template_filter("answers")
def answers(count: int) -> str:
    return ngettext("%(num)s answer", "%(num)s answers", count)
