"""Changing one's own password; also the first thing that somebody with a one-time password has to do."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.handlers.accounts import own
from app.rules import passwords
from app.web.console import console
from app.web.console.doors import EVERYBODY, address, begin_session, go, me, needs, seat, service
from app.web.console.entry.limits import note_failure, stop_guessing


@console.get("/account/password")
@needs(*EVERYBODY, settled=False)
def password() -> ResponseReturnValue:
    return _page()


@console.post("/account/password")
@needs(*EVERYBODY, settled=False)
def change_password() -> ResponseReturnValue:
    stop_guessing()
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    if new != again:
        return _page(again=_("The two are not the same.")), 422
    try:
        held = own.change_password(service(), me(), old, new, address=address())
    except own.WrongPassword:
        note_failure()
        return _page(old=_("That is not your present password, or the account is locked for a while.")), 422
    except own.BadPassword as error:
        return _page(new=_why(error.fault)), 422
    begin_session(held)
    flash(_("Your password is changed. Every other session of yours has ended."), "success")
    return go(url_for("console.home" if not held.owes else "console.factor"))


def _page(**faults: str) -> str:
    held = seat()
    forced = held is not None and held.owes == "password"
    return render_template("console/password.html", faults=faults, forced=forced, least=passwords.LEAST)


def _why(fault: str) -> str:
    return {
        "short": _("Too short: %(least)s characters at least. A sentence is easy to remember.", least=passwords.LEAST),
        "long": _("Too long: %(most)s characters at most.", most=passwords.MOST),
        "name": _("That is little more than your name."),
        "common": _("That is one of those that everybody tries first."),
        "same": _("That is the one you have now."),
    }[fault]
