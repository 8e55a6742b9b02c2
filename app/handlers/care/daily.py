"""What the care lane does: plans the day, lets go what is due, and stops what annoys."""

from __future__ import annotations

from app.handlers.care.leaving import let_go
from app.handlers.care.planning import plan_daily
from app.handlers.care.planning_heard import plan_heard
from app.handlers.care.stops import stop_if_refused
from app.handlers.service import Service


def look_after_programmes(service: Service) -> int:
    """How much was done; 0 when nothing is due."""
    return len(stop_if_refused(service)) + (plan_daily(service) or plan_heard(service)) + let_go(service)
