"""How a send ended, written down: nothing is ever sent again unless the gateway surely did not send it (law 7)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from app.gateways.port import Accepted, Cause, Outcome, Refused
from app.handlers.receipt_came import adopt_orphans, heed
from app.handlers.service import Service
from app.store import deliveries, outbox, tickets

log = structlog.get_logger()

LOOK_AFTER = timedelta(seconds=45)
FIRST_RETRY = timedelta(seconds=2)
LONGEST_RETRY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Sent:
    """`facing`: the service as the gateway that was asked sees it (`Service.facing`)."""

    facing: Service
    row: Any
    outcome: Outcome


def settle_all(batch: Sequence[Sent]) -> None:
    """Writes down how sends ended; at least one, all of one database. Those that were accepted, nearly all, share a
    transaction. Every other one, and every one if that fails, has its own: what cannot be noted holds up no other.

    Raises what went wrong with the last one that could not be noted: it stays with its lease and is looked up.
    """
    taken = [sent for sent in batch if isinstance(sent.outcome, Accepted)]
    single = [sent for sent in batch if not isinstance(sent.outcome, Accepted)]
    fault: Exception | None = None
    if len(taken) > 1:
        try:
            single += _settle_taken(taken)
        except Exception as error:
            log.warning("sends_noted_one_by_one", error=type(error).__name__, exc_info=True)
            single += taken
    else:
        single += taken
    for sent in single:
        try:
            settle(sent.facing, sent.row, sent.outcome)
        except Exception as error:
            log.error("send_not_noted", message=sent.row.id, error=type(error).__name__)
            fault = error
    if fault is not None:
        raise fault


def _settle_taken(taken: Sequence[Sent]) -> list[Sent]:
    """In one transaction, rows in one order. Gives those that need another one: receipts were there before them."""
    service = taken[0].facing
    now = service.clock()
    left: list[Sent] = []
    with service.database.begin() as connection:
        for sent in sorted(taken, key=lambda sent: int(sent.row.id)):
            name, outcome = sent.facing.gateway.name, sent.outcome
            assert isinstance(outcome, Accepted)
            if not deliveries.taken(connection, sent.row.id, name, outcome.gateway_id, int(outcome.status), now):
                left.append(sent)
        ids = [sent.outcome.gateway_id for sent in taken if isinstance(sent.outcome, Accepted)]
        early = deliveries.with_orphans(connection, ids)
        phones = {sent.row.phone for sent in taken}
        told = tickets.talks_went_on(connection, phones, now)
        more = outbox.any_queued(connection, phones)
    _wake(service, told=told, more=more)
    return left + [sent for sent in taken if sent not in left and sent.outcome.gateway_id in early]  # type: ignore[union-attr]


def settle(service: Service, row: Any, outcome: Outcome) -> None:
    """Writes down how one send ended. `service`: as the gateway that was asked sees it."""
    now = service.clock()
    with service.database.begin() as connection:
        if isinstance(outcome, Accepted):
            # What the customer said since answers it, however late we hear that it was taken. Their clock may be wrong.
            at = max(row.created_at, min(now, outcome.at or now))
            deliveries.hand_over(connection, row.id, service.gateway.name, outcome.gateway_id, at)
            deliveries.raise_status(connection, row.id, int(outcome.status), None, now)
            adopt_orphans(service, connection, row, outcome.gateway_id)
        elif isinstance(outcome, Refused):
            _refused(service, connection, row, outcome)
        else:
            deliveries.leave_open(connection, row.id, now + LOOK_AFTER, outcome.reason[:80])
        told = tickets.talk_went_on(connection, row.phone, now)
        more = outbox.any_queued(connection, {row.phone})
    _wake(service, told=told, more=more)


def _wake(service: Service, *, told: bool, more: bool) -> None:
    if told:
        service.wake("console")
    if more:
        service.wake("outbox")  # the next text of this number may leave now


def _refused(service: Service, connection: Any, row: Any, refused: Refused) -> None:
    now = service.clock()
    wait = min(LONGEST_RETRY, FIRST_RETRY * 2 ** (row.attempts - 1)) * random.uniform(0.75, 1.25)
    if refused.retry and now + wait < row.expires_at:
        deliveries.try_later(connection, row.id, now + wait, refused.cause.value)
        return
    deliveries.stop(connection, row.id, "failed", refused.cause.value, refused.code)
    heed(service, connection, row, refused.code)
    if refused.cause in {Cause.CONFIG, Cause.OUR_FAULT}:
        log.error("gateway_refuses_us", message=row.id, code=refused.code, cause=refused.cause.value)
