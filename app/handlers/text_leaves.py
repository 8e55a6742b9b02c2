"""A text must leave: claimed under the consent check, sent with no transaction open, settled (laws 5, 7 and 9)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from app.flows.texts.form import CODE
from app.gateways.port import Accepted, Cause, OutboundText, Outcome, Refused, Unsettled
from app.handlers.budget import NO_LIMIT, Budget
from app.handlers.desk.proofs import derive
from app.handlers.receipt_came import adopt_orphans, heed
from app.handlers.service import Service
from app.store import codes, deliveries, outbox, tickets

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
"""Longer than any send: a claimed row whose lease ends belongs to a process that died."""
LOOK_AFTER = timedelta(seconds=45)
MOST_LOOKS = 4
LOOK_BACK = timedelta(minutes=10)
FIRST_RETRY = timedelta(seconds=2)
LONGEST_RETRY = timedelta(minutes=2)

Spread = Callable[[Callable[[Any], None], Iterable[Any]], None]
"""Runs a function for each row: in a row of its own, or on many threads."""


def one_by_one(act: Callable[[Any], None], rows: Iterable[Any]) -> None:
    for row in rows:
        act(row)


def drain(
    service: Service,
    most: int = 50,
    spread: Spread = one_by_one,
    lanes: tuple[int, int] = (0, 2),
    budget: Budget = NO_LIMIT,
) -> int:
    """Claims due messages within the budget and sends them. How many were claimed: 0 means there is nothing to do, or
    nothing may leave, now."""
    granted = budget.ask(most)
    if not granted:
        return 0
    used = 0
    try:
        now = service.clock()
        lease = now + LEASE
        with service.database.begin() as connection:
            rows = outbox.claim(connection, now, lease, most, lanes, granted)
            texts = {row.id: _text(service, connection, row) for row in rows if row.state == "sending"}
        used = sum(row.parts for row in rows if row.id in texts)
    finally:
        budget.settle(granted, used)
    spread(lambda row: send_one(service, row, texts[row.id], lease), [row for row in rows if row.id in texts])
    return len(rows)


def send_one(service: Service, row: Any, text: OutboundText, lease: datetime) -> None:
    """One request to the gateway, and what it led to. A fault of our own leaves the row to its lease."""
    now = service.clock()
    if now >= min(lease, row.expires_at):
        # We stood still since the claim: others take us for dead, and a refusal or the end of a proof may have come.
        log.error("send_too_late", message=row.id)
        return
    try:
        outcome = service.gateway.send(replace(text, validity=_validity(row, now)))
    except Exception as error:
        log.error("send_broke", message=row.id, error=type(error).__name__, exc_info=True)
        outcome = Unsettled(type(error).__name__)
    try:
        settle(service, row, outcome)
    except Exception as error:
        # The others were claimed with it: they must leave now, or nobody ever sends them.
        log.error("send_not_noted", message=row.id, error=type(error).__name__, exc_info=True)


def settle(service: Service, row: Any, outcome: Outcome) -> None:
    """Writes down how a send ended. Nothing is ever sent again from here unless the gateway surely did not send it."""
    now = service.clock()
    with service.database.begin() as connection:
        if isinstance(outcome, Accepted):
            deliveries.hand_over(connection, row.id, service.gateway.name, outcome.gateway_id, now)
            deliveries.raise_status(connection, row.id, int(outcome.status), None, now)
            adopt_orphans(service, connection, row, outcome.gateway_id)
        elif isinstance(outcome, Refused):
            _refused(service, connection, row, outcome)
        else:
            deliveries.leave_open(connection, row.id, now + LOOK_AFTER, outcome.reason[:80])
        told = tickets.talk_went_on(connection, row.phone, now)
    if told:
        service.wake("console")
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


def look_up_open(service: Service, most: int = 20) -> int:
    """Asks the gateway about sends that nobody knows the outcome of. How many were due."""
    now = service.clock()
    with service.database.begin() as connection:
        rows = deliveries.claim_open(connection, now, now + LOOK_AFTER, most)
        texts = {row.id: _text(service, connection, row) for row in rows}
        taken = {row.id: deliveries.owned_ids(connection, row.phone, row.created_at - LOOK_BACK) for row in rows}
    for row in rows:
        _look_up(service, row, texts[row.id], taken[row.id])
    return len(rows)


def _look_up(service: Service, row: Any, text: OutboundText, taken: frozenset[str]) -> None:
    try:
        found = service.gateway.look_up(text, since=row.created_at - timedelta(minutes=1), taken=taken)
    except OSError as error:
        log.warning("look_up_failed", message=row.id, error=type(error).__name__)
        return
    except Exception as error:
        log.error("look_up_broke", message=row.id, error=type(error).__name__, exc_info=True)
        return
    if found is not None and _settled(service, row, found):
        return
    if row.attempts > MOST_LOOKS:
        _give_up(service, row)


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


def _text(service: Service, connection: Any, row: Any) -> OutboundText:
    """The text as it leaves: only here does the one-time code stand in it."""
    body = row.body
    if row.code_id:
        code = codes.by_id(connection, row.code_id)
        body = body.replace(CODE, derive(service.secret, code.nonce, code.digits))
    return OutboundText(
        message_id=row.id,
        to=row.phone,
        body=body,
        validity=_validity(row, service.clock()),
        status_url=f"{service.base_url}/webhooks/{service.gateway.name}/status/{row.id}",
    )


def _validity(row: Any, now: datetime) -> timedelta:
    left: timedelta = row.expires_at - now
    return max(timedelta(seconds=1), left)
