"""What Prometheus is told of texts that are planned, and of what goes beside texts by other channels."""

from __future__ import annotations

from prometheus_client import Gauge

from app.handlers.care.companions import CHANNELS
from app.handlers.health import care_backlog
from app.handlers.service import Service

PLANNED = Gauge("huifu_occasions_planned", "Texts of programmes that wait for their slot")
DUE = Gauge("huifu_occasions_due", "Of these, those whose slot has begun")
DUE_SECONDS = Gauge("huifu_occasions_oldest_seconds", "For how long the oldest of them is due; 0 when none is")
BESIDE = Gauge("huifu_companions_waiting", "Mails and confirmations that wait to be sent", ["channel"])
BESIDE_SECONDS = Gauge(
    "huifu_companions_oldest_seconds", "For how long the oldest of them waits; 0 when none does", ["channel"]
)


def forget() -> None:
    """Nothing is told that may be old."""
    for labelled in (BESIDE, BESIDE_SECONDS):
        labelled.clear()
    for plain in (PLANNED, DUE, DUE_SECONDS):
        plain.set(float("nan"))


def tell(service: Service) -> None:
    """Raises as the database does."""
    now = service.clock()
    planned, beside = care_backlog(service, now)
    PLANNED.set(planned.texts)
    DUE.set(planned.due)
    DUE_SECONDS.set((now - planned.oldest).total_seconds() if planned.oldest else 0)
    for channel in CHANNELS:
        waits = beside.get(channel)
        BESIDE.labels(channel).set(waits.rows if waits else 0)
        BESIDE_SECONDS.labels(channel).set((now - waits.oldest).total_seconds() if waits else 0)
