"""Messages and receipts by month, on a real PostgreSQL: where rows go, what is unique, and what turns of a month do."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.store import deliveries, facts, months, outbox, search
from app.store.database import Database
from app.store.migrate import upgrade

pytestmark = pytest.mark.postgres
NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
PHONE = "+8613800000001"


@pytest.fixture
def database(fresh_postgres_url: Callable[..., str]) -> Iterator[Database]:
    opened = Database(fresh_postgres_url(upgrade), threads=8)
    yield opened
    opened.close()


def this_month(database: Database) -> int:
    with database.begin() as connection:
        return int(connection.execute(text(f"SELECT {months.MONTH}")).scalar_one())


def turn(database: Database, month: int) -> None:
    """From now on rows are made in `month`, whatever the clock says."""
    with database.begin() as connection:
        months._write_into(connection, month, month)


def queue(database: Database, phone: str = PHONE, body: str = "您好") -> int:
    new = outbox.NewMessage(phone, "answer", 0, "t", body, 1, NOW, NOW + timedelta(hours=1))
    with database.begin() as connection:
        return outbox.queue(connection, new, NOW)


def send(database: Database, *messages: int) -> None:
    with database.begin() as connection:
        claimed = outbox.claim(connection, NOW, NOW + timedelta(minutes=1), 50)
    assert {row.id for row in claimed} >= set(messages)


def hand_over(database: Database, message: int, gateway_id: str) -> None:
    with database.begin() as connection:
        deliveries.hand_over(connection, message, "twilio", gateway_id, NOW)


def receive(database: Database, gateway_id: str, message: int | None, status: int = 30) -> bool:
    with database.begin() as connection:
        return deliveries.add_receipt(connection, "twilio", gateway_id, message, status, "", {}, NOW)


def forget_months(database: Database, last: int) -> None:
    """As if nobody had made partitions since long ago: `last` is the only month there is."""
    with database.begin() as connection:
        for table in months.TABLES:
            for part in months.parts(connection, table):
                connection.execute(text(f"ALTER TABLE {table} DETACH PARTITION {part.name}"))
                connection.execute(text(f"DROP TABLE {part.name}"))
            connection.execute(text(f"CREATE TABLE {table}_{last} (LIKE {table} INCLUDING ALL)"))
            connection.execute(text(months.TABLES[table].format(leaf=f"{table}_{last}")))
            bounds = f"FROM ({last * months.SPAN}) TO ({months.after(last) * months.SPAN})"
            connection.execute(text(f"ALTER TABLE {table} ATTACH PARTITION {table}_{last} FOR VALUES {bounds}"))
        months._write_into(connection, last, last)


def names(database: Database, table: str = "messages") -> list[str]:
    with database.begin() as connection:
        return [part.name for part in months.parts(connection, table)]


@pytest.mark.parametrize(("month", "count", "then"), [(202611, 1, 202612), (202612, 1, 202701), (202611, 14, 202801)])
def test_months_follow_each_other(month: int, count: int, then: int) -> None:
    assert months.after(month, count) == then
    assert months.after(then, -count) == month


def test_an_id_begins_with_its_month_and_follows_the_one_before(database: Database) -> None:
    month = this_month(database)
    made = [queue(database) for _ in range(3)]
    assert made == sorted(made)
    assert {one // months.SPAN for one in made} <= {month, this_month(database)}
    turn(database, months.after(month))
    assert queue(database) > made[-1]
    assert made[-1] < 2**53


def test_three_months_are_there_from_the_start(database: Database) -> None:
    month = this_month(database)
    for table in months.TABLES:
        assert names(database, table) == [f"{table}_before", *(f"{table}_{months.after(month, n)}" for n in range(4))]
    assert months.make_ahead(database) == []


def rules(database: Database, leaf: str) -> set[str]:
    """What a partition has: columns, indexes, constraints and triggers, without the names that hold its own."""
    with database.begin() as connection:
        indexes = connection.scalars(text("SELECT indexdef FROM pg_indexes WHERE tablename = :leaf"), {"leaf": leaf})
        found = {re.sub(r"INDEX \S+ ON \S+", "INDEX", one) for one in indexes}
        checks = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass(:leaf)"
        found |= set(connection.scalars(text(f"{checks} AND contype IN ('c', 'p', 'n')"), {"leaf": leaf}))
        triggers = text("SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(:leaf)")
        return found | set(connection.scalars(triggers, {"leaf": leaf}))


@pytest.mark.parametrize(
    ("table", "unique"),
    [
        ("messages", "CREATE UNIQUE INDEX USING btree (gateway, gateway_id) WHERE (gateway_id IS NOT NULL)"),
        ("receipts", "CREATE UNIQUE INDEX USING btree (gateway, gateway_id, status, error_code)"),
    ],
)
def test_every_partition_has_the_same_rules_whoever_made_it(database: Database, table: str, unique: str) -> None:
    old, *made = names(database, table)
    assert months.make_ahead(database, ahead=5) != []
    later = names(database, table)[-1]
    assert later not in made
    assert unique in rules(database, old)
    for leaf in (*made, later):
        assert rules(database, leaf) == rules(database, old)


def test_old_small_ids_have_a_place(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO receipts (id, gateway, gateway_id, status, error_code, raw, received_at)"
                " VALUES (17, 'twilio', 'SM1', 30, '', '{}', now())"
            )
        )
        assert connection.scalar(text("SELECT tableoid::regclass::text FROM receipts")) == "receipts_before"


# ---- the edge of a month -----------------------------------------------------------------------------------


def test_a_repeated_receipt_of_last_month_is_kept_once(database: Database) -> None:
    month = this_month(database)
    message = queue(database)
    assert receive(database, "SM1", message)
    turn(database, months.after(month))
    assert not receive(database, "SM1", message)
    assert receive(database, "SM1", message, status=40)
    with database.begin() as connection:
        kept = connection.execute(text("SELECT status FROM receipts ORDER BY id")).scalars().all()
    assert kept == [30, 40]


def test_a_repeated_receipt_that_nobody_owns_is_kept_once(database: Database) -> None:
    assert receive(database, "SM1", None)
    turn(database, months.after(this_month(database)))
    assert not receive(database, "SM1", None)


def test_a_gateway_id_has_one_owner_over_the_edge_of_a_month(database: Database) -> None:
    first = queue(database)
    turn(database, months.after(this_month(database)))
    second = queue(database, "+8613800000002")
    send(database, first, second)
    hand_over(database, first, "SM1")
    with pytest.raises(IntegrityError, match="another message has this gateway id"):
        hand_over(database, second, "SM1")
    hand_over(database, first, "SM1")
    hand_over(database, second, "SM2")


def test_two_hands_at_the_same_moment_give_a_gateway_id_to_one_message(database: Database) -> None:
    for number in range(20):
        month = this_month(database)
        turn(database, month)
        first = queue(database, f"+86138000001{number:02}")
        turn(database, months.after(month))
        second = queue(database, f"+86138000002{number:02}")
        send(database, first, second)
        together = threading.Barrier(2)

        def give(message: int, together: threading.Barrier = together, gateway_id: str = f"SM{number}") -> bool:
            together.wait()
            try:
                hand_over(database, message, gateway_id)
            except IntegrityError:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(give, (first, second))) == [False, True]


def test_an_answer_of_a_new_month_waits_for_that_of_the_old_one(database: Database) -> None:
    first = queue(database, body="1")
    turn(database, months.after(this_month(database)))
    second = queue(database, body="2")
    with database.begin() as connection:
        assert [row.id for row in outbox.claim(connection, NOW, NOW + timedelta(minutes=1), 50)] == [first]
    hand_over(database, first, "SM1")
    with database.begin() as connection:
        assert [row.id for row in outbox.claim(connection, NOW, NOW + timedelta(minutes=1), 50)] == [second]


def test_words_are_found_on_both_sides_of_the_edge(database: Database) -> None:
    old = [queue(database, body="旧账单") for _ in range(5)]
    turn(database, months.after(this_month(database)))
    new = [queue(database, body="新账单") for _ in range(2)]
    found, looked, below = [], 0, None
    for _ in range(9):
        with database.begin() as connection:
            part = search.stretch(connection, "messages", ["账单"], NOW - timedelta(days=1), below, 3, 50)
        found += [one.id for one in part.found]
        looked += part.looked
        below = part.below
        if not below:
            break
    assert found == [*reversed(new), *reversed(old)]
    assert looked == 7


# ---- months that nobody made -------------------------------------------------------------------------------


def test_a_month_without_partition_loses_nothing_and_the_next_run_sorts_it_out(database: Database) -> None:
    month = this_month(database)
    long_ago = months.after(month, -5)
    forget_months(database, long_ago)
    early = queue(database)
    assert early // months.SPAN == long_ago
    assert receive(database, "SM1", early)
    with database.begin() as connection:
        assert facts.gather(connection, PHONE, NOW).last_said == "您好"
    made = months.make_ahead(database)
    assert made == [f"{table}_{months.after(long_ago, n)}" for table in months.TABLES for n in range(1, 9)]
    late = queue(database)
    assert late // months.SPAN == month
    with database.begin() as connection:
        assert {row.id for row in outbox.claim(connection, NOW, NOW + timedelta(minutes=1), 50)} == {early}
        assert connection.scalar(text("SELECT count(*) FROM messages")) == 2


def test_many_processes_at_once_make_each_month_once_and_nobody_waits(database: Database) -> None:
    forget_months(database, this_month(database))
    with database.begin() as connection:  # a turn that has written, and is not done
        outbox.queue(connection, outbox.NewMessage(PHONE, "answer", 0, "t", "b", 1, NOW, NOW), NOW)
        with ThreadPoolExecutor(6) as pool:
            made = [name for names in pool.map(lambda _: months.make_ahead(database), range(6)) for name in names]
        queue(database, "+8613800000002")  # nor does the next turn wait
    assert len(made) == len(set(made)) == 6


def test_a_clock_that_steps_back_does_not_turn_the_order_round(database: Database) -> None:
    month = this_month(database)
    with database.begin() as connection:
        months._write_into(connection, months.after(month, 2), months.after(month, 3))
    assert queue(database) // months.SPAN == months.after(month, 2)


# ---- what the planner makes of it --------------------------------------------------------------------------


def plan(database: Database, statement: str, **values: Any) -> str:
    with database.begin() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))  # the tables are empty, and never will be
        return "\n".join(connection.scalars(text(f"EXPLAIN (COSTS OFF) {statement}"), values))


def test_the_newest_text_is_read_from_the_newest_partition_on(database: Database) -> None:
    told = plan(database, "SELECT body FROM messages WHERE phone = :p ORDER BY id DESC LIMIT 1", p=PHONE)
    assert "Merge Append" not in told and "Sort" not in told
    read = re.findall(r"on (messages_\w+)", told)
    assert read == names(database)[::-1]


def test_a_key_leads_to_one_partition(database: Database) -> None:
    message = queue(database)
    told = plan(database, "UPDATE messages SET status = 40 WHERE id = :id", id=message)
    assert re.findall(r"Scan.* on (messages_\w+)", told) == [f"messages_{message // months.SPAN}"]


def test_a_turn_reads_the_last_months_only(database: Database) -> None:
    forget_months(database, months.after(this_month(database), -12))
    months.make_ahead(database)
    with database.begin() as connection:
        since = int(connection.execute(text("SELECT huifu_recent()")).scalar_one())
        older = [part for part in months.parts(connection, "messages") if part.end <= since]
        explained = text(f"EXPLAIN ANALYZE {facts.SQL['postgresql']}")
        read = "\n".join(connection.scalars(explained, {"p": PHONE, "since": NOW, "before": 0, "heard": NOW}))
    assert len(older) in (9, 10)
    assert [int(count) for count in re.findall(r"Subplans Removed: (\d+)", read)] == [len(older)] * 3
    assert "Merge Append" not in read
