"""What texts that start conversations leave behind goes with the texts' time; what is planned or open stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.care.programmes import shipped
from app.rules.retention import LEAST
from app.store import tables
from app.store.database import Database
from app.store.retention import BATCH
from tests.store.test_retention import NOW, OLD, OTHER, PHONE, YOUNG, drop, told

BLANK: dict[type[tables.Base], dict[str, Any]] = {
    tables.Occasion: {
        "programme": "settled",
        "phone": PHONE,
        "occasion": "settled:2024-01-01",
        "template": "settled",
        "language": "zh-CN",
        "purpose": "commercial",
        "kind": "product",
        "state": "queued",
        "given": {},
        "menu": {},
    },
    tables.Response: {"occasion_id": 1, "phone": PHONE, "meaning": "chosen", "confidence": 1.0},
    tables.Visit: {"code": "a", "kind": "person"},
    tables.Link: {"target": "https://bank.example.com/"},
    tables.CustomerEvent: {"customer_id": "C1", "kind": "page_viewed", "detail": {}},
    tables.Companion: {
        "phone": PHONE,
        "customer_id": "C1",
        "channel": "email",
        "subject": "guide:draw",
        "language": "zh-CN",
        "detail": {},
        "state": "sent",
    },
    tables.PlanRun: {"state": "done", "reasons": {}, "asked_by": "clock"},
    tables.SelfCheck: {"asked_by": "clock", "verdict": "good", "findings": {}},
}
MOMENTS: dict[type[tables.Base], tuple[str, ...]] = {
    tables.Occasion: ("planned_at", "due_at", "closes_at"),
    tables.Response: ("at",),
    tables.Visit: ("at",),
    tables.Link: ("created_at", "expires_at"),
    tables.CustomerEvent: ("at", "received_at"),
    tables.Companion: ("created_at", "due_at", "expires_at"),
    tables.PlanRun: ("began_at",),
    tables.SelfCheck: ("began_at", "ended_at"),
}
OWN = {
    tables.Occasion: "customer_id",
    tables.Response: "inbound_id",
    tables.Link: "code",
    tables.CustomerEvent: "event_key",
    tables.Companion: "token",
    tables.PlanRun: "scope",
}
"""Columns of which every row needs a value of its own."""


class Rows:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.count = 0

    def add(self, table: type[tables.Base], at: datetime, **values: Any) -> Any:
        self.count += 1
        given: dict[str, Any] = BLANK[table] | dict.fromkeys(MOMENTS[table], at)
        if name := OWN.get(table):
            given[name] = self.count if name == "inbound_id" else f"{self.count:011}"
        given |= {"day": at.date()} if table is tables.PlanRun else {}
        with self.database.begin() as connection:
            key = next(iter(table.__table__.primary_key))
            return connection.execute(insert(table).values(given | values).returning(key)).scalar_one()

    def of(self, table: type[tables.Base]) -> list[Any]:
        with self.database.begin() as connection:
            return sorted(connection.scalars(select(next(iter(table.__table__.primary_key)))))


@pytest.fixture
def rows(database: Database) -> Rows:
    return Rows(database)


@pytest.mark.parametrize("table", BLANK, ids=lambda table: table.__tablename__)
def test_what_is_past_its_time_goes_and_what_is_not_stays(rows: Rows, table: type[tables.Base]) -> None:
    for _ in range(3):
        rows.add(table, OLD)
    young = rows.add(table, YOUNG)
    would = told(drop(rows.database, dry=True), table.__tablename__)
    assert len(rows.of(table)) == 4, "telling changed something"
    assert told(drop(rows.database), table.__tablename__) == would == (3, {})
    assert rows.of(table) == [young]


@pytest.mark.parametrize(
    ("table", "values", "why"),
    [
        (tables.Occasion, {"state": "planned"}, "it is planned"),
        (tables.Companion, {"state": "queued"}, "it is on its way"),
        (tables.Companion, {"state": "sending"}, "it is on its way"),
        (tables.PlanRun, {"state": "running"}, "it still runs"),
    ],
)
def test_what_is_open_stays(rows: Rows, table: type[tables.Base], values: dict[str, Any], why: str) -> None:
    stays = rows.add(table, OLD, **values)
    young = rows.add(table, YOUNG)
    assert told(drop(rows.database), table.__tablename__) == (0, {why: 1})
    assert rows.of(table) == [stays, young]


def test_what_a_text_with_an_open_ticket_was_planned_as_stays_with_its_link(rows: Rows) -> None:
    with rows.database.begin() as connection:
        ticket = {"kind": "flag", "state": "waiting", "phone": PHONE, "opened_at": OLD, "topic": "", "place": ""}
        connection.execute(insert(tables.Ticket).values(ticket | {"reason": "", "language": "zh-CN", "agent": ""}))
        for number, phone in ((1, PHONE), (2, OTHER), (3, OTHER)):
            message = {"id": number, "phone": phone, "purpose": "commercial", "lane": 1, "template": "t", "body": "b"}
            moments = {"created_at": OLD, "due_at": OLD, "expires_at": OLD}
            connection.execute(insert(tables.Message).values(message | moments | {"parts": 1, "state": "handed"}))
    stays, goes = (rows.add(tables.Occasion, OLD, message_id=number) for number in (1, 2))
    rows.add(tables.Occasion, YOUNG)
    linked = rows.add(tables.Link, OLD, occasion_id=stays)
    rows.add(tables.Link, OLD, occasion_id=goes)
    answered = rows.add(tables.Response, OLD)
    rows.add(tables.Response, OLD, phone=OTHER)
    rows.add(tables.Response, YOUNG, phone=OTHER)
    lines = drop(rows.database)
    assert told(lines, "occasions") == (1, {"its message stays": 1}) and goes not in rows.of(tables.Occasion)
    assert told(lines, "links") == (1, {"its text stays": 1}) and rows.of(tables.Link) == [linked]
    assert told(lines, "responses") == (1, {"its number has an open ticket": 1})
    assert answered in rows.of(tables.Response)


def test_links_are_walked_to_the_end_though_their_codes_have_no_order(rows: Rows) -> None:
    many = 2 * BATCH + 1
    made = [
        {**BLANK[tables.Link], "code": f"{number * 7 % many:05}"}
        | dict.fromkeys(MOMENTS[tables.Link], OLD if number % 5 else YOUNG)
        for number in range(many)
    ]
    with rows.database.begin() as connection:
        connection.execute(insert(tables.Link), made)
    opened = rows.add(tables.Link, OLD, code="zz")
    constant = rows.add(tables.Link, OLD, code="constant", expires_at=None)
    rows.add(tables.Visit, YOUNG, code="zz")
    young = sum(row["created_at"] == YOUNG for row in made)
    assert told(drop(rows.database), "links") == (many - young, {"it was opened lately": 1})
    left = rows.of(tables.Link)
    assert len(left) == young + 2 and {opened, constant} < set(left)


def test_versions_of_templates_and_numbers_on_file_stay(rows: Rows) -> None:
    version = {"template": "settled", "language": "zh-CN", "version": 1, "content": {}, "state": "replaced"}
    number = {"number": "95500", "registered_to": "示例银行", "registration": "A1", "recorded_by": "ops"}
    with rows.database.begin() as connection:
        connection.execute(insert(tables.TemplateVersion).values(version | {"author": "ops", "written_at": OLD}))
        connection.execute(insert(tables.SenderNumber).values(number | {"recorded_at": OLD}))
    assert sum(line.found.rows for line in drop(rows.database)) == 0
    assert rows.of(tables.SenderNumber) == ["95500"] and len(rows.of(tables.TemplateVersion)) == 1


def test_no_occasion_lasts_so_long_that_its_row_goes_and_it_is_planned_again() -> None:
    assert max(programme.when.lasts for programme in shipped().values()) < 28 * LEAST["texts"]
    assert NOW - YOUNG < timedelta(days=28 * LEAST["texts"])
