"""Runs of the planner: what each did, how far it is, and how fast its texts may leave."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.care.programmes import shipped
from app.handlers.care import plans_asked, switches
from app.handlers.care.pace import pace
from app.handlers.care.planning import CannotPlan
from app.store import persons
from app.store import plans as runs
from app.web.console import console
from app.web.console.care.plans_said import paced
from app.web.console.care.plans_shown import shown
from app.web.console.care.programmes_said import title
from app.web.console.doors import address, go, me, needs, service

MOST = 30


@console.get("/care/plans")
@needs("operator", "supervisor", "auditor")
def plans() -> ResponseReturnValue:
    """The page; for htmx the part that changes while a run goes on, and the whole page anew when the last one ends."""
    if not request.headers.get("HX-Request"):
        return _page()
    with service().database.begin() as connection:
        going = any(one.state == "running" for one in runs.last(connection, MOST))
    return _live() if going else _anew()


@console.post("/care/plans")
@needs("operator")
def plans_start() -> ResponseReturnValue:
    """A run of today for all programmes that are on, or one of them; `sure` must say so."""
    scope = request.form.get("scope", "")
    if scope and scope not in shipped():
        return _page({"scope": _("There is no such programme.")}), 422
    if request.form.get("sure") != "yes":
        return _page({"sure": _("Tick the box: texts will be planned for real customers.")}), 422
    try:
        run = plans_asked.ask(service(), me(), scope, address=address())
    except CannotPlan:
        return _page({"scope": _("It is off. Switch it on first.")}), 409
    if run is None:
        flash(_("A planner is at it already."), "info")
    else:
        flash(_("The run begins within seconds."), "success")
    return go(url_for("console.plans"))


def _anew() -> Response:
    answer = make_response("", 204)
    answer.headers["HX-Refresh"] = "true"
    return answer


def _live() -> str:
    return render_template("console/care/plans/live.html", **_known())


def _known() -> dict[str, object]:
    now = service().clock()
    with service().database.reading() as connection:
        found = runs.last(connection, MOST)
        total = persons.count(connection) if any(one.state == "running" for one in found) else 0
    rows = [shown(one, total, now) for one in found]
    return {
        "running": [one for one in rows if one.share is not None],
        "over": [one for one in rows if one.share is None],
        "pace": paced(pace(service())),
    }


def _page(faults: dict[str, str] | None = None) -> str:
    with service().database.begin() as connection:
        on = switches.active(connection)
    return render_template(
        "console/care/plans/page.html",
        **_known(),
        may_write=me().role == "operator",
        programmes=[(key, title(shipped()[key])) for key in on],
        typed=request.form,
        faults=faults or {},
    )
