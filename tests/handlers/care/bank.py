"""A bank with customers who have something to celebrate, for the planner: on SQLite or PostgreSQL."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from app.config import load_settings
from app.handlers.care import switches
from app.handlers.service import Service
from app.store import tables
from app.store.database import Database
from app.wiring import build_service
from tests.clock import START, Clock

TODAY = date(2026, 6, 10)
BORN = date(1990, 6, 10)
SETTLED = TODAY - timedelta(days=16)


def phone(number: int) -> str:
    return f"+86138{number:08}"


def customer(connection: Connection, number: int, consent: str = "granted", **facts: Any) -> str:
    """A customer with a birthday today and a number of their own, who agreed to offers unless told otherwise."""
    who = f"C{number:05}"
    bound = facts.pop("phones", (phone(number),))
    connection.execute(insert(tables.Customer).values(**{"customer_id": who, "birthday": BORN, **facts}))
    for one in bound:
        connection.execute(insert(tables.PhoneBinding).values(phone=one, customer_id=who, bound_at=START))
        if consent:
            row = {"phone": one, "scope": "commercial", "verdict": consent, "source": "import", "at": START}
            connection.execute(insert(tables.Consent).values(**row))
    return who


def customers(database: Database, count: int, **facts: Any) -> None:
    """So many of them, numbered from 1 on."""
    with database.begin() as connection:
        for number in range(1, count + 1):
            customer(connection, number, **facts)


def clock_of(service: Service) -> Clock:
    assert isinstance(service.clock, Clock)
    return service.clock


def switch_on(service: Service, *keys: str) -> None:
    for key in keys:
        try:
            switches.switch(service, "operator", key, True)
        except switches.ConfirmNumber as asked:
            switches.switch(service, "operator", key, True, expected=asked.count)


def rows(service: Service, table: type[tables.Base] = tables.Occasion) -> list[Any]:
    with service.database.begin() as connection:
        columns = table.__table__.columns
        return list(connection.execute(select(*columns).order_by(*table.__table__.primary_key)))


@contextmanager
def serving(url: str, database: Database | None = None, *, at_once: int = 0, **how: Any) -> Iterator[Service]:
    """A service on a migrated database. `database` replaces its own; its planner takes so many customers `at_once`;
    other arguments are `build_service`'s or settings."""
    built = {name: how.pop(name) for name in ("clock", "wake") if name in how}
    service = build_service(load_settings({"database_url": url, "secret_key": "k", **how}), **built)
    # A busy machine is no slow database.
    service = replace(service, turn_may_take=math.inf, customers_at_once=at_once or service.customers_at_once)
    if database is not None:
        service.database.close()
        service = replace(service, database=database)
    yield service
    service.database.close()
