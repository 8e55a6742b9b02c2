"""Open pages in the tests: what a stream says, read event by event, from threads that really run."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event, insert
from werkzeug.test import TestResponse

from app.store import events, tables
from app.web.console.live import stream
from app.web.console.live.stream import Live
from app.worker.wakes import Wakes
from tests.console.conftest import Seat
from tests.rig import Rig

PHONE = "+8613800138000"


@dataclass(frozen=True)
class Said:
    """One event of a stream. `id` is empty where the stream gave none."""

    name: str
    data: Any
    id: str = ""


class Stream:
    """A page's stream; `next()` blocks until something comes. Comments are counted, not given."""

    def __init__(self, answer: TestResponse) -> None:
        self.answer = answer
        self.comments = 0
        self.retry = 0
        self.last_id = ""
        self._events = self._read()

    def next(self, *, besides: tuple[str, ...] = ("ping",)) -> Said:
        for said in self._events:
            if said.name not in besides:
                return said
        raise EOFError("the stream has ended")

    def until(self, name: str) -> Said:
        while (said := self.next(besides=())).name != name:
            pass
        return said

    def ended(self) -> bool:
        """Reads on to the end; never returns when there is none."""
        for _ in self._events:
            pass
        return True

    def close(self) -> None:
        self.answer.close()

    def _read(self) -> Iterator[Said]:
        for chunk in self.answer.response:
            text = chunk.decode() if isinstance(chunk, bytes) else chunk
            assert text.endswith("\n\n")
            for block in text[:-2].split("\n\n"):
                fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
                self.comments += block.startswith(":")
                self.retry = int(fields.get("retry", self.retry))
                self.last_id = fields.get("id", self.last_id)
                if "data" in fields:
                    yield Said(fields.get("event", "message"), json.loads(fields["data"]), fields.get("id", ""))


def open_stream(seat: Seat, *, last_id: str = "", **query: Any) -> Stream:
    """Sends the request and reads the greeting. Fails when no stream is given."""
    answer = ask_for_stream(seat, last_id=last_id, **query)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    stream = Stream(answer)
    assert stream.next().name == "hello"
    return stream


def ask_for_stream(seat: Seat, *, last_id: str = "", **query: Any) -> TestResponse:
    headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last_id} if last_id else {})}
    return seat.get("/console/events", query_string=query, headers=headers, buffered=False)


def go_live(rig: Rig, *, pages: int = 8, sweep: float = 0.02, ping: float = 600, comment: float = 600) -> Live:
    """Sets the pages up anew, with a feed that looks without being told; before the rig's first request."""
    wakes = Wakes()
    made = stream.set_up(rig.app, lambda seconds: wakes.wait("console", min(seconds, sweep)), lambda: sweep, pages)
    rig.app.extensions["huifu_live"] = dataclasses.replace(made, ping=ping, comment=comment)
    return made


def add_ticket(rig: Rig, phone: str = PHONE, **values: Any) -> int:
    """A waiting talk, without an event."""
    row = {"phone": phone, "kind": "talk", "topic": "human", "state": "waiting", "opened_at": rig.clock(), **values}
    with rig.service.database.begin() as connection:
        statement = insert(tables.Ticket).values(row).returning(tables.Ticket.id)
        return int(connection.execute(statement).scalar_one())


def tell(rig: Rig, kind: events.Kind, ticket_id: int | None = None, at: datetime | None = None) -> None:
    with rig.service.database.begin() as connection:
        events.tell(connection, kind, at or rig.clock(), ticket_id)


def milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


@contextmanager
def statements(rig: Rig) -> Iterator[list[str]]:
    """Every statement that this process executes meanwhile."""
    seen: list[str] = []

    def executed(_: Any, __: Any, statement: str, *___: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(rig.service.database.engine, "before_cursor_execute", executed)
    yield seen
    event.remove(rig.service.database.engine, "before_cursor_execute", executed)
