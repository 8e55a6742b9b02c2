"""One's own account: what it may do, and how it is kept safe."""

from __future__ import annotations

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.handlers.accounts import own
from app.web.console import console
from app.web.console.doors import EVERYBODY, address, begin_session, go, me, needs, seat, service


@console.get("/account")
@needs(*EVERYBODY)
def account() -> ResponseReturnValue:
    return render_template("console/account.html", held=seat())


@console.post("/account/others")
@needs(*EVERYBODY)
def end_others() -> ResponseReturnValue:
    begin_session(own.end_others(service(), me(), address=address()))
    flash(_("Every other session of yours has ended."), "success")
    return go(url_for("console.account"))
