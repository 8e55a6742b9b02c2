"""`/console/`: leads to the first page of the role. And the two choices that every page offers, before sign-in too."""

from __future__ import annotations

from flask import Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.handlers.accounts import choices
from app.web.console import console
from app.web.console.doors import EVERYBODY, address, go, needs, seat, service
from app.web.console.languages import LANGUAGE_COOKIE, LANGUAGES, THEME_COOKIE, THEMES
from app.web.console.navigation import entries
from app.web.console.ways import HOME, own_path

YEAR = 31_536_000


@console.get("/")
@needs(*EVERYBODY)
def home() -> ResponseReturnValue:
    first = next(iter(entries()), None)
    return redirect(url_for(first.endpoint if first else "console.account"))


@console.post("/language")
def choose_language() -> ResponseReturnValue:
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        abort(400)
    return _kept(LANGUAGE_COOKIE, chosen, "interface")


@console.post("/theme")
def choose_theme() -> ResponseReturnValue:
    chosen = request.form.get("theme", "")
    if chosen not in THEMES:
        abort(400)
    return _kept(THEME_COOKIE, chosen, "theme")


def _kept(cookie: str, value: str, column: str) -> Response:
    """On this machine, for the sign-in page; and with the person, whichever machine they work at next."""
    held = seat()
    if held is not None:
        choices.choose(service(), held.agent, column, value, address=address())
    answer = go(own_path(request.form.get("next", "")) or HOME)
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(cookie, value, max_age=YEAR, path="/console", secure=secure, httponly=True, samesite="Lax")
    return answer
