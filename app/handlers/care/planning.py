"""The planner: once a day all customers are asked about, and what they get is written down, each occasion once.

A batch is read in one transaction, judged with none open, and written in another together with the cursor. So whoever
dies at any moment leaves a run that goes on behind the last batch that was written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from app.care.person import Person
from app.care.programme import Decision, Programme
from app.handlers.care import deciding, switches
from app.handlers.service import Service
from app.rules.purpose import DAYBREAK
from app.store import audit, locks, occasions, plans
from app.store.database import is_passing
from app.store.occasions import NewOccasion
from app.store.plans import PlanRun

log = structlog.get_logger()

CLOCK = "clock"
HEARD = "@events"
"""The scope of a day's run that looks again at customers of whom something was heard (`planning_heard`)."""
LEASE = timedelta(minutes=2)
"""A planner that says nothing for so long is dead; a batch takes a second."""
SLICE = timedelta(seconds=5)
"""How long the care lane plans before it looks after the texts that are due."""
TRIES = 3
Tell = Callable[[PlanRun], Any]


class CannotPlan(ValueError):
    """`str()` says why: the programme is off or unknown, or the day is over."""


class Overtaken(Exception):
    """Somebody else has the run: what was reckoned for it is not written."""


def plan(
    service: Service,
    day: date,
    *,
    asked_by: str,
    scope: str = "",
    again: bool = False,
    tell: Tell = lambda _: None,
) -> PlanRun:
    """Plans the bank's `day` to its end: for all programmes that are on, or for the one in `scope`.

    The run of that day and scope goes on where somebody left it. One that is done stays so, unless `again`, or unless
    a programme was switched on since: then all customers are looked at once more, and get what they do not have yet.
    While another planner is at it, at this run or at any other, nothing happens, and the run that is returned is
    theirs and `running`. `tell` hears of every batch. Raises `CannotPlan`, and what the database raises: then the run
    is `failed`, and goes on when its lease is over.
    """
    with service.database.begin() as connection:
        anew = again or (not scope and bool(_switched_on_since(connection, day, switches.active(connection))))
    try:
        run = _take(service, day, scope, asked_by=asked_by, again=anew)
    except plans.AtWork as other:
        return other.run
    if run is not None:
        tell(run)
        return _carry_on(service, run, None, tell)
    with service.database.begin() as connection:
        known = plans.read(connection, day, scope)
    assert known is not None
    return known


def plan_daily(service: Service) -> int:
    """From the bank's daybreak on: plans today for some seconds, whoever began it; then whatever was switched on since.
    How many customers were looked at, 0 when there is nothing to do or another process does it."""
    now = service.clock()
    local = now.astimezone(service.zone)
    if local.time() < DAYBREAK:
        return 0
    # The first one and no other beside it: two runs would not see what each plans for the same customer and day.
    for scope in _open_today(service, local.date())[:1]:
        try:
            run = _take(service, local.date(), scope, asked_by=CLOCK, again=False)
        except plans.AtWork:
            return 0
        if run is not None:
            return max(1, _carry_on(service, run, now + SLICE, lambda _: None).seen - run.seen)
    return 0


def _open_today(service: Service, today: date) -> list[str]:
    """Scopes whose run of today is not done: all programmes, those that were switched on after it began, and those that
    somebody asked for."""
    with service.database.begin() as connection:
        on = switches.active(connection)
        if not on:
            return []
        known = {run.scope: run for run in plans.of_day(connection, today)}
        later = _switched_on_since(connection, today, on)
    asked = [scope for scope in known if scope in on]
    return [one for one in dict.fromkeys(("", *later, *asked)) if one not in known or known[one].state != "done"]


def _switched_on_since(connection: Connection, day: date, on: Mapping[str, Programme]) -> list[str]:
    """Of the programmes that are on, those that were not yet when the run of all of them began."""
    whole, states = plans.read(connection, day, ""), switches.states(connection)
    return [key for key in on if whole and (at := states[key].at) and at > whole.began_at]


def _take(service: Service, day: date, scope: str, *, asked_by: str, again: bool) -> PlanRun | None:
    now = service.clock()
    today = now.astimezone(service.zone).date()
    if day < today:
        raise CannotPlan(f"{day} is over; plan {today} or a later day")
    with service.database.begin() as connection:
        if scope and not switches.state(connection, scope).on:
            raise CannotPlan(f"the programme {scope} is off; switch it on with: huifu care on {scope}")
        run = plans.take(connection, day, scope, asked_by=asked_by, now=now, lease=now + LEASE, again=again)
        if run is not None and asked_by != CLOCK:
            detail = {"day": day.isoformat(), "scope": scope}
            audit.add(connection, asked_by, "plan.start", f"plan:{run.id}", now, detail=detail)
    return run


def _carry_on(service: Service, run: PlanRun, until: datetime | None, tell: Tell) -> PlanRun:
    """Batch by batch to the end, or to `until`: then nobody has the lease and the next one goes on."""
    try:
        while run.state == "running":
            after = _batch(service, run)
            if after is None:
                log.info("plan_taken_over", run=run.id)
                return run
            run = after
            tell(run)
            if until is not None and service.clock() >= until:
                return _leave(service, run, replace(run, lease_until=None))
    except KeyboardInterrupt:
        _leave(service, run, replace(run, lease_until=None))
        raise
    except Exception:
        _leave(service, run, replace(run, state="failed", lease_until=service.clock() + LEASE))
        raise
    log.info("plan_done", run=run.id, customers=run.seen, planned=run.planned)
    return run


def _leave(service: Service, run: PlanRun, left: PlanRun) -> PlanRun:
    """Nothing is lost when this cannot be written: the lease ends by itself."""
    try:
        with service.database.begin() as connection:
            plans.advance(connection, run, left)
    except Exception as error:
        log.warning("plan_not_left", run=run.id, error=type(error).__name__)
    return left


def _batch(service: Service, run: PlanRun) -> PlanRun | None:
    """The run after the next customers; None when somebody else has it. A fault that may pass is tried again."""
    for tried in range(1, TRIES + 1):
        try:
            return _next(service, run)
        except Overtaken:
            break
        except Exception as error:
            if tried == TRIES or not is_passing(error):
                raise
            log.warning("batch_tried_again", run=run.id, error=type(error).__name__)
    return None


def _next(service: Service, run: PlanRun) -> PlanRun:
    with service.database.begin() as connection:
        found = deciding.read(service, connection, run.day, switches.active(connection), run.cursor)
    new, reasons = judged(found, run)
    now = service.clock()
    after = replace(run, reasons=reasons, lease_until=now + LEASE)
    if found.people:
        after = replace(after, cursor=found.people[-1].customer_id, seen=run.seen + len(found.people))
    else:
        after = replace(after, state="done", ended_at=now, lease_until=None)
    return write(service, run, after, new)


def write(service: Service, run: PlanRun, after: PlanRun, new: Sequence[NewOccasion]) -> PlanRun:
    """Writes what is planned, and with it how far the run is: `after`, and as many more planned. Raises `Overtaken`."""
    with service.database.begin() as connection:
        locks.beside_others(connection, locks.PROGRAMMES)
        on = switches.active(connection)
        added = occasions.add(connection, [one for one in new if one.programme in on], service.clock())
        after = replace(after, planned=after.planned + added)
        if not plans.advance(connection, run, after):
            raise Overtaken
    return after


def judged(batch: deciding.Batch, run: PlanRun) -> tuple[Sequence[NewOccasion], Mapping[str, Mapping[str, int]]]:
    """What is planned for the customers of a batch, and the reasons of the run with theirs."""
    reasons = {key: dict(counted) for key, counted in run.reasons.items()}
    new = []
    for person in batch.people:
        for decision in batch.decisions(person):
            if run.scope not in ("", HEARD, decision.programme):
                continue
            if decision.reason:
                counted = reasons.setdefault(decision.programme, {})
                counted[decision.reason] = counted.get(decision.reason, 0) + 1
            else:
                new.append(_occasion(person, batch.programmes[decision.programme], decision, run.id))
    return new, reasons


def _occasion(person: Person, programme: Programme, decision: Decision, run_id: int) -> NewOccasion:
    assert decision.due_at is not None and decision.closes_at is not None
    return NewOccasion(
        programme=programme.key,
        customer_id=person.customer_id,
        phone=person.phone,
        occasion=decision.occasion,
        run_id=run_id,
        template=decision.template,
        variant=decision.variant,
        language=decision.language,
        purpose=programme.purpose,
        kind=programme.kind,
        segment=person.segment,
        priority=programme.priority,
        zone=person.zone,
        due_at=decision.due_at,
        closes_at=decision.closes_at,
    )
