"""What is past its time goes, on either database; what is open, and the last word of a number, never does."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import OperationalError

from app.handlers import past_its_time
from app.handlers.past_its_time import Busy, Line, drop_past
from app.rules.retention import Keeping
from app.store import kept, months, retention, retention_months, tables
from app.store.database import Database
from app.store.months import Part
from app.store.retention import BATCH

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
OLD, YOUNG = NOW - timedelta(days=800), NOW - timedelta(days=100)
KEEPING = Keeping(texts=24, consents=24, audit=24)
PHONE, OTHER = "+8613800000001", "+8613800000002"

BLANK: dict[type[tables.Base], dict[str, Any]] = {
    tables.Message: {"purpose": "answer", "lane": 0, "template": "t", "body": "b", "parts": 1, "state": "handed"},
    tables.Receipt: {"gateway": "g", "status": 30, "raw": {}},
    tables.Inbound: {"gateway": "g", "recipient": "1", "body": "b", "media": 0, "raw": {}, "state": "taken"},
    tables.Trace: {"event": "heard", "detail": {}},
    tables.Ticket: {
        "kind": "flag",
        "state": "closed",
        "topic": "",
        "place": "",
        "reason": "",
        "language": "zh-CN",
        "agent": "",
    },
    tables.Consent: {"scope": "commercial", "verdict": "refused", "source": "reply"},
    tables.Audit: {"actor": "a", "action": "ticket.claim", "detail": {}},
    tables.Note: {"agent": "a", "body": "b"},
}


class Rows:
    """Adds rows that are as short as they can be; a number of its own makes each unique."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.count = 0

    def add(self, table: type[tables.Base], at: datetime, **values: Any) -> int:
        self.count += 1
        (moment,) = (one.moment.key for one in kept.KEPT if one.table is table)
        given: dict[str, Any] = {**BLANK[table], moment: at}
        columns = table.__table__.columns
        given |= {"phone": PHONE} if "phone" in columns else {}
        given |= {"gateway_id": f"SM{self.count}"} if table in (tables.Receipt, tables.Inbound) else {}
        given |= {"due_at": at, "expires_at": at} if table is tables.Message else {}
        given |= {"opened_at": at} if table is tables.Ticket else {}
        if table in (tables.Message, tables.Receipt) and at == OLD:
            given["id"] = self.count  # of the time before there were months
        with self.database.begin() as connection:
            made = connection.execute(insert(table).values({**given, **values}).returning(columns["id"]))
            return int(made.scalar_one())

    def of(self, table: type[tables.Base]) -> list[int]:
        with self.database.begin() as connection:
            return sorted(connection.execute(select(table.__table__.columns["id"])).scalars())


@pytest.fixture
def rows(database: Database) -> Rows:
    return Rows(database)


def drop(database: Database, *, dry: bool = False, keeping: Keeping = KEEPING) -> list[Line]:
    return drop_past(database, keeping, NOW, drop=not dry, actor="terminal")


def told(lines: list[Line], table: str) -> tuple[int, dict[str, int]]:
    """How many rows of a table are gone, and how many stay, by why."""
    mine = [line.found for line in lines if line.table == table]
    return sum(found.rows for found in mine), dict(sum((found.stays for found in mine), Counter()))


ALL = (tables.Message, tables.Receipt, tables.Inbound, tables.Trace, tables.Ticket, tables.Note, tables.Audit)


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.__tablename__)
def test_what_is_past_its_time_goes_and_what_is_not_stays(rows: Rows, table: type[tables.Base]) -> None:
    old = [rows.add(table, OLD) for _ in range(3)]
    young = rows.add(table, YOUNG)
    would = told(drop(rows.database, dry=True), table.__tablename__)
    assert rows.of(table) == [*old, young], "telling changed something"
    assert told(drop(rows.database), table.__tablename__) == would == (3, {})
    assert set(old).isdisjoint(rows.of(table)) and young in rows.of(table)
    assert told(drop(rows.database), table.__tablename__) == (0, {})


@pytest.mark.parametrize("state", ["queued", "sending", "unsettled"])
def test_a_message_whose_outcome_is_open_stays_with_its_receipts(rows: Rows, state: str) -> None:
    stays, goes, _ = (
        rows.add(tables.Message, at, state=s) for at, s in ((OLD, state), (OLD, "handed"), (YOUNG, "handed"))
    )
    about = [rows.add(tables.Receipt, OLD, message_id=message) for message in (stays, goes)]
    rows.add(tables.Receipt, YOUNG)
    lines = drop(rows.database)
    assert told(lines, "messages") == (1, {"its outcome is open": 1})
    assert told(lines, "receipts") == (1, {"its message stays": 1})
    assert stays in rows.of(tables.Message) and goes not in rows.of(tables.Message)
    assert about[0] in rows.of(tables.Receipt) and about[1] not in rows.of(tables.Receipt)


@pytest.mark.parametrize("table", [tables.Message, tables.Inbound, tables.Trace, tables.Note])
def test_a_text_with_an_open_ticket_stays(rows: Rows, table: type[tables.Base]) -> None:
    ticket = rows.add(tables.Ticket, OLD, state="waiting", closed_at=None)
    stays, goes = rows.add(table, OLD), rows.add(table, OLD, phone=OTHER)
    rows.add(table, YOUNG)
    assert told(drop(rows.database), table.__tablename__) == (1, {kept.OPEN_TICKET: 1})
    assert stays in rows.of(table) and goes not in rows.of(table)
    assert rows.of(tables.Ticket) == [ticket]


def test_a_text_whose_turn_is_open_stays(rows: Rows) -> None:
    stays = rows.add(tables.Inbound, OLD, state="waiting")
    rows.add(tables.Inbound, YOUNG)
    assert told(drop(rows.database), "inbound") == (0, {"its turn is open": 1})
    assert stays in rows.of(tables.Inbound)


def test_the_last_row_of_a_table_keeps_its_number(rows: Rows) -> None:
    only = rows.add(tables.Trace, OLD)
    assert told(drop(rows.database), "trace") == (0, {"it is the last row": 1})
    assert rows.of(tables.Trace) == [only]


def test_the_last_word_of_a_number_stays_for_ever(rows: Rows) -> None:
    words = [rows.add(tables.Consent, OLD, verdict=verdict) for verdict in ("refused", "granted", "refused")]
    other = rows.add(tables.Consent, OLD, scope="reminders")
    assert told(drop(rows.database), "consents") == (2, {"it is the last word of its number": 2})
    assert rows.of(tables.Consent) == [words[-1], other]


@pytest.mark.parametrize(("ended", "gone"), [(None, 0), (YOUNG, 0), (OLD, 1)])
def test_consent_goes_only_when_its_customer_has_gone(rows: Rows, ended: datetime | None, gone: int) -> None:
    with rows.database.begin() as connection:
        connection.execute(insert(tables.Customer).values(customer_id="C1"))
        bound = {"phone": PHONE, "customer_id": "C1", "bound_at": OLD, "ended_at": ended}
        connection.execute(insert(tables.PhoneBinding).values(bound))
    for verdict in ("refused", "granted"):
        rows.add(tables.Consent, OLD, verdict=verdict)
    assert told(drop(rows.database), "consents")[0] == gone


def traces(rows: Rows, old: int, young: int) -> None:
    blank = {**BLANK[tables.Trace], "phone": PHONE}
    made = [{**blank, "at": at} for at, many in ((OLD, old), (YOUNG, young)) for _ in range(many)]
    with rows.database.begin() as connection:
        connection.execute(insert(tables.Trace), made)


def test_many_rows_go_in_small_transactions(rows: Rows) -> None:
    half = BATCH // 2
    traces(rows, 3 * BATCH + half, BATCH)
    heard: list[int] = []
    drop_past(rows.database, KEEPING, NOW, drop=True, actor="terminal", hear=lambda line: heard.append(line.found.rows))
    assert [count for count in heard if count] == [BATCH, 2 * BATCH, 3 * BATCH, 3 * BATCH + half, 3 * BATCH + half]
    assert len(rows.of(tables.Trace)) == BATCH


def test_a_run_that_dies_in_the_middle_goes_on_the_next_time(rows: Rows) -> None:
    traces(rows, 2 * BATCH + 5, 5)

    def dies(line: Line) -> None:
        if line.table == "trace" and line.found.rows == 2 * BATCH:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drop_past(rows.database, KEEPING, NOW, drop=True, actor="terminal", hear=dies)
    assert len(rows.of(tables.Trace)) == 10
    assert rows.of(tables.Audit) == [], "a run that did not end says nothing"
    assert told(drop(rows.database), "trace") == (5, {})


def test_it_never_runs_twice_at_once(rows: Rows) -> None:
    with retention.alone(rows.database) as mine:
        assert mine
        failed: list[BaseException] = []

        def second() -> None:
            try:
                drop(rows.database)
            except Busy as error:
                failed.append(error)

        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        assert len(failed) == 1
    drop(rows.database)


def test_the_audit_says_what_was_dropped_and_by_whom(rows: Rows) -> None:
    rows.add(tables.Trace, OLD)
    rows.add(tables.Trace, YOUNG)
    drop(rows.database, dry=True)
    assert rows.of(tables.Audit) == []
    drop(rows.database)
    with rows.database.begin() as connection:
        row = connection.execute(select(*tables.Audit.__table__.columns)).one()
    assert (row.actor, row.action, row.detail) == ("terminal", past_its_time.DROPPED, {"trace": 1})


# ---- whole months, on PostgreSQL ---------------------------------------------------------------------------


@pytest.fixture
def by_month(fresh_postgres_url: Callable[..., str]) -> Any:
    """A database with a month of messages and receipts that is long past, beside those of today."""
    from app.store.migrate import upgrade

    database = Database(fresh_postgres_url(upgrade), threads=4)
    with database.begin() as connection:
        for table in months.TABLES:
            leaf, first, end = f"{table}_202401", 202401 * months.SPAN, 202402 * months.SPAN
            connection.execute(text(f"ALTER TABLE {table} DETACH PARTITION {table}_before"))
            connection.execute(text(f"DROP TABLE {table}_before"))
            connection.execute(text(f"CREATE TABLE {leaf} (LIKE {table} INCLUDING INDEXES INCLUDING CONSTRAINTS)"))
            connection.execute(text(months.TABLES[table].format(leaf=leaf)))
            connection.execute(
                text(f"ALTER TABLE {table} ATTACH PARTITION {leaf} FOR VALUES FROM ({first}) TO ({end})")
            )
    yield Rows(database)
    database.close()


MONTH_AT = datetime(2024, 1, 10, tzinfo=UTC)
FIRST = 202401 * months.SPAN + 1_000_000  # beyond what the sequence has given


def fill(rows: Rows, many: int = 5, **more: Any) -> None:
    for n in range(many):
        rows.add(tables.Message, MONTH_AT, id=FIRST + n, **more)
        rows.add(tables.Receipt, MONTH_AT, id=FIRST + n, message_id=FIRST + n)
    rows.add(tables.Message, NOW)
    rows.add(tables.Receipt, NOW)


def parts(rows: Rows) -> set[str]:
    with rows.database.begin() as connection:
        return set(
            connection.scalars(text("SELECT relname FROM pg_class WHERE relname ~ '_202401$' AND relkind = 'r'"))
        )


BOTH = {"messages_202401", "receipts_202401"}


@pytest.mark.postgres
def test_a_month_goes_as_a_whole(by_month: Rows) -> None:
    fill(by_month)
    would = [(line.whole, line.found.rows) for line in drop(by_month.database, dry=True) if line.whole]
    assert parts(by_month) == BOTH
    done = [(line.whole, line.found.rows) for line in drop(by_month.database) if line.whole]
    assert done == would == [("messages_202401", 5), ("receipts_202401", 5)]
    assert parts(by_month) == set()
    assert [len(by_month.of(table)) for table in (tables.Message, tables.Receipt)] == [1, 1]


@pytest.mark.postgres
def test_a_month_with_something_open_gives_up_the_rest_and_goes_when_that_is_settled(by_month: Rows) -> None:
    fill(by_month)
    by_month.add(tables.Message, MONTH_AT, id=FIRST + 9, state="unsettled")
    assert told(drop(by_month.database), "messages") == (5, {"its outcome is open": 1})
    assert parts(by_month) == {"messages_202401"}
    assert FIRST + 9 in by_month.of(tables.Message)
    with by_month.database.begin() as connection:
        connection.execute(text("UPDATE messages SET state = 'failed' WHERE state = 'unsettled'"))
    drop(by_month.database)
    assert parts(by_month) == set()


@pytest.mark.postgres
def test_a_month_that_holds_younger_rows_stays(by_month: Rows) -> None:
    """As when nobody had made the months after it."""
    fill(by_month)
    by_month.add(tables.Message, YOUNG, id=FIRST + 9)
    assert told(drop(by_month.database), "messages")[0] == 5
    assert FIRST + 9 in by_month.of(tables.Message)


@pytest.mark.postgres
def test_the_months_that_are_written_to_stay_even_when_the_clock_runs_far_ahead(by_month: Rows) -> None:
    fill(by_month)
    later = NOW + timedelta(days=365 * 20)
    drop_past(by_month.database, KEEPING, later, drop=True, actor="terminal")
    by_month.add(tables.Message, NOW)
    with by_month.database.begin() as connection:
        assert len(months.parts(connection, "messages")) == 4


@pytest.mark.postgres
@pytest.mark.parametrize("after", ["COMMENT", "DETACH"])
def test_a_month_half_dropped_is_finished_the_next_time(by_month: Rows, after: str) -> None:
    fill(by_month)
    engine = by_month.database.engine
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"COMMENT ON TABLE messages_202401 IS '{retention_months.MARK}'"))
        if after == "DETACH":
            connection.execute(text("ALTER TABLE messages DETACH PARTITION messages_202401 CONCURRENTLY"))
    drop(by_month.database)
    assert parts(by_month) == set()


@pytest.mark.postgres
def test_a_month_that_somebody_uses_is_half_detached_and_finished_the_next_time(by_month: Rows) -> None:
    fill(by_month)
    month = Part("messages_202401", 202401 * months.SPAN, 202402 * months.SPAN)
    with by_month.database.begin() as connection:
        connection.execute(text("SELECT count(*) FROM messages"))  # and does not end
        with pytest.raises(OperationalError, match="lock timeout"):
            retention_months.drop(by_month.database, "messages", month, patience=0.05)
        by_month.add(tables.Message, NOW)  # others go on
    assert parts(by_month) == BOTH
    drop(by_month.database)
    assert parts(by_month) == set()


@pytest.mark.postgres
def test_a_table_that_somebody_else_detached_is_not_ours(by_month: Rows) -> None:
    with by_month.database.begin() as connection:
        connection.execute(text("ALTER TABLE messages DETACH PARTITION messages_202401"))
    drop(by_month.database)
    assert "messages_202401" in parts(by_month)


@pytest.mark.postgres
def test_the_month_that_new_rows_go_into_stays_though_nobody_made_later_ones(by_month: Rows) -> None:
    fill(by_month)
    with by_month.database.begin() as connection:
        for table in months.TABLES:
            for part in months.parts(connection, table)[1:]:
                connection.execute(text(f"ALTER TABLE {table} DETACH PARTITION {part.name}"))
        months._write_into(connection, 202401, 202401)
    assert told(drop(by_month.database), "messages") == (0, {})
    assert by_month.add(tables.Message, NOW) // months.SPAN == 202401
