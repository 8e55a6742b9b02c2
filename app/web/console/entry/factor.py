"""The second factor: an authenticator app is set up with a QR code, and counts once a code has proven it."""

from __future__ import annotations

from typing import Any

import segno
from flask import flash, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from app.handlers.accounts import codes, own
from app.handlers.accounts.standing import Standing
from app.web.console import console
from app.web.console.doors import EVERYBODY, address, begin_session, go, me, needs, seat, service
from app.web.console.entry.limits import note_failure, stop_guessing

NONCE = "factor"
"""In the session until it is proven. The cookie can be read; the secret needs the service's key as well."""


@console.get("/account/factor")
@needs(*EVERYBODY, settled=False)
def factor() -> ResponseReturnValue:
    return _owed_first() or _page()


@console.post("/account/factor")
@needs(*EVERYBODY, settled=False)
def prove_factor() -> ResponseReturnValue:
    if first := _owed_first():
        return first
    nonce = session.get(NONCE)
    if not nonce:
        return go(url_for("console.factor"))
    try:
        held = own.prove_factor(service(), me(), nonce, request.form.get("code", ""), address=address())
    except own.WrongCode:
        return _page(code=_("That code does not fit. Is the phone's clock right? Type the newest one.")), 422
    begin_session(held)
    flash(_("The second factor is on. From now on signing in asks for a code."), "success")
    return go(url_for("console.home" if not held.owes else "console.factor"))


@console.post("/account/factor/drop")
@needs(*EVERYBODY)
def drop_factor() -> ResponseReturnValue:
    stop_guessing()
    try:
        held = own.drop_factor(service(), me(), request.form.get("code", ""), address=address())
    except own.WrongCode:
        note_failure()
        return _page(code=_("That code is not right, was used before, or the account is locked.")), 422
    begin_session(held)
    flash(_("The second factor is off."), "warning")
    return go(url_for("console.factor" if held.owes else "console.account"))


def _owed_first() -> ResponseReturnValue | None:
    """A one-time password is changed before anything else: others may have seen it."""
    return go(url_for("console.password")) if _held().owes == "password" else None


def _held() -> Standing:
    held = seat()
    assert held is not None  # behind `needs`
    return held


def _page(**faults: str) -> str:
    held = _held()
    told: dict[str, Any] = {}
    if not held.has_factor:
        nonce = session.setdefault(NONCE, codes.fresh_nonce())
        secret = codes.secret_of(service().secret, nonce)
        code = segno.make(codes.address(secret, held.agent.name, service().bank_name), error="m")
        told["picture"] = Markup(code.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None))
        told["secret"] = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    return render_template("console/factor.html", held=held, faults=faults, forced=held.owes == "factor", **told)
