"""A desk with a week behind it, served by `huifu run` as if it had been lived: what pages look like in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from app.store import tables
from tests.browser.console.desk import AGENT, COLLEAGUE, SUPERVISOR, Desk, midday
from tests.browser.console.play import KEY, WAITING, WANG, ZHANG, Play
from tests.servers.service import running_service


@dataclass(slots=True)
class Week:
    """A desk that runs on what was played. `talk`: 小李's conversation with a long history."""

    desk: Desk
    talk: int

    def ids(self) -> dict[str, int]:
        """Tickets to look at: 小李's own, one that waits, a flag, and a colleague's."""
        rows = self.desk.rows(tables.Ticket)
        flags = [row.id for row in rows if row.kind == "flag" and row.state == "waiting"]
        theirs = [row.id for row in rows if row.kind == "talk" and row.agent == COLLEAGUE and row.state == "claimed"]
        return {"talk": self.talk, "waiting": self.desk.ticket(ZHANG).id, "flag": flags[0], "theirs": theirs[0]}

    def freshen(self) -> None:
        """Those who wait have waited just as long as the pictures say, and nobody is in a call."""
        now = datetime.now(UTC)
        self.desk.change(tables.Call, {"outcome": ""}, outcome="lost", ended_at=now)
        self.desk.change(tables.Callback, {"state": "booked"}, agent="")
        for phone, (seconds, _texts) in WAITING.items():
            since = now - timedelta(seconds=seconds)
            where = {"phone": phone, "state": "waiting", "kind": "talk"}
            self.desk.change(tables.Ticket, where, opened_at=since, asked_at=since, waiting_since=since)
        for name in (AGENT, COLLEAGUE, SUPERVISOR):
            self.desk.change(tables.Agent, {"name": name}, alive_until=now + timedelta(days=1))


@contextmanager
def running_week(folder: Path, *, talks: int = 9, settings: Mapping[str, str] | None = None) -> Iterator[Week]:
    """Plays a week with so many talks a day, and then runs the service on it."""
    now = datetime.now(UTC)
    place = midday(now)["TIMEZONE"]
    play = Play(f"sqlite:///{folder}/huifu.db", now, ZoneInfo(place), talks)
    try:
        play.week()
    finally:
        play.rig.close()
    given = {"TIMEZONE": place, "SECRET_KEY": KEY, **(settings or {})}
    with running_service(folder, given, before=()) as service:
        desk = Desk(service)
        week = Week(desk, desk.ticket(WANG).id)
        week.freshen()
        try:
            yield week
        finally:
            desk.close()
