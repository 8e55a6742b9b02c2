"""Who may come in: the session, the roles of each page, and what is answered to everybody else.

A session is a signed cookie. It carries no rights: whose it is, since when, and the `epoch` of that person, which is
compared with the row at every request, so that one statement ends every session (password changed, role changed,
account closed, signed out).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, cast

from flask import Response, abort, current_app, flash, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.urls import iri_to_uri

from app.handlers.accounts.standing import Standing, standing
from app.handlers.service import Service
from app.store.agents import Agent
from app.web.console.ways import asks_for_a_part, own_path, plain

View = Callable[..., ResponseReturnValue]
EVERYBODY = ("agent", "supervisor", "operator", "auditor")
SEEN_AGAIN_SECONDS = 20  # the cookie is written anew no more often than that
OWED_AT = {"password": "console.password", "factor": "console.factor"}


class Seat(UserMixin):  # type: ignore[misc]
    """Flask-Login's user: a person with what they owe."""

    def __init__(self, held: Standing) -> None:
        self.held = held
        self.id = held.agent.id


class _Door(LoginManager):  # type: ignore[misc]
    """Without the library's remember-me cookie: it would outlive every expiry of ours."""

    def init_app(self, app: Any, add_context_processor: bool = False) -> None:  # noqa: ARG002
        app.login_manager = self


door = _Door()
door.session_protection = None  # an address may change under a session; `epoch` and expiry do the work


def needs(*roles: str, settled: bool = True) -> Callable[[View], View]:
    """Lets only these roles in; stands directly under the route. Anybody else gets, before the view runs:

    anonymous: the sign-in page, or 401 for a part of a page, JSON or events; another role: 403; somebody who owes a new
    password or a second factor: the page for that, unless `settled` is False.
    """
    unknown = set(roles) - set(EVERYBODY)
    if unknown or not roles:
        raise ValueError(f"no such role: {sorted(unknown)}")

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            held = seat()
            if held is None:
                return _turn_away()
            if held.agent.role not in roles:
                abort(403)
            if settled and held.owes:
                return go(url_for(OWED_AT[held.owes]))
            return view(*args, **kwargs)

        guarded.open_to = frozenset(roles)  # type: ignore[attr-defined]
        return guarded

    return guard


def background(view: View) -> View:
    """Marks a view that pages ask for by themselves (events, alive, polling): it does not prolong a session. Stands
    under `needs`."""
    view.background = True  # type: ignore[attr-defined]
    return view


def seat() -> Standing | None:
    """Who is signed in, with what they owe; None for anonymous."""
    return current_user.held if current_user.is_authenticated else None


def me() -> Agent:
    """Who is signed in. Only behind `needs`."""
    held = seat()
    if held is None:
        abort(401)
    return held.agent


def service() -> Service:
    return cast(Service, current_app.extensions["huifu"])


def address() -> str:
    """Where the request comes from, for audit rows."""
    return request.remote_addr or ""


def begin_session(held: Standing) -> None:
    """A new session: nothing of the one before it stays, its CSRF token neither (session fixation)."""
    kept = new_session(held, service().clock())
    session.clear()
    session.update(kept)
    current_app.login_manager._load_user()  # type: ignore[attr-defined]


def new_session(held: Standing, now: datetime) -> dict[str, Any]:
    moment = int(now.timestamp())
    return {"_user_id": str(held.agent.id), "epoch": held.epoch, "begun": moment, "seen": moment}


@door.user_loader  # type: ignore[untyped-decorator]
def _load(user_id: str) -> Seat | None:
    held = standing(service(), int(user_id))
    why = _ended(held)
    if held is None or why:
        session.clear()
        if why == "idle":
            flash(_("You were signed out because nothing happened for a while."), "info")
        return None
    view = current_app.view_functions.get(request.endpoint or "")
    moment = int(service().clock().timestamp())
    # Parts of pages are fetched by the pages themselves whenever something happens: no sign of a person before them.
    by_itself = getattr(view, "background", False) or (request.method == "GET" and "HX-Request" in request.headers)
    if not by_itself and moment - session["seen"] >= SEEN_AGAIN_SECONDS:
        session["seen"] = moment
    return Seat(held)


def _ended(held: Standing | None) -> str:
    """Why the session counts no longer; empty while it does."""
    if held is None or session.get("epoch") != held.epoch:
        return "epoch"
    now = service().clock()
    try:
        begun, seen = (datetime.fromtimestamp(session[name], UTC) for name in ("begun", "seen"))
    except (KeyError, TypeError):
        return "broken"
    if now - begun >= held.longest:
        return "long"
    return "idle" if now - seen >= held.idle else ""


def _turn_away() -> ResponseReturnValue:
    here = request.full_path.rstrip("?") if request.method == "GET" else ""
    if not asks_for_a_part():
        return redirect(url_for("console.login", next=own_path(here) or None))
    answer = plain(_("You are not signed in any more."), 401)
    if request.headers.get("HX-Request"):
        page = own_path(request.headers.get("HX-Current-URL", ""), full=True)
        answer.headers["HX-Redirect"] = url_for("console.login", next=page or None)
    return answer


def go(url: str) -> Response:
    """Sends the whole page elsewhere, also when only a part of it was asked for."""
    if request.headers.get("HX-Request"):
        answer = make_response("", 204)
        answer.headers["HX-Redirect"] = iri_to_uri(url)  # a header holds no Chinese
        return answer
    return cast(Response, redirect(url, 303))
