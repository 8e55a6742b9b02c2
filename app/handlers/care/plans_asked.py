"""Somebody asks for a run of the planner; the care lane carries it out, so that no page waits for it."""

from __future__ import annotations

from app.handlers.care import switches
from app.handlers.care.planning import CannotPlan
from app.handlers.service import Service
from app.store import audit, plans
from app.store.agents import Agent
from app.store.plans import PlanRun


def ask(service: Service, agent: Agent, scope: str = "", *, address: str = "") -> PlanRun | None:
    """A run of the bank's today for all programmes that are on, or for the one in `scope`; once more if it is done:
    then customers get what they do not have yet. None when a planner is at it already.

    Raises `CannotPlan` when nothing is on that could be planned, and `switches.UnknownProgramme`.
    """
    now = service.clock()
    day = now.astimezone(service.zone).date()
    with service.database.begin() as connection:
        if not (switches.state(connection, scope).on if scope else switches.active(connection)):
            raise CannotPlan(f"the programme {scope} is off" if scope else "no programme is on")
        # The lease is over at once: it is the lane's, not ours.
        run = plans.take(connection, day, scope, asked_by=agent.name, now=now, lease=now, again=True)
        if run is None:
            return None
        detail = {"day": day.isoformat(), "scope": scope}
        audit.add(connection, agent.name, "plan.start", f"plan:{run.id}", now, detail=detail, address=address)
    service.wake("care")
    return run
