"""What is answered when something goes wrong: a page, or a sentence where only a part of a page was asked for."""

from __future__ import annotations

from flask import Flask, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.handlers.agent_acted import NotYours
from app.web.api.problems import refused as problem_of
from app.web.console.refusals import why_not
from app.web.console.ways import asks_for_a_part, plain


def answer_errors(app: Flask) -> None:
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(NotYours, _not_yours)


def _refused(error: HTTPException) -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        return problem_of(error)
    if not request.path.startswith("/console"):
        return error
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    if (error.code or 500) >= 500:
        # The page must not ask who is signed in: what failed may be the database, and then it would fail as well.
        current_app.login_manager._update_request_context_with_user()  # type: ignore[attr-defined]
    answer = sentence(_said(error), error.code or 500)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _not_yours(error: NotYours) -> ResponseReturnValue:
    ticket = (request.view_args or {}).get("ticket")
    return sentence(why_not(error, ticket) if ticket else _("Somebody else was faster, or it is over."), 409)


def sentence(said: str, status: int) -> Response:
    """The sentence as a page; as plain text for htmx and scripts, which show it as a notice."""
    if asks_for_a_part():
        return plain(said, status)
    return make_response(render_template("console/error.html", said=said, status=status), status)


def _said(error: HTTPException) -> str:
    if isinstance(error, CSRFError):
        return _("This page was open for too long, or was not opened here. Reload it and try again.")
    known = {
        400: _("That could not be read. Check what you entered and try again."),
        403: _("Your role may not do that."),
        404: _("There is nothing here."),
        405: _("That cannot be opened this way."),
        413: _("That is too much at once."),
        429: _("Too many tries. Wait a minute."),
    }
    return known.get(
        error.code or 500, _("Something went wrong on our side. Try again; tell the operator if it stays.")
    )
