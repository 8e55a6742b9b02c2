"""A receipt came: kept whatever it says, merged upwards only, and heard by the consent ledger (laws 7 and 8, A2)."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Connection

from app.gateways.port import Cause, Receipt, Status
from app.handlers.service import Service
from app.store import consents, deliveries, occasions, tickets
from app.store.clean import storable

Outcome = Literal["applied", "late", "repeat", "orphan"]
"""applied: the status rose · late: a higher one stands already · repeat · orphan: nobody knows the text yet."""

MOST_ID, MOST_CODE = 80, 20
"""Characters of the columns of `receipts`."""


def receive_receipt(service: Service, receipt: Receipt) -> Outcome:
    """Keeps and applies one status callback. Raises only when it could not be stored."""
    with service.database.begin() as connection:
        outcome, told = _receive(service, connection, receipt)
    if told:
        service.wake("console")
    return outcome


def _receive(service: Service, connection: Connection, receipt: Receipt) -> tuple[Outcome, bool]:
    """The outcome, and whether open pages have something to hear."""
    gateway, now = service.gateway.name, service.clock()
    gateway_id, code = storable(receipt.gateway_id)[:MOST_ID], storable(receipt.error_code or "")[:MOST_CODE]
    raw = {storable(name): [storable(value) for value in values] for name, values in receipt.raw.items()}
    message = deliveries.whose(connection, gateway, gateway_id, receipt.message_id)
    if message is not None and receipt.message_id not in (None, message.id):
        message = deliveries.give_to_twin(connection, message, receipt.message_id, gateway, now) or message
    known = message.id if message else None
    new = deliveries.add_receipt(connection, gateway, gateway_id, known, int(receipt.status), code, raw, now)
    if message is None:
        return ("orphan" if new else "repeat"), False
    if message.gateway_id is None:
        # The callback itself proves that the send happened, whatever became of the request that made it (law 7).
        deliveries.hand_over(connection, message.id, gateway, gateway_id, now)
        adopt_orphans(service, connection, message, gateway_id)
    if not new:
        return "repeat", False
    outcome = _apply(service, connection, message, receipt.status, code or None)
    # Whoever talks with the customer sees what became of the text.
    return outcome, outcome == "applied" and tickets.talk_went_on(connection, message.phone, now)


def adopt_orphans(service: Service, connection: Connection, message: Any, gateway_id: str) -> None:
    """Receipts that came before anybody knew whose they were find their message."""
    for orphan in deliveries.orphans(connection, service.gateway.name, gateway_id):
        deliveries.adopt(connection, orphan.id, message.id)
        _apply(service, connection, message, Status(orphan.status), orphan.error_code or None)


def _apply(service: Service, connection: Connection, message: Any, status: Status, code: str | None) -> Outcome:
    raised = deliveries.raise_status(connection, message.id, int(status), code, service.clock())
    if status in {Status.FAILED, Status.UNDELIVERED}:
        heed(service, connection, message, code)
    return "applied" if raised else "late"


def heed(service: Service, connection: Connection, message: Any, code: str | None) -> None:
    """What an error code means for consent and for the number, by the gateway's own table."""
    cause = service.gateway.judge(code).cause
    phone, now = message.phone, service.clock()
    if cause is Cause.OPTED_OUT:
        if consents.verdict(connection, phone, "gateway") != "refused":
            consents.record(connection, phone, "gateway", "refused", "gateway", f"message:{message.id}:{code}", now)
    elif cause is Cause.DEAD_NUMBER:
        # The number may belong to somebody else by now: whoever owns the account must look (recycled numbers, A14).
        occasions.unbound(connection, [phone])
        tickets.raise_flag(connection, phone, "dead_number", f"message:{message.id}", now, reason=code or "")
