"""Prometheus: counts and queue lengths, by kind only, never by customer (law 11)."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, generate_latest

from app.handlers.health import backlog

INBOUND = Counter("huifu_inbound_total", "Texts received, by outcome", ["outcome"])
RECEIPTS = Counter("huifu_receipts_total", "Status callbacks, by outcome", ["outcome"])
REFUSED = Counter("huifu_webhooks_refused_total", "Webhook calls refused, by reason", ["reason"])
WAITING = Gauge("huifu_waiting", "Rows that wait for work, by queue", ["queue"])

log = structlog.get_logger()
metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics")
def show() -> Response:
    """What this process counted is told also while the database is away; only the queues are then left out."""
    WAITING.clear()
    try:
        for queue, waiting in backlog(current_app.extensions["huifu"]).items():
            WAITING.labels(queue).set(waiting)
    except Exception as error:
        log.error("backlog_unknown", error=type(error).__name__)
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
