"""Planned texts are let go: as many as the sender and the agents can take, each judged anew, a batch whole or not.

Rows are locked first, then conversations in the order of their numbers, as everywhere (`store/occasions.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from app.care.menu import to_row
from app.care.pacing import Allowance, Stream, allowance
from app.handlers.care import switches
from app.handlers.care.companions import confirm
from app.handlers.care.judged import Held, Judge, PutOff, Ready
from app.handlers.care.pace import desk, streams_of
from app.handlers.care.second import second_of
from app.handlers.sender_told import sending
from app.handlers.service import Service
from app.store import conversations, leaving, locks, occasions, outbox
from app.store.occasions import NewOccasion

log = structlog.get_logger()

Streams = Mapping[str, Stream]
"""The programmes that may send, by key, the highest priority first."""

BATCH = 25
"""Numbers whose conversations are held at a time: their own texts wait meanwhile."""
BATCHES = 8
"""In one call: then agents and the gateway are looked at again."""
FAULT = timedelta(minutes=10)
"""After which a text that broke on a fault of ours is tried again."""


def let_go(service: Service) -> int:
    """Queues what is due and may leave. How many planned texts were dealt with: queued, held or put off; 0 means that
    none is due, or that none may leave now."""
    done, keys = _over(service)
    if not keys:
        return done
    found = sending(service)
    if found.bulk:  # the gateway rests, answers are behind, or the outbox is as long as it may be
        return done
    with service.database.begin() as connection:
        streams = streams_of(service, connection, switches.active(connection), keys)
        allowed = allowance(found.room, desk(service, connection), list(streams.values()))
    due = {key: stream for key, stream in streams.items() if key in keys}
    for _ in range(BATCHES):
        passed = _batch(service, due, allowed)
        if not passed:
            break
        done += passed
    return done


def _over(service: Service) -> tuple[int, Collection[str]]:
    """What will never leave is held, whether or not anything else may leave: how many, and which programmes that are on
    have texts that are due."""
    now = service.clock()
    with service.database.begin() as connection:
        keys = leaving.programmes(connection, now)
        if not keys:
            return 0, ()
        locks.beside_others(connection, locks.PROGRAMMES)
        active = switches.active(connection)
        held = 0
        for key in keys:
            if key in active:
                held += leaving.hold_stale(connection, key, now)
            else:
                held += leaving.hold_stopped(connection, key)
    return held, [key for key in keys if key in active]


def _batch(service: Service, streams: Streams, allowed: Allowance) -> int:
    """The next texts by priority, in one transaction. When it breaks, each of them in one of its own: a fault of one
    customer's rows holds nobody else up."""
    picked: list[tuple[str, int]] = []
    try:
        with service.database.begin() as connection:
            rows = _pick(service, connection, streams, allowed)
            picked.extend((row.programme, row.id) for row in rows)
            done = _release(service, connection, rows, streams, allowed)
    except Exception as error:
        if not picked:
            raise
        log.error("care_batch_broke", occasions=len(picked), error=type(error).__name__, exc_info=True)
        done = sum(_alone(service, streams[key], occasion_id, allowed) for key, occasion_id in picked)
    if done:
        service.wake("bulk")
    return done


def _pick(service: Service, connection: Connection, streams: Streams, allowed: Allowance) -> Sequence[Any]:
    """Nobody switches a programme off from here on, and nobody else has these rows."""
    now = service.clock()
    locks.beside_others(connection, locks.PROGRAMMES)
    rows: list[Any] = []
    for key, stream in streams.items():
        most = min(BATCH - len(rows), allowed.texts(stream))
        if most > 0:
            rows.extend(leaving.due(connection, key, now, int(most)))
    return rows


def _release(
    service: Service, connection: Connection, rows: Sequence[Any], streams: Streams, allowed: Allowance
) -> int:
    """Judges rows that are locked, the highest priority first; those for which there is no room any more stay. How many
    were dealt with."""
    if not rows:
        return 0
    now = service.clock()
    phones = {row.phone for row in rows}
    # A customer's texts to two numbers of theirs count together: whoever lets one go holds both.
    theirs, ever = leaving.numbers(connection, {row.customer_id for row in rows})
    talks = conversations.hold_all(connection, phones | theirs, service.language, now)
    judge = Judge.of(service, connection, now, rows, phones | ever)
    done = 0
    seconds: list[NewOccasion] = []
    for row in rows:
        verdict = judge.judge(row, talks[row.phone])
        if isinstance(verdict, Held):
            occasions.held(connection, [row.id], verdict.reason)
        elif isinstance(verdict, PutOff):
            occasions.postponed(connection, row.id, verdict.until, verdict.reason, verdict.closes_at)
        elif allowed.spend(streams[row.programme], verdict.message.parts):
            _queue(connection, row, verdict, judge)
            seconds.extend(second_of(judge, row, verdict))
        else:
            continue
        done += 1
    occasions.add(connection, seconds, now)
    return done


def _queue(connection: Connection, row: Any, ready: Ready, judge: Judge) -> None:
    if (row.purpose, row.kind) != (ready.template.purpose, ready.template.kind):
        leaving.is_now(connection, row.id, ready.template.purpose, ready.template.kind)
    message_id = outbox.queue(connection, ready.message, judge.now)
    menu = to_row(ready.template.replies)
    occasions.queued(connection, row.id, message_id, ready.template.version, menu, judge.now)
    confirm(judge.service, connection, row, ready.template, message_id, ready.message.expires_at)
    judge.queued(row, ready.template.kind)


def _alone(service: Service, stream: Stream, occasion_id: int, allowed: Allowance) -> int:
    now = service.clock()
    try:
        with service.database.begin() as connection:
            locks.beside_others(connection, locks.PROGRAMMES)
            rows = leaving.due(connection, stream.programme, now, 1, [occasion_id])
            return _release(service, connection, rows, {stream.programme: stream}, allowed)
    except Exception as error:
        log.error("care_text_broke", occasion=occasion_id, error=type(error).__name__, exc_info=True)
    with service.database.begin() as connection:
        for row in leaving.due(connection, stream.programme, now, 1, [occasion_id]):
            occasions.postponed(connection, row.id, now + FAULT, "")
    return 0
