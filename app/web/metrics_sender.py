"""What Prometheus is told of sending: gateways that rest, bulk that waits, and room in the outbox."""

from __future__ import annotations

from prometheus_client import Gauge

from app.handlers.sender_told import WHY, sending
from app.handlers.service import Service

RESTS = Gauge("huifu_gateway_rests", "1 while a gateway that failed is left in peace", ["gateway"])
REST_SECONDS = Gauge("huifu_gateway_rest_seconds", "For how long it has rested; 0 while it works", ["gateway"])
BULK_WAITS = Gauge("huifu_bulk_waits", "1 for the reason for which offers and reminders wait", ["reason"])
PARTS = Gauge("huifu_outbox_parts", "Parts that are queued")
ROOM = Gauge("huifu_outbox_room_parts", "Parts that campaigns may queue beside them; infinite without SEND_RATE")


def forget() -> None:
    """Nothing is told that may be old."""
    for labelled in (RESTS, REST_SECONDS, BULK_WAITS):
        labelled.clear()
    for plain in (PARTS, ROOM):
        plain.set(float("nan"))


def tell(service: Service) -> None:
    """Raises as the database does."""
    found, now = sending(service), service.clock()
    for name, circuit in found.gateways.items():
        since = circuit.changed if circuit.open else None
        RESTS.labels(name).set(circuit.open)
        REST_SECONDS.labels(name).set((now - since).total_seconds() if since else 0)
    for reason in WHY:
        BULK_WAITS.labels(reason).set(found.bulk == reason)
    PARTS.set(found.waiting)
    ROOM.set(float("inf") if found.room is None else found.room)
