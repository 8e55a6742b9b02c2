"""`/api/v1/`: JSON for the bank's systems, by bearer token; described at `/api/v1/openapi.json`."""

from __future__ import annotations

import structlog
from flask import Blueprint, Flask, Response, jsonify
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError

from app.store.patience import TooSlow
from app.web.api.bearer import let_in, watch_callers
from app.web.api.events import post_events
from app.web.api.problems import problem

log = structlog.get_logger()

VERSION = "1.0"
"""Of the interface."""

api = Blueprint("api", __name__, url_prefix="/api/v1")


def furnish_api(app: Flask) -> None:
    watch_callers(app)
    app.register_blueprint(api)


@api.get("/openapi.json")
def describe() -> Response:
    from app.web.api.document import document  # a model for each kind: not for every process that starts

    return jsonify(document(VERSION))


@api.post("/events")
def events() -> Response:
    return let_in() or post_events()


@api.errorhandler(OperationalError)
@api.errorhandler(InterfaceError)
@api.errorhandler(TimeoutError)
@api.errorhandler(TooSlow)
def _no_database(error: Exception) -> Response:
    log.error("api_failed", error=type(error).__name__, exc_info=True)
    answer = problem(503, "away", "Service Unavailable", "Nothing was kept; send the same again.")
    answer.headers["Retry-After"] = "5"
    return answer


@api.after_request
def _alone(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
