"""A text must leave: claimed under the consent check, sent with no transaction open (laws 5, 7 and 9).

By the gateway, as long as it works. While it rests, a trial goes to it now and then, and the standby carries what it
may: only texts of which it is certain that they have not left, since nothing else is ever in the queue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from app.flows.code_place import CODE
from app.gateways.port import OutboundText, Unsettled
from app.handlers.budget import NO_LIMIT, Budget
from app.handlers.circuits import Leave
from app.handlers.desk.proofs import derive
from app.handlers.service import Service
from app.handlers.text_settled import Sent, settle_all
from app.rules.purpose import RULES, Purpose
from app.store import codes, deliveries, outbox

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
"""Longer than any send: a claimed row whose lease ends belongs to a process that died."""
LONGEST_SEND = timedelta(seconds=20)
"""What one request may take: ten seconds to connect, and ten for the answer."""
EVERYTHING: frozenset[Purpose] = frozenset(RULES)

Spread = Callable[[Callable[[Any], None], Iterable[Any]], None]
"""Runs a function for each row: in a row of its own, or on many threads."""
Note = Callable[[Sent], None]
"""Writes down how a send ended: at once, or soon with others."""


def one_by_one(act: Callable[[Any], None], rows: Iterable[Any]) -> None:
    for row in rows:
        act(row)


@dataclass(frozen=True, slots=True)
class Way:
    """A gateway, as the service that faces it; what may leave by it now, who pays for it, begins it and notes it."""

    facing: Service
    leave: Leave
    budget: Budget
    spread: Spread
    note: Note
    purposes: frozenset[Purpose] = EVERYTHING
    tried: int = outbox.ANY


def settle_now(sent: Sent) -> None:
    settle_all([sent])


def drain(
    service: Service,
    most: int = 50,
    spread: Spread = one_by_one,
    lanes: tuple[int, int] = (0, 2),
    budget: Budget = NO_LIMIT,
    standby_budget: Budget = NO_LIMIT,
    note: Note = settle_now,
) -> int:
    """Claims due messages within the budget and sends them. How many were claimed: 0 means there is nothing to do, or
    nothing may leave, now."""
    now = service.clock()
    leave = service.circuits.leave(service.database, service.gateway.name, now)
    # With a standby nobody's text is a trial twice: the second time it leaves.
    tried = 0 if leave.most == "one" and service.standby else outbox.ANY
    done = _by(Way(service, leave, budget, spread, note, tried=tried), most, lanes)
    if leave.most == "all":
        return done
    standby = service.facing(service.standby.name) if service.standby else None
    carried = frozenset(purpose for purpose in service.carried if lanes[0] <= RULES[purpose].lane <= lanes[1])
    if standby is not None and carried:
        leave = service.circuits.leave(service.database, standby.gateway.name, now)
        done += _by(Way(standby, leave, standby_budget, spread, note, carried), most, lanes)
    with service.database.begin() as connection:
        return done + outbox.expire(connection, now, lanes)


def _by(way: Way, most: int, lanes: tuple[int, int]) -> int:
    """What leaves by one gateway. Asked for before a row is claimed, so that none is leased in vain."""
    most = {"all": most, "one": 1, "none": 0}[way.leave.most]
    granted = way.budget.ask(most) if most else 0
    if not granted:
        return 0
    used = 0
    try:
        now = way.facing.clock()
        lease = now + LEASE
        rows, texts = _claim(way, now, lease, most, lanes, granted)
        used = sum(row.parts for row in rows if row.id in texts)
    finally:
        way.budget.settle(granted, used)
    way.spread(lambda row: send_one(way, row, texts[row.id], lease), [row for row in rows if row.id in texts])
    return len(rows)


def _claim(
    way: Way, now: datetime, lease: datetime, most: int, lanes: tuple[int, int], parts: int
) -> tuple[list[Any], dict[int, OutboundText]]:
    service, trial = way.facing, way.leave.most == "one"
    with service.database.begin() as connection:
        if trial and not service.circuits.may_try(connection, service.gateway.name, now):
            return [], {}
        rows = outbox.claim(connection, now, lease, most, lanes, parts, service.gateway.name, way.purposes, way.tried)
        texts = {row.id: text_of(service, connection, row) for row in rows if row.state == "sending"}
        if trial and texts:
            service.circuits.trial_leaves(connection, service.gateway.name, now)
    return rows, texts


def send_one(way: Way, row: Any, text: OutboundText, lease: datetime) -> None:
    """One request to the gateway, and what it led to. A fault of our own leaves the row to its lease."""
    service = way.facing
    now = service.clock()
    if now >= min(lease - LONGEST_SEND, row.expires_at):
        # We stood still since the claim, and the request might end after the lease, when others take us for dead. It
        # certainly has not left: it is claimed again under what has come meanwhile, a refusal or the end of a proof.
        log.error("send_too_late", message=row.id)
        with service.database.begin() as connection:
            deliveries.put_back(connection, row.id)
        return
    if service.circuits.withdrawn(service.gateway.name, way.leave):
        with service.database.begin() as connection:
            deliveries.put_back(connection, row.id)
        return
    try:
        outcome = service.gateway.send(replace(text, validity=_validity(row, now)))
    except Exception as error:
        log.error("send_broke", message=row.id, error=type(error).__name__, exc_info=True)
        outcome = Unsettled(type(error).__name__)
    service.circuits.heard(service.database, service.gateway.name, way.leave, outcome, service.clock())
    try:
        way.note(Sent(service, row, outcome))
    except Exception as error:
        # The others were claimed with it: they must leave now, or nobody ever sends them.
        log.error("send_not_noted", message=row.id, error=type(error).__name__, exc_info=True)


def text_of(service: Service, connection: Any, row: Any) -> OutboundText:
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
