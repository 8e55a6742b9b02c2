"""What `/api/v1/events` answers."""

from __future__ import annotations

from pydantic import BaseModel, Field

from app.handlers.care.events import What
from app.web.api.problems import Problem


class Told(BaseModel):
    """What became of one event."""

    index: int = Field(description="Its place in the request, from 0.")
    key: str | None
    outcome: What = Field(
        description="taken: kept now. known: was kept before, with the same content. conflict: the key belongs to "
        "another event. refused: cannot be kept."
    )
    reasons: list[str]


class Result(BaseModel):
    """How many, and each event in the order of the request."""

    taken: int
    known: int
    conflict: int
    refused: int
    events: list[Told]


class EventsProblem(Problem):
    """None of the events was kept."""

    events: list[Told] = Field(default_factory=list)
