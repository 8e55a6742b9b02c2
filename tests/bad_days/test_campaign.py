"""The disk fills while bulk texts are queued: a batch is whole or not there, and the rest can be queued later.

Texts are queued as the city's desk does it: the number's conversation held, the text put into the outbox, one commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.handlers.compose import written
from app.store import conversations, outbox, tables
from tests.bad_days.house import phone
from tests.bad_days.test_database_full import MB, backends, no_room
from tests.web.line import Line

pytestmark = pytest.mark.postgres
BATCH = 25


def batches(numbers: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(numbers), BATCH):
        yield numbers[first : first + BATCH]


def plan(line: Line, numbers: list[str]) -> None:
    """Queues what is not queued yet, a transaction a batch; numbers in one order, so that two planners do not block."""
    service, now = line.service, line.clock()
    for batch in batches(sorted(numbers)):
        with service.database.begin() as connection:
            rows = tables.Message
            known = set(connection.execute(select(rows.phone).where(rows.template == "spring")).scalars())
            for number in batch:
                if number in known:
                    continue
                conversations.hold(connection, number, service.language, now)
                words = "春季贷款优惠。拒收请回复TD" + "。" * 300
                offer = written(service, phone=number, purpose="commercial", template="spring", words=words, now=now)
                outbox.queue(connection, offer, now)


def fill(line: Line, megabytes: int) -> None:
    """Makes the table of conversations that long, its pages full, so that it alone meets the limit."""
    with line.service.database.begin() as connection:
        connection.execute(text("ALTER TABLE conversations ALTER COLUMN memory SET STORAGE PLAIN"))
        connection.execute(
            text(
                "INSERT INTO conversations (phone, language, flow, step, flow_version, memory, owner, version,"
                " updated_at) SELECT 'old' || n, 'en', '', '', 0, CAST(CAST(:memory AS text) AS json), 'bot', 0, now()"
                " FROM generate_series(1, :rows) AS n"
            ),
            {"memory": '{"x": "' + "x" * 8_010 + '"}', "rows": megabytes * 128},
        )


def test_what_could_not_be_queued_is_queued_later_and_nothing_twice(line: Line) -> None:
    numbers = [phone(number) for number in range(200)]
    fill(line, 18)
    with no_room(backends(line), 17 * MB), pytest.raises(DBAPIError):
        plan(line, numbers)
    queued = Counter(row.phone for row in line.rows(tables.Message))
    assert len(queued) < len(numbers)
    assert len(queued) % BATCH == 0, "a batch was queued in part"
    assert line.twilio.requests == []
    plan(line, numbers)
    plan(line, numbers)
    assert Counter(row.phone for row in line.rows(tables.Message)) == Counter(numbers)
