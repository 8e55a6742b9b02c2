"""What people did: to read, to filter, to take away as a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.handlers.audit_exported import export
from app.store import agents, audited
from app.store.audited import Asked
from app.web.console import console
from app.web.console.doors import address, me, needs, service
from app.web.console.errors import sentence
from app.web.console.office import audit_said
from app.web.console.typed import day, whole

PAGE = 50
FIELDS = ("actor", "action", "subject", "since", "until")


@console.get("/audit")
@needs("auditor")
def audit() -> ResponseReturnValue:
    """One page; `below` or `above` is the id that it ends before or begins after."""
    below, above = (whole(request.args.get(name, "")) for name in ("below", "above"))
    rows: list[Any] = []
    with service().database.begin() as connection:
        people = {row.id: row.name for row in agents.listed(connection)}
        asked, faults = _asked(request.args, people)
        if not faults:
            rows = list(
                audited.rows_above(connection, asked, above, PAGE + 1)
                if above
                else audited.rows(connection, asked, below=below, most=PAGE + 1)
            )
    more = len(rows) > PAGE
    rows = (rows[-PAGE:] if above else rows[:PAGE]) if more else rows
    return render_template(
        "console/audit/page.html",
        rows=rows,
        older=rows[-1].id if rows and (more or above) else 0,
        newer=rows[0].id if rows and (below or (above and more)) else 0,
        filters={name: request.args.get(name, "") for name in FIELDS if request.args.get(name)},
        people=people,
        actions=audit_said.choices(),
        faults=faults,
    ), 422 if faults else 200


@console.post("/audit/export")
@needs("auditor")
def audit_export() -> ResponseReturnValue:
    """The rows of the filters as CSV; streamed, however many there are."""
    with service().database.begin() as connection:
        people = {row.id: row.name for row in agents.listed(connection)}
    asked, faults = _asked(request.form, people)
    if faults:
        return sentence(" ".join(faults.values()), 422)
    told = {name: request.form[name][:80] for name in FIELDS if request.form.get(name)}
    pieces = export(service(), me(), asked, {"filters": told}, address=address())
    today = service().clock().astimezone(service().zone)
    answer = Response(pieces, mimetype="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="audit-{today:%Y%m%d-%H%M}.csv"'
    return answer


def _asked(given: Mapping[str, str], people: Mapping[int, str]) -> tuple[Asked, dict[str, str]]:
    faults: dict[str, str] = {}
    since, until = _day(given, "since", faults), _day(given, "until", faults)
    if since and until and until < since:
        faults["until"] = _("The last day is before the first.")
    asked = Asked(
        actor=given.get("actor", "").strip(),
        action=given.get("action", "").strip(),
        subject=audit_said.subject_meant(given.get("subject", ""), people),
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
    )
    return asked, faults


def _day(given: Mapping[str, str], name: str, faults: dict[str, str]) -> date | None:
    typed = given.get(name, "").strip()
    if not typed:
        return None
    found = day(typed)
    if found is None or not 1900 < found.year < 9000:
        faults[name] = _("Choose a date.")
        return None
    return found


def _midnight(of: date) -> datetime:
    return datetime.combine(of, time(), service().zone)
