"""A desk that works: `huifu run` with demo customers and demo people, whatever the hour of the real clock."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from app.handlers.demo_agents import DEMO_PASSWORD
from app.store import events, options, tables
from app.store.database import Database
from tests.browser import patience
from tests.servers.service import Service, running_service

PASSWORD = DEMO_PASSWORD
AGENT, COLLEAGUE, SUPERVISOR, OPERATOR, AUDITOR = "小李", "小陈", "张主管", "运营", "审计"
ROLES = {AGENT: "agent", COLLEAGUE: "agent", SUPERVISOR: "supervisor", OPERATOR: "operator", AUDITOR: "auditor"}
BEFORE = (("migrate",), ("demo-data",))


def midday(now: datetime) -> dict[str, str]:
    """Settings of a bank that lies where it is about eleven now: people are there, and it is not night soon."""
    ahead = 11 - now.astimezone(UTC).hour
    return {"TIMEZONE": f"Etc/GMT{-ahead:+d}" if ahead else "UTC", "WORKING_HOURS": "00:00-23:59"}


class Desk:
    """`url` of the running service, and its rows."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.url = service.url
        self.database = Database(f"sqlite:///{service.folder}/huifu.db", threads=4)

    def close(self) -> None:
        self.database.close()

    # ---- customers ------------------------------------------------------------------------------------------

    def text(self, phone: str, *bodies: str) -> None:
        """The customer's texts, sent at one moment."""
        body = json.dumps({"phone": phone, "bodies": bodies}).encode()
        asked = urllib.request.Request(
            f"{self.url}/phone/api/texts", body, {"Content-Type": "application/json"}, method="POST"
        )
        with _opener().open(asked, timeout=patience.SECONDS) as answer:
            assert answer.status == 202

    def handset(self, phone: str) -> list[str]:
        """What the customer has read so far from the bank."""
        asked = f"{self.url}/phone/api/texts?{urllib.parse.urlencode({'phone': phone})}"
        with _opener().open(asked, timeout=patience.SECONDS) as answer:
            texts = json.load(answer)["texts"]
        return [text["body"] for text in texts if text["ours"] and text["arrived"]]

    def reads(self, phone: str, part: str, after: int = 0) -> str:
        """The first text with these words in it, once it has arrived; `after` so many texts."""
        found = until(lambda: next((body for body in self.handset(phone)[after:] if part in body), ""))
        assert found, f"no {part!r} in {self.handset(phone)}"
        return found

    def say(self, phone: str, body: str) -> str:
        """A text, and the bank's next one."""
        before = len(self.handset(phone))
        self.text(phone, body)
        return self.reads(phone, "", before)

    # ---- rows -----------------------------------------------------------------------------------------------

    def rows(self, table: type[tables.Base], **where: Any) -> list[Any]:
        columns = table.__table__.columns
        chosen = select(*columns).where(*(columns[name] == value for name, value in where.items()))
        with self.database.begin() as connection:
            return list(connection.execute(chosen.order_by(*table.__table__.primary_key)))

    def change(self, table: type[tables.Base], where: Mapping[str, Any], **values: Any) -> None:
        columns = table.__table__.columns
        with self.database.begin() as connection:
            found = (columns[name] == value for name, value in where.items())
            connection.execute(update(table).where(*found).values(**values))

    def set_option(self, name: str, value: Mapping[str, Any]) -> None:
        with self.database.begin() as connection:
            options.write(connection, name, value, SUPERVISOR, datetime.now(UTC))

    def stays(self, name: str) -> None:
        """However long the machine takes from one page to the next: they are not taken for gone."""
        self.change(tables.Agent, {"name": name}, alive_until=datetime.now(UTC) + timedelta(days=1))

    def waiting(self, phones: Sequence[str], **values: Any) -> list[int]:
        """Customers wait, as another process would write it; the ids of their tickets."""
        now = datetime.now(UTC)
        given = {"kind": "talk", "topic": "human", "state": "waiting", "language": "zh-CN", "opened_at": now}
        given |= {"asked_at": now, "waiting_since": now, **values}
        with self.database.begin() as connection:
            made = insert(tables.Ticket).returning(tables.Ticket.id)
            ids = [int(connection.execute(made.values(phone=phone, **given)).scalar_one()) for phone in phones]
            for ticket in ids:
                events.tell(connection, "ticket", now, ticket)
        return ids

    def ticket(self, phone: str) -> Any:
        """The number's open conversation, once there is one."""

        def found() -> Any:
            return next((row for row in self.rows(tables.Ticket, phone=phone) if row.state != "closed"), None)

        row = until(found)
        assert row is not None, f"no open ticket of {phone}"
        return row


def until(find: Callable[[], Any], seconds: float = patience.SECONDS) -> Any:
    """Asks another process again and again, until it gives something: there is no clock to move. The last answer."""
    deadline = time.monotonic() + seconds
    while not (found := find()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@contextmanager
def running_desk(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Desk]:
    """The service is ended when the block is left."""
    now = datetime.now(UTC)
    with running_service(folder, {**midday(now), **(settings or {})}, before=BEFORE) as service:
        desk = Desk(service)
        desk.set_option("closures", always_open(now))
        try:
            yield desk
        finally:
            desk.close()


def always_open(now: datetime) -> dict[str, Any]:
    """The option `closures` by which people are there in these days, weekends and holidays too."""
    days = ((now + timedelta(days=ahead)).date().isoformat() for ahead in range(-1, 3))
    return {"days": [{"day": day, "periods": ["00:00-23:59"], "note": ""} for day in days]}


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))
