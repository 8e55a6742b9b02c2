"""What the measured pages look at: customers who wait, people who look, and a change of one ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, update

from app import create_app
from app.bench import databases, script
from app.config import load_settings
from app.handlers.accounts.standing import standing
from app.store import agents, events, tables
from app.store.database import Database
from app.web.console.doors import new_session

PATH = "/bench/change"
WORDS = ("我要还款，怎么操作", "I cannot repay this month, can somebody call me?", "转人工")


@dataclass(frozen=True, slots=True)
class Seat:
    """A signed-in browser: its cookie, and the token that its changes carry."""

    cookie: str
    token: str


def add_waiting(url: str, tickets: int) -> list[int]:
    """Customers with a ticket each, who have texted and wait; the tickets' ids."""
    now = datetime.now(UTC)
    databases.add_customers(url, range(1, tickets + 1))
    database = Database(url, threads=1)
    try:
        with database.begin() as connection:
            connection.execute(insert(tables.Inbound), [_text(number, now) for number in range(1, tickets + 1)])
            rows = [_ticket(number, now - timedelta(seconds=number)) for number in range(1, tickets + 1)]
            made = connection.execute(insert(tables.Ticket).returning(tables.Ticket.id), rows)
            return list(made.scalars())
    finally:
        database.close()


def add_people(settings: dict[str, Any], people: int) -> list[Seat]:
    """Agents, each signed in. No password is worked out: nobody types one here."""
    app = create_app(load_settings(settings))
    service = app.extensions["huifu"]
    sign = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    seats = []
    for number in range(people):
        with service.database.begin() as connection:
            agent_id = agents.add(connection, f"坐席{number}", "agent", "", service.clock(), status="available")
        held = standing(service, agent_id)
        if held is None or sign is None:
            raise RuntimeError("nobody can sign in")
        with app.test_request_context():
            session.update(new_session(held, service.clock()))
            token = generate_csrf()
            kept = dict(session)
        seats.append(Seat(f"{app.config['SESSION_COOKIE_NAME']}={sign.dumps(kept)}", token))
    service.database.close()
    return seats


def change(database: Database, ticket: int, now: datetime) -> None:
    """What an act at the desk does to the queue: a ticket is different, and pages must hear of it."""
    with database.begin() as connection:
        connection.execute(update(tables.Ticket).where(tables.Ticket.id == ticket).values(last_text_at=now))
        events.tell(connection, "ticket", now, ticket)


def rotation(tickets: Sequence[int], changes: int) -> list[int]:
    """Which ticket each of so many changes is about: one after the other, so that the last change of each is known."""
    return [tickets[number % len(tickets)] for number in range(changes)]


def _ticket(number: int, opened: datetime) -> dict[str, Any]:
    return {
        "phone": script.phone(number),
        "kind": "talk",
        "topic": ("human", "repayment", "complaint")[number % 3],
        "place": "repayment.app_steps.1",
        "language": "en" if number % 5 == 0 else "zh-CN",
        "state": "waiting",
        "opened_at": opened,
        "waiting_since": opened,
        "asked_at": opened,
        "priority": number % 4,
    }


def _text(number: int, now: datetime) -> dict[str, Any]:
    return {
        "gateway": "twilio",
        "gateway_id": f"SM{number:032x}",
        "phone": script.phone(number),
        "body": WORDS[number % len(WORDS)],
        "received_at": now,
        "recipient": script.OUR_NUMBER,
        "media": 0,
        "raw": {},
        "state": "taken",
    }
