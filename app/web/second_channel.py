"""`POST /webhooks/second/confirmation`: the bank's second channel answers (docs/companions.md)."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError

from app.handlers.care.confirmations import Outcome, receive
from app.store.patience import TooSlow
from app.web import metrics

log = structlog.get_logger()

MOST_BODY = 16 * 1024
STATUS: dict[Outcome, int] = {"noted": 204, "known": 204, "nobody": 404, "forged": 401, "malformed": 400, "closed": 404}

second_channel = Blueprint("second_channel", __name__, url_prefix="/webhooks/second")


@second_channel.post("/confirmation")
def confirmation() -> Response:
    request.max_content_length = MOST_BODY
    outcome, why = receive(current_app.extensions["huifu"], dict(request.headers), request.get_data())
    if outcome in ("forged", "malformed"):
        metrics.REFUSED.labels(outcome).inc()
        log.warning("confirmation_refused", why=outcome)
    return Response(why, STATUS[outcome], content_type="text/plain")


@second_channel.errorhandler(OperationalError)
@second_channel.errorhandler(InterfaceError)
@second_channel.errorhandler(TimeoutError)
@second_channel.errorhandler(TooSlow)
def _no_database(error: Exception) -> Response:
    log.error("confirmation_not_stored", error=type(error).__name__, exc_info=True)
    return Response("not stored, try again", 503, {"Retry-After": "5"}, content_type="text/plain")
