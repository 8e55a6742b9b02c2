"""The gateway is gone for an hour and comes back: stale answers are dropped with a reason, the rest leave in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import event, text

from app.handlers.compose import written
from app.handlers.text_leaves import drain
from app.store import outbox, tables
from app.store.migrate import upgrade
from app.worker.once import work_once
from tests.bad_days.house import phone
from tests.bad_days.slow_proxy import Road, road
from tests.clock import Clock
from tests.gateways.stand_in import TwilioStandIn
from tests.web.line import Line

pytestmark = pytest.mark.postgres
HOUR, VALID = 60, 10
"""Minutes: how long it is gone, and for how long an answer helps (`rules/purpose.py`)."""


@pytest.fixture
def way(twilio: TwilioStandIn) -> Iterator[Road]:
    at = urlsplit(twilio.url)
    with road((at.hostname or "", at.port or 0)) as made:
        yield made


@pytest.fixture
def away(clock: Clock, twilio: TwilioStandIn, way: Road, fresh_postgres_url: Callable[..., str]) -> Iterator[Line]:
    """Our line to Twilio leads over a road that can be closed: connections are refused."""
    twilio.url, there = f"http://127.0.0.1:{way.port}", twilio.url
    line = Line(fresh_postgres_url(upgrade), clock, twilio)
    twilio.url = there
    yield line
    line.service.database.close()


def work(line: Line) -> None:
    """All that is due now."""
    for _ in range(2_000):
        if not work_once(line.service):
            return
    raise AssertionError("work never ends")


def test_an_hour_of_refused_connections(away: Line, way: Road) -> None:
    """A text a minute from a new number, two from one, and an offer. Nothing is sent twice, nothing stale is sent."""
    line = away
    way.shut()
    offer = written(line.service, phone=phone(999), purpose="service", template="t", words="提醒", now=line.clock())
    with line.service.database.begin() as connection:
        outbox.queue(connection, offer, line.clock())
    for minute in range(HOUR):
        assert line.text("帮助", From=phone(minute)).status_code == 200
        assert line.text("怎么还钱", From=phone(500)).status_code == 200
        work(line)
        line.clock.advance(minutes=1)
    assert line.twilio.messages == []
    way.open()
    for _ in range(60):
        work(line)
        line.clock.advance(seconds=5)
    rows = line.rows(tables.Message)
    assert {row.state for row in rows} <= {"handed", "failed"}
    stale = [row for row in rows if row.state == "failed"]
    assert {row.reason for row in stale} == {"expired"}
    told = [message["to"] for message in line.twilio.messages]
    fresh = [phone(minute) for minute in range(HOUR - VALID + 1, HOUR)]
    assert [told.count(number) for number in fresh] == [1] * len(fresh)
    assert not set(told) & {phone(minute) for minute in range(HOUR - VALID - 1)}
    assert len(told) == len([row for row in rows if row.state == "handed"])


def fill(line: Line, stale: int, fresh: int, numbers: int) -> None:
    """Answers of the last hour as they wait in the outbox, and behind them reminders."""
    now = line.clock()
    insert = text(
        "INSERT INTO messages (phone, purpose, lane, template, body, parts, figures, author, state, reason, created_at,"
        " due_at, expires_at, attempts, status, conflict) SELECT '+86139' || lpad((n % :numbers)::text, 8, '0'),"
        " :purpose, :lane, 't', '答' || :lane || '-' || n, 1, false, 'bot', 'queued', '', :at, :at, :until, 0, -1,"
        " false FROM generate_series(1, :count) AS n"
    )
    batches = (
        (stale, "answer", 0, now - timedelta(minutes=30), now - timedelta(minutes=20)),
        (fresh, "answer", 0, now - timedelta(minutes=1), now + timedelta(minutes=9)),
        (100, "service", 1, now - timedelta(minutes=40), now + timedelta(hours=9)),
    )
    with line.service.database.begin() as connection:
        for count, purpose, lane, at, until in batches:
            given = {"count": count, "purpose": purpose, "lane": lane, "at": at, "until": until, "numbers": numbers}
            connection.execute(insert, given)
    with line.service.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE messages"))


def test_20_000_waiting_answers(line: Line) -> None:
    stale, fresh, numbers = 19_700, 300, 60
    fill(line, stale, fresh, numbers)
    claims = 0

    def count(_: object, __: object, sql: str, *___: object) -> None:
        nonlocal claims
        claims += "SKIP LOCKED" in sql and "messages" in sql

    event.listen(line.service.database.engine, "before_cursor_execute", count)
    while drain(line.service):
        pass
    rows = line.rows(tables.Message)
    assert [(row.state, row.reason) for row in rows[:stale]] == [("failed", "expired")] * stale
    assert {row.state for row in rows[stale:]} == {"handed"}
    sent: dict[str, list[str]] = defaultdict(list)
    for message in line.twilio.messages:
        sent[message["to"]].append(message["body"])
    queued: dict[str, list[str]] = defaultdict(list)
    for row in rows[stale:]:
        queued[row.phone].append(row.body)
    assert sent == queued
    lanes = {row.body: row.lane for row in rows[stale:]}
    order = [lanes[message["body"]] for message in line.twilio.messages]
    assert order[:numbers] == [0] * numbers, "answers do not go first"
    assert claims < (stale + fresh) / 10
