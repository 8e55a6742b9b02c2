"""Sends that nobody knows the outcome of: the gateway that may have them is asked, and they are never sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog

from app.gateways.port import OutboundText, Outcome
from app.handlers.service import Service
from app.handlers.text_leaves import Spread, one_by_one, text_of
from app.handlers.text_settled import LOOK_AFTER, settle
from app.store import deliveries, tickets

log = structlog.get_logger()

MOST_LOOKS = 4
LOOK_BACK = timedelta(minutes=10)


def look_up_open(service: Service, most: int = 20, spread: Spread = one_by_one) -> int:
    """Asks about unsettled sends and those whose process died. How many were due."""
    now = service.clock()
    with service.database.begin() as connection:
        rows = deliveries.claim_open(connection, now, now + LOOK_AFTER, most)
        facing = {row.id: service.facing(row.gateway) for row in rows}
        texts = {row.id: text_of(facing[row.id] or service, connection, row) for row in rows}
        taken = {row.id: deliveries.owned_ids(connection, row.phone, row.created_at - LOOK_BACK) for row in rows}
    spread(lambda row: _look_up(service, facing[row.id], row, texts[row.id], taken[row.id]), rows)
    return len(rows)


def _look_up(service: Service, facing: Service | None, row: Any, text: OutboundText, taken: frozenset[str]) -> None:
    """`facing`: the service as the gateway sees it that was asked to send; None when it is no longer configured, and
    only a callback can tell."""
    found: Outcome | None = None
    if facing is not None:
        try:
            found = facing.gateway.look_up(text, since=row.created_at - timedelta(minutes=1), taken=taken)
        except OSError as error:
            log.warning("look_up_failed", message=row.id, error=type(error).__name__)
            return
        except Exception as error:
            log.error("look_up_broke", message=row.id, error=type(error).__name__, exc_info=True)
            return
    if facing is not None and found is not None and (_rivalled(service, row) or _settled(facing, row, found)):
        return
    if row.attempts > MOST_LOOKS:
        _give_up(service, row)


def _rivalled(service: Service, row: Any) -> bool:
    """Whether what was found may be another text's: one with the same words to the same number that is being sent, or
    of which nobody knows either. Its own answer or a callback tells them apart, so long as one of them can wait. Then
    the older one has the older find."""
    with service.database.begin() as connection:
        alike = deliveries.alike(connection, row.id, row.phone, row.body)
    return any(
        other.state == "sending" or min(other.attempts, row.attempts) <= MOST_LOOKS or other.id < row.id
        for other in alike
    )


def _settled(service: Service, row: Any, found: Outcome) -> bool:
    """False when it could not be written down, as when another message owns that id: the others are looked up all the
    same."""
    try:
        settle(service, row, found)
    except Exception as error:
        log.error("look_up_not_noted", message=row.id, error=type(error).__name__)
        return False
    return True


def _give_up(service: Service, row: Any) -> None:
    """Not known to the gateway after several looks. It is not sent again: by now the answer is old, and a figure or
    code that may have been delivered must not go twice (law 7). Somebody hears of those."""
    with service.database.begin() as connection:
        deliveries.stop(connection, row.id, "failed", deliveries.NEVER_KNOWN)
        if row.figures or row.code_id or row.purpose == "reminder":
            tickets.raise_flag(connection, row.phone, "unsettled_text", f"message:{row.id}", service.clock())
