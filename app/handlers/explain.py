"""Why the service said what it said (X4): the last turns of a number, read back from the trace. No body is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.handlers.service import Service
from app.store import threads


@dataclass(frozen=True, slots=True)
class Explained:
    """One turn. `event`: what it began with (`heard`, `answered`, `silence`, …). `meaning` and `score` (0..1) are those
    of the reader, empty and None when nothing was read. `path`: steps entered, in order. `said`: keys of the texts.
    `notes`: why we stayed silent, what was dropped. `message`: id of our text; `state` and `reason`
    are its own, `code` the gateway's.
    """

    id: int
    at: datetime
    event: str
    meaning: str
    score: float | None
    reasons: tuple[str, ...]
    path: tuple[str, ...]
    said: tuple[str, ...]
    notes: tuple[str, ...]
    message: int | None
    state: str = ""
    reason: str = ""
    code: str = ""


def explain_phone(service: Service, phone: str, most: int = 10) -> list[Explained]:
    """The last `most` turns of a number, the newest first."""
    with service.database.begin() as connection:
        turns = threads.traces(connection, phone, most)
        sent = {row.id: row for row in threads.messages(connection, phone, most)}
    return [_explained(turn, sent) for turn in turns]


def _explained(turn: Any, sent: Mapping[int, Any]) -> Explained:
    why: Mapping[str, Any] = turn.detail
    message = why.get("message")
    row = sent.get(message) if message is not None else None
    return Explained(
        id=turn.id,
        at=turn.at,
        event=turn.event,
        meaning=why.get("meaning", ""),
        score=why.get("score"),
        reasons=tuple(why.get("reasons", ())),
        path=tuple(why.get("path", ())),
        said=tuple(why.get("said", ())),
        notes=tuple(why.get("notes", ())),
        message=message,
        state=row.state if row else "",
        reason=row.reason if row else "",
        code=(row.error_code or "") if row else "",
    )
