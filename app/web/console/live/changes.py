"""What pages are told of a batch of events: one query for all its tickets, one rendering for each language of pages.

Nothing here is for one person: whether a row is mine, fits me or is offered to me is for the page to say.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask, render_template
from flask_babel import force_locale
from sqlalchemy import Connection

from app.store import presence, queue
from app.store.events import Kind
from app.store.presence import Looking
from app.store.queue import QueueRow
from app.web.console.languages import LOCALES
from app.web.console.words import queue_key

Paint = Callable[[QueueRow, str], str]
"""The HTML of a row in a language."""
OF_A_TICKET = ("ticket", "talk", "presence")
_rendering = threading.Lock()


@dataclass(slots=True)
class Change:
    """One message to all pages. `ticket_id`: 0 where it is about none. `row`: of kind `ticket`, None when it is in the
    queue no more. `at`: of the latest event behind it."""

    kind: Kind
    ticket_id: int
    at: datetime
    row: QueueRow | None = None
    people: tuple[Looking, ...] = ()
    _said: dict[str, str] = field(default_factory=dict)

    @property
    def about(self) -> tuple[str, int]:
        """A later change about the same makes this one worthless."""
        return (self.kind, self.ticket_id)

    def said(self, language: str, paint: Paint) -> str:
        """The message as JSON, made once for each language however many pages ask."""
        if language not in self._said:
            with _rendering:
                if language not in self._said:
                    self._said[language] = json.dumps(self._data(language, paint), ensure_ascii=False)
        return self._said[language]

    def _data(self, language: str, paint: Paint) -> dict[str, Any]:
        if self.kind == "ticket":
            return _ticket(self.ticket_id, self.row, language, paint)
        if self.kind == "presence":
            people = [{"agent": one.agent, "typing": one.typing} for one in self.people]
            return {"ticket": self.ticket_id, "people": people}
        return {"ticket": self.ticket_id} if self.kind == "talk" else {}


def _ticket(ticket_id: int, row: QueueRow | None, language: str, paint: Paint) -> dict[str, Any]:
    if row is None:
        return {"id": ticket_id, "gone": True, "key": "", "html": ""}
    return {
        "id": ticket_id,
        "gone": False,
        "key": queue_key(row),
        "html": paint(row, language),
        # What decides whether somebody is called by sound, badge and notification.
        "kind": row.kind,
        "state": row.state,
        "needs": row.team or row.topic,
        "language": row.language,
        "agent": row.agent,
        "unread": row.unread,
        "texted": _milliseconds(row.last_text_at),
        "meant_for": row.meant_for,
        "offered_until": _milliseconds(row.offered_until),
        "since": _milliseconds(row.since),
    }


def changes(connection: Connection, events: Iterable[Any], now: datetime) -> list[Change]:
    """The messages of a batch, at most one about the same thing, in the order of their last events.

    A text in the conversation changes the row too (last words), so `talk` brings both.
    """
    latest: dict[tuple[Kind, int], datetime] = {}
    for event in events:
        ticket_id = event.ticket_id or 0 if event.kind in OF_A_TICKET else 0
        for kind in ("ticket", "talk") if event.kind == "talk" and ticket_id else (event.kind,):
            if not (kind in OF_A_TICKET and not ticket_id):
                latest[(kind, ticket_id)] = max(latest.pop((kind, ticket_id), event.at), event.at)
    rows = _rows(connection, [ticket_id for kind, ticket_id in latest if kind == "ticket"])
    people = looking(connection, [ticket_id for kind, ticket_id in latest if kind == "presence"], now)
    return [
        Change(kind, ticket_id, at, rows.get(ticket_id) if kind == "ticket" else None, tuple(people.get(ticket_id, ())))
        if kind in OF_A_TICKET
        else Change(kind, ticket_id, at)
        for (kind, ticket_id), at in latest.items()
    ]


def looking(connection: Connection, tickets: Sequence[int], now: datetime) -> dict[int, list[Looking]]:
    """Who looks at these tickets, by ticket."""
    found: dict[int, list[Looking]] = {}
    for one in presence.looking(connection, tickets, now) if tickets else ():
        found.setdefault(one.ticket_id, []).append(one)
    return found


def painter(app: Flask) -> Paint:
    """Renders rows outside of any request, as nobody in particular."""
    base_url = app.extensions["huifu"].base_url

    def paint(row: QueueRow, language: str) -> str:
        with app.test_request_context(base_url=base_url), force_locale(LOCALES[language]):
            return render_template("console/queue/row.html", row=row, language=language)

    return paint


def _rows(connection: Connection, tickets: Sequence[int]) -> dict[int, QueueRow]:
    if not tickets:
        return {}
    found = queue.rows(connection, ids=tickets, most=len(tickets))
    return {row.id: row for row in found if row.state != "closed"}


def _milliseconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp() * 1000) if moment else None
