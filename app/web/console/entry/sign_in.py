"""Signing in and out: name and password, then a code where there is a second factor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.handlers.accounts import sign_in, tries
from app.handlers.accounts.standing import Standing
from app.web.console import console
from app.web.console.doors import EVERYBODY, address, begin_session, go, me, needs, seat, service
from app.web.console.entry.limits import note_failure, stop_guessing
from app.web.console.ways import HOME, own_path

BETWEEN = timedelta(minutes=5)
"""From the password to the code."""


@console.get("/login")
def login() -> ResponseReturnValue:
    if seat() is not None:
        return redirect(_wanted())
    session.pop("half", None)
    return render_template("console/sign_in.html", next=own_path(request.args.get("next", "")))


@console.post("/login")
def try_password() -> ResponseReturnValue:
    stop_guessing()
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    try:
        held = sign_in.with_password(service(), name, password, address=address())
    except sign_in.NotSignedIn:
        note_failure()
        return render_template("console/sign_in.html", name=name, wrong=_wrong(), next=_next()), 401
    if not held.has_factor:
        return _in(held, _wanted())
    # Nobody is signed in yet: this says only whose code is waited for, and where to go then.
    half = {"id": held.agent.id, "epoch": held.epoch, "at": int(service().clock().timestamp()), "next": _next()}
    session.clear()
    session["half"] = half
    return redirect(url_for("console.second_step"), 303)


@console.get("/login/code")
def second_step() -> ResponseReturnValue:
    if _half() is None:
        return redirect(url_for("console.login"))
    return render_template("console/second_step.html")


@console.post("/login/code")
def try_code() -> ResponseReturnValue:
    stop_guessing()
    half = _half()
    if half is None:
        return redirect(url_for("console.login"), 303)
    try:
        code = request.form.get("code", "")
        held = sign_in.with_code(service(), half["id"], half["epoch"], code, address=address())
    except sign_in.NotSignedIn:
        note_failure()
        return render_template("console/second_step.html", wrong=_wrong_code()), 401
    return _in(held, own_path(half["next"]) or HOME)


@console.post("/logout")
@needs(*EVERYBODY, settled=False)
def logout() -> ResponseReturnValue:
    sign_in.end(service(), me(), address=address())
    session.clear()
    return go(url_for("console.login"))


def _in(held: Standing, wanted: str) -> ResponseReturnValue:
    begin_session(held)
    return redirect(wanted, 303)


def _half() -> dict[str, Any] | None:
    """Who has given the right password, not longer than five minutes ago."""
    half: dict[str, Any] | None = session.get("half")
    if half and service().clock() - datetime.fromtimestamp(half["at"], UTC) < BETWEEN:
        return half
    session.pop("half", None)
    return None


def _next() -> str:
    return own_path(request.form.get("next", ""))


def _wanted() -> str:
    return _next() or own_path(request.args.get("next", "")) or HOME


def _wrong() -> str:
    return _(
        "Name or password is wrong, or the account is locked. After %(tries)s wrong tries it is locked for "
        "%(minutes)s minutes.",
        tries=tries.TRIES,
        minutes=int(tries.LOCKED.total_seconds() // 60),
    )


def _wrong_code() -> str:
    return _("That code is not right, was used before, or the account is locked. Wait for the next one and try again.")
