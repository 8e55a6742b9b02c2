"""Available or away: the switch in the top bar."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from app.handlers.accounts import choices
from app.web.console import console
from app.web.console.doors import address, go, me, needs, service
from app.web.console.ways import HOME, own_path


@console.post("/status")
@needs("agent", "supervisor")
def status() -> ResponseReturnValue:
    chosen = request.form.get("status", "")
    if chosen not in {"available", "away"}:
        abort(400)
    choices.set_status(service(), me(), chosen, address=address())
    if request.headers.get("HX-Request"):
        return render_template("console/status.html", status=chosen)
    return go(own_path(request.form.get("next", "")) or HOME)
