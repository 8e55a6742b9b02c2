"""How the console works: routing, sign-in, and the question after closing."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.handlers import options, options_set
from app.handlers.options import Access, Routing
from app.store.tables.agents import ROLES
from app.web.console import console
from app.web.console.doors import address, go, me, needs, service
from app.web.console.typed import whole


@console.get("/settings")
@needs("operator")
def settings() -> ResponseReturnValue:
    return _page()


@console.post("/settings/routing")
@needs("operator")
def settings_routing() -> ResponseReturnValue:
    faults: dict[str, str] = {}
    seconds = _number("seconds", options_set.SECONDS, faults)
    mode = request.form.get("mode", "")
    if mode not in {"free", "offer"}:
        faults["mode"] = _("Choose one of the two.")
    if faults:
        return _page(request.form, faults), 422
    routing = Routing("offer" if mode == "offer" else "free", seconds)
    return _told(options_set.set_routing(service(), me(), routing, address=address()))


@console.post("/settings/access")
@needs("operator")
def settings_access() -> ResponseReturnValue:
    faults: dict[str, str] = {}
    idle = _number("idle_minutes", options_set.IDLE_MINUTES, faults)
    hours = _number("hours", options_set.HOURS, faults)
    roles = frozenset(request.form.getlist("roles")) & frozenset(ROLES)
    if faults:
        return _page(request.form, faults), 422
    return _told(options_set.set_access(service(), me(), Access(roles, idle, hours), address=address()))


@console.post("/settings/survey")
@needs("operator")
def settings_survey() -> ResponseReturnValue:
    wanted = request.form.get("survey") == "yes"
    return _told(options_set.set_survey(service(), me(), wanted, address=address()))


def _told(changed: bool) -> ResponseReturnValue:
    flash(_("It holds from now on.") if changed else _("Nothing has changed."), "success" if changed else "info")
    return go(url_for("console.settings"))


def _number(name: str, allowed: range, faults: dict[str, str]) -> int:
    number = whole(request.form.get(name, ""), allowed)
    if number is not None:
        return number
    faults[name] = _("A whole number from %(least)s to %(most)s.", least=allowed[0], most=allowed[-1])
    return 0


def _page(typed: Mapping[str, str] | None = None, faults: Mapping[str, str] | None = None) -> str:
    with service().database.begin() as connection:
        routing, access = options.routing(connection), options.access(connection)
        survey = options.survey_wanted(connection)
    return render_template(
        "console/settings/page.html",
        routing=routing,
        access=access,
        survey=survey,
        roles=ROLES,
        chosen=frozenset(request.form.getlist("roles")) if typed and "idle_minutes" in typed else access.second_factor,
        typed=typed or {},
        faults=faults or {},
    )
