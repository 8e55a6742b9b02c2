"""Which agent a waiting conversation is offered to: the one who fits and has been idle longest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.rules.urgency import GRAVE

SKILLS = (
    "human", "complaint", "hardship", "repayment", "early_repayment", "quota", "callback", "application", "closing",
    "locked", "check", "unclear", "fraud", "wrong_person",
)  # fmt: skip
"""Topics that somebody can be good at; people who have none of them take everything."""


@dataclass(frozen=True, slots=True)
class Ready:
    """An agent who is there, available and below the limit by `room`. Empty skills or languages fit everything."""

    name: str
    skills: frozenset[str]
    languages: frozenset[str]
    idle_since: datetime | None
    room: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation that waits. `needs`: the skill, its topic or the team that it was handed on to. `passed_by`: who
    let the last offer run out, asked again only when nobody else fits."""

    ticket: int
    needs: str
    language: str
    passed_by: Collection[str] = ()


def fits(agent: Ready, waiting: Waiting) -> bool:
    """Whether an agent can serve a conversation at all."""
    able = not agent.skills or waiting.needs in agent.skills | GRAVE
    speaks = not agent.languages or not waiting.language or waiting.language in agent.languages
    return able and speaks


def offers(waiting: Sequence[Waiting], ready: Sequence[Ready]) -> list[tuple[int, str]]:
    """Ticket and agent of every offer to make now. `waiting` comes in the order of service; nobody gets more offers at
    once than they have room for."""
    room = {agent.name: agent.room for agent in ready}
    made: list[tuple[int, str]] = []
    for one in waiting:
        able = [agent for agent in ready if room[agent.name] > 0 and fits(agent, one)]
        fresh = [agent for agent in able if agent.name not in one.passed_by] or able
        if not fresh:
            continue
        # Who has not had a conversation yet has been idle longest of all; among equals, who holds least.
        chosen = min(fresh, key=lambda agent: (agent.idle_since is not None, agent.idle_since, -room[agent.name]))
        room[chosen.name] -= 1
        made.append((one.ticket, chosen.name))
    return made
