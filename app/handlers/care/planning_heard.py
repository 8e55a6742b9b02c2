"""Customers of whom something is heard after the day was planned are asked about again: a loan that is approved at
eleven has its text in the afternoon."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection

from app.handlers.care import deciding, switches
from app.handlers.care.planning import CLOCK, HEARD, LEASE, Overtaken, judged, write
from app.handlers.service import Service
from app.store import customer_events, plans
from app.store.plans import PlanRun

SETTLES = timedelta(seconds=10)
"""An event may be committed behind others with higher ids: so long it is waited for. One that comes later still is
found by tomorrow's run, which looks at everybody."""


def plan_heard(service: Service) -> int:
    """Once today's run is done: plans the next customers with events that came since it began, as it would have. How
    many events were looked at; 0 when there are none, or another process plans."""
    now = service.clock()
    today = now.astimezone(service.zone).date()
    with service.database.begin() as connection:
        known = plans.read(connection, today, HEARD)
        seen = _seen(connection, today, known)
        if seen is None or not customer_events.heard_after(connection, seen, now - SETTLES, 1):
            return 0
        try:
            run = plans.take(connection, today, HEARD, asked_by=CLOCK, now=now, lease=now + LEASE, again=True)
        except plans.AtWork:
            return 0
    return _plan(service, run, known or run, seen) if run is not None else 0


def _seen(connection: Connection, today: date, known: PlanRun | None) -> int | None:
    """The last event that was looked at; None while everybody is looked at anyway."""
    whole = plans.read(connection, today, "")
    if whole is None or whole.state != "done":
        return None
    if known is not None and known.cursor:
        return int(known.cursor)
    return customer_events.last_before(connection, whole.began_at)


def _plan(service: Service, run: PlanRun, before: PlanRun, seen: int) -> int:
    """`before`: the run as it was when it was taken, whose counts go on."""
    now = service.clock()
    with service.database.begin() as connection:
        programmes = switches.active(connection)
        events = customer_events.heard_after(connection, seen, now - SETTLES, service.customers_at_once)
        kinds = {one.when.event for one in programmes.values() if one.when.event}
        customers = {event.customer_id for event in events if event.kind in kinds}
        found = deciding.read_those(service, connection, run.day, programmes, customers)
    new, reasons = judged(found, replace(run, reasons=before.reasons))
    after = replace(
        run,
        cursor=str(events[-1].id) if events else str(seen),
        seen=before.seen + len(found.people),
        planned=before.planned,
        reasons=reasons,
        state="done",
        ended_at=now,
        lease_until=None,
    )
    try:
        write(service, run, after, new)
    except Overtaken:
        return 0
    return len(events)
