"""A programme as its pages show it: everything that its file says, in the language of who looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.care.programme import Arm, Programme
from app.handlers.care.switches import State
from app.web.console.care import programmes_said as said

STATES = ("planned", "queued", "held")


@dataclass(frozen=True, slots=True)
class Shown:
    """`counts`: what became of the texts of the last 30 days, by state; empty when there were none. `templates`: one,
    or one for each arm."""

    key: str
    title: str
    goal: str
    state: State
    occasion: str
    lasts: str
    audience: list[str]
    window: list[str]
    purpose: str
    kind: str
    templates: list[str]
    template: str
    arms: tuple[Arm, ...]
    priority: int
    second_after_hours: int
    converted_by: list[str]
    stop_at: float
    counts: Mapping[str, int]


def shown(programme: Programme, state: State, counts: Mapping[str, int]) -> Shown:
    """`counts`: number of texts by state, as `occasions.counts` gives it."""
    whole = {name: counts.get(name, 0) for name in STATES}
    whole["planned"] = sum(whole.values())  # whatever became of them, they were planned
    return Shown(
        key=programme.key,
        title=said.title(programme),
        goal=said.goal(programme),
        state=state,
        occasion=said.occasion(programme.when),
        lasts=said.lasts(programme.when),
        audience=said.audience(programme.audience),
        window=said.window(programme),
        purpose=programme.purpose,
        kind=programme.kind,
        templates=list(programme.texts),
        template=programme.template,
        arms=programme.arms,
        priority=programme.priority,
        second_after_hours=programme.second_after_hours,
        converted_by=[said.event_name(kind) for kind in programme.converted_by],
        stop_at=programme.stop_at,
        counts=whole if counts else {},
    )
