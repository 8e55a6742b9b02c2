"""The gateway's webhooks: verified, read, handed over, acknowledged in the gateway's own words."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Blueprint, Response, current_app, request

from app.gateways.port import Forged, Malformed, WebhookRequest
from app.handlers.receipt_came import receive_receipt
from app.handlers.service import Service
from app.handlers.text_arrived import receive
from app.web import metrics

log = structlog.get_logger()
webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")


def service() -> Service:
    found: Service = current_app.extensions["huifu"]
    return found


@webhooks.route("/<gateway>/inbound", methods=["GET", "POST"])
def inbound(gateway: str) -> Response:
    ours = service()
    asked = _verified(ours, gateway)
    if isinstance(asked, Response):
        return asked
    try:
        text = ours.gateway.read_inbound(asked)
    except Malformed as error:
        return _refuse(400, "malformed", error)
    try:
        outcome = receive(ours, text)
    except Exception as error:
        # Nothing was stored: only now may the gateway hear of a failure, so that it tries again.
        log.error("inbound_not_stored", error=type(error).__name__, exc_info=True)
        metrics.INBOUND.labels("lost").inc()
        return _answer("not stored, try again", "text/plain", 503)
    metrics.INBOUND.labels(outcome).inc()
    return _acknowledge(ours)


@webhooks.route("/<gateway>/status", methods=["GET", "POST"])
@webhooks.route("/<gateway>/status/<int:message_id>", methods=["GET", "POST"])
def status(gateway: str, message_id: int | None = None) -> Response:
    ours = service()
    asked = _verified(ours, gateway)
    if isinstance(asked, Response):
        return asked
    try:
        receipt = ours.gateway.read_receipt(asked, _known(message_id))
    except Malformed as error:
        return _refuse(400, "malformed", error)
    try:
        outcome = receive_receipt(ours, receipt)
    except Exception as error:
        log.error("receipt_not_stored", error=type(error).__name__, exc_info=True)
        return _answer("not stored, try again", "text/plain", 503)
    metrics.RECEIPTS.labels(outcome).inc()
    return _acknowledge(ours)


def _verified(ours: Service, gateway: str) -> WebhookRequest | Response:
    if gateway != ours.gateway.name:
        return _answer(f"this service speaks with {ours.gateway.name}", "text/plain", 404)
    try:
        asked = _read(ours)
        ours.gateway.verify(asked)
    except (Forged, ValueError) as error:
        return _refuse(403, "forged", error)
    return asked


def _read(ours: Service) -> WebhookRequest:
    """The request as the gateway signed it: our public base, the path, and the raw query (`gateways.md` §1.3)."""
    query = request.query_string.decode("latin-1")
    path = request.script_root + request.path
    # Kept before the form is read: one that cannot be read comes out empty, and must not pass for a bodyless call.
    body = request.get_data(cache=True)
    form: dict[str, Any] = request.form.to_dict(flat=False) if request.method == "POST" else _arguments()
    return WebhookRequest(
        method=request.method,
        url=ours.base_url + path + (f"?{query}" if query else ""),
        headers=dict(request.headers.items()),
        form=form,
        body=body if not form else b"",
    )


def _arguments() -> dict[str, Any]:
    return request.args.to_dict(flat=False)


def _known(message_id: int | None) -> int | None:
    """None for a number that no row can have: the receipt is then kept by the gateway's id."""
    return message_id if message_id is not None and message_id < 2**63 else None


def _acknowledge(ours: Service) -> Response:
    words = ours.gateway.acknowledge()
    return _answer(words.body, words.content_type, words.status)


def _refuse(code: int, why: str, error: Exception) -> Response:
    metrics.REFUSED.labels(why).inc()
    log.warning("webhook_refused", why=why, error=type(error).__name__)
    return _answer(why, "text/plain", code)


def _answer(body: str, content_type: str, code: int) -> Response:
    return Response(body, status=code, content_type=content_type)
