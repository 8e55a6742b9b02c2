"""Programmes: what each does in words, whether it is on, what waits, and who would get it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.care.programme import Programme
from app.care.programmes import shipped
from app.handlers.care import switches
from app.handlers.care.switches import ConfirmNumber, StoppedItself
from app.store import occasions, occasions_shown
from app.web.console import console
from app.web.console.care.programmes_dry import Dry, dry_run
from app.web.console.care.programmes_said import not_sent, title
from app.web.console.care.programmes_shown import shown
from app.web.console.doors import go, me, needs, service
from app.web.console.typed import day as typed_day
from app.web.console.typed import whole

LOOKED_BACK = timedelta(days=30)
FARTHEST = timedelta(days=366)
"""Nobody plans for a day beyond a year."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """The number that has to be typed. `wrong`: another one was."""

    count: int
    total: int
    wrong: bool


@console.get("/care/programmes")
@needs("operator", "supervisor", "auditor")
def programmes() -> ResponseReturnValue:
    since = service().clock() - LOOKED_BACK
    with service().database.reading() as connection:
        states = switches.states(connection)
        counts = occasions.counts(connection, since)
    found = [shown(one, states[key], counts.get(key, {})) for key, one in shipped().items()]
    groups = [
        (_("Stopped themselves"), [one for one in found if one.state.stopped]),
        (_("On"), [one for one in found if one.state.on]),
        (_("Off"), [one for one in found if not one.state.on and not one.state.stopped]),
    ]
    return render_template(
        "console/care/programmes/page.html",
        groups=[(said, members) for said, members in groups if members],
        count=len(found),
        on=sum(one.state.on for one in found),
        stopped=sum(bool(one.state.stopped) for one in found),
    )


@console.get("/care/programmes/<key>")
@needs("operator", "supervisor", "auditor")
def programmes_one(key: str) -> ResponseReturnValue:
    return _page(_known(key))


@console.post("/care/programmes/<key>/dry")
@needs("operator", "supervisor", "auditor")
def programmes_dry(key: str) -> ResponseReturnValue:
    """Who would get it on a day; the part of the page for htmx, else the page with it."""
    programme, today = _known(key), _today()
    asked = typed_day(request.form.get("day", ""))
    if asked is None or not today <= asked <= today + FARTHEST:
        return _dry_page(programme, today, None, _("Choose a day from today on, within a year."), 422)
    return _dry_page(programme, asked, dry_run(service(), programme, asked), "", 200)


@console.post("/care/programmes/<key>/switch")
@needs("operator")
def programmes_switch(key: str) -> ResponseReturnValue:
    """On or off. One that is meant for many is switched on with their number, which the page that refuses asks for."""
    programme, act = _known(key), request.form.get("act", "")
    if act not in {"on", "off"}:
        abort(400)
    typed = request.form.get("expected", "").replace(",", "").replace("，", "")
    try:
        changed = switches.switch(service(), me().name, key, act == "on", expected=whole(typed))
    except StoppedItself:
        return go(url_for("console.results_one", programme=key))  # where its figures are, and one says why it may go on
    except ConfirmNumber as asked:
        return _page(programme, confirm=Confirm(asked.count, asked.total, bool(typed.strip()))), 409
    if not changed:
        flash(_("Nothing has changed: somebody else was faster."), "info")
    elif act == "on":
        flash(_("%(title)s is on. The next run of the planner takes it along.", title=title(programme)), "success")
    else:
        flash(_("%(title)s is off. Nothing of it leaves any more.", title=title(programme)), "success")
    return go(url_for("console.programmes_one", key=key))


def _known(key: str) -> Programme:
    return shipped().get(key) or abort(404)


def _today() -> date:
    return service().clock().astimezone(service().zone).date()


def _dry_page(programme: Programme, day: date, dry: Dry | None, fault: str, status: int) -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        # htmx shows only what succeeds; the fault is part of what it shows.
        return render_template("console/care/programmes/dry.html", dry=dry, dry_fault=fault)
    return _page(programme, day=day, dry=dry, dry_fault=fault), status


def _page(
    programme: Programme,
    *,
    confirm: Confirm | None = None,
    day: date | None = None,
    dry: Dry | None = None,
    dry_fault: str = "",
) -> str:
    since = service().clock() - LOOKED_BACK
    with service().database.reading() as connection:
        state = switches.state(connection, programme.key)
        waiting = occasions_shown.waiting(connection, programme.key)
        held = occasions_shown.held(connection, programme.key, since)
    return render_template(
        "console/care/programmes/one.html",
        one=shown(programme, state, {}),
        waiting=waiting,
        held=[(not_sent(reason), count) for reason, count in held.items()],
        confirm=confirm,
        day=day or _today(),
        today=_today(),
        dry=dry,
        dry_fault=dry_fault,
        may_write=me().role == "operator",
        results_url=url_for("console.results_one", programme=programme.key),
    )
