"""Prometheus: counts and queue lengths, by kind only, never by customer (law 11)."""

from __future__ import annotations

import os
from collections.abc import Iterator

import structlog
from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client import generate_latest as written
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.handlers.figures_read import standing
from app.handlers.health import backlog
from app.handlers.service import Service
from app.web import metrics_care, metrics_sender

INBOUND = Counter("huifu_inbound_total", "Texts received, by outcome", ["outcome"])
RECEIPTS = Counter("huifu_receipts_total", "Status callbacks, by outcome", ["outcome"])
REFUSED = Counter("huifu_webhooks_refused_total", "Webhook calls refused, by reason", ["reason"])
WAITING = Gauge("huifu_waiting", "Rows that wait for work, by queue", ["queue"])
PICKUP = Histogram(
    "huifu_pickup_seconds",
    "From the text that asked for a person to the first claim at this server's console",
    buckets=(5, 10, 15, 20, 25, 30, 45, 60, 120, 300, 900),
)
TALKS = Gauge("huifu_tickets_waiting", "Conversations that wait for a person now")
OLDEST = Gauge("huifu_oldest_wait_seconds", "How long the conversation waits that waits longest; 0 when none does")
IN_TIME = Gauge(
    "huifu_pickup_within_promise_ratio",
    "Requests of today, in working hours, that a person took within 30 seconds; NaN while there is none",
)
NOT_KNOWN = float("nan")

log = structlog.get_logger()
metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics")
def show() -> Response:
    """What was counted is told also while the database is away; only the queues are then left out."""
    WAITING.clear()
    metrics_sender.forget()
    metrics_care.forget()
    for gauge in (TALKS, OLDEST, IN_TIME):
        gauge.set(NOT_KNOWN)
    try:
        for queue, waiting in backlog(current_app.extensions["huifu"]).items():
            WAITING.labels(queue).set(waiting)
        _tell_desk(current_app.extensions["huifu"])
        metrics_sender.tell(current_app.extensions["huifu"])
        metrics_care.tell(current_app.extensions["huifu"])
    except Exception as error:
        log.error("backlog_unknown", error=type(error).__name__)
    everything = CollectorRegistry()
    everything.register(_Told())
    return Response(written(everything), content_type=CONTENT_TYPE_LATEST)


class _Told(Collector):
    """What this process knows; under `huifu web --processes` what all of them have counted, the dead ones too, and of
    the rows what this one has just read."""

    def collect(self) -> Iterator[Metric]:
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            yield from REGISTRY.collect()
            return
        yield from (one for one in MultiProcessCollector(None).collect() if one.type != "gauge")  # type: ignore[no-untyped-call]
        yield from (one for one in REGISTRY.collect() if one.type == "gauge" and one.name.startswith("huifu_"))


def observe_pickup(seconds: float | None) -> None:
    """A ticket came into somebody's hands: how long its customer had waited, None when no promise ended by it."""
    if seconds is not None:
        PICKUP.observe(seconds)


def _tell_desk(service: Service) -> None:
    waiting, today = standing(service)
    TALKS.set(waiting.talks)
    OLDEST.set((service.clock() - waiting.oldest).total_seconds() if waiting.oldest else 0)
    IN_TIME.set(today.rate if today.rate is not None else NOT_KNOWN)
