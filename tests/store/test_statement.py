"""Statements that go around SQLAlchemy's execution keep its types, its errors, its events and its pool."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, event, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError

from app.store import inbox, tables
from app.store.database import Database, is_passing
from app.store.migrate import upgrade
from app.store.statement import Statement

ROW = tables.Trace
ADD = Statement(insert(ROW).returning(ROW.id), ("phone", "inbound_id", "event", "detail", "at"))
FIND = Statement(select(*ROW.__table__.columns).where(ROW.phone == bindparam("p"), ROW.event == "heard"))
DROP = Statement(delete(ROW).where(ROW.phone == bindparam("p")))
SAY = Statement(
    insert(tables.Response), ("inbound_id", "occasion_id", "phone", "meaning", "choice", "confidence", "at")
)
NOW = datetime(2026, 6, 10, 10, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
VALUES = {"phone": "+1", "inbound_id": None, "event": "heard", "detail": {"said": ["菜单"], "n": [1, None]}, "at": NOW}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/statements.db"
        upgrade(url)
    else:
        url = request.getfixturevalue("postgres").fresh_url(upgrade)
    made = Database(url)
    yield made
    made.close()


def test_values_come_back_as_they_went_in(database: Database) -> None:
    with database.begin() as connection:
        made = ADD.scalar(connection, VALUES)
        found = FIND.first(connection, {"p": "+1"})
        assert (found.id, found.phone, found.inbound_id, found.detail) == (made, "+1", None, VALUES["detail"])
        assert found.at == NOW and found.at.utcoffset() == timedelta(0)


def test_a_row_reads_the_same_through_sqlalchemy(database: Database) -> None:
    with database.begin() as connection:
        ADD.run(connection, VALUES)
        theirs = connection.execute(select(*ROW.__table__.columns)).one()
        assert tuple(FIND.first(connection, {"p": "+1"})) == tuple(theirs)


def test_a_fraction_comes_back_to_the_last_digit(database: Database) -> None:
    given = {"inbound_id": 1, "occasion_id": 2, "phone": "+1", "meaning": "chosen", "choice": "1", "at": NOW}
    with database.begin() as connection:
        SAY.run(connection, {**given, "confidence": 0.1 + 0.2})
        assert connection.scalar(select(tables.Response.confidence)) == 0.1 + 0.2


def test_nothing_found_is_none(database: Database) -> None:
    with database.begin() as connection:
        assert FIND.first(connection, {"p": "+0"}) is None
        assert FIND.scalar(connection, {"p": "+0"}) is None
        assert FIND.all(connection, {"p": "+0"}) == []


def test_it_tells_how_many_rows_it_changed(database: Database) -> None:
    with database.begin() as connection:
        ADD.run(connection, VALUES)
        ADD.run(connection, VALUES)
        assert DROP.run(connection, {"p": "+1"}) == 2
        assert DROP.run(connection, {"p": "+1"}) == 0


def test_defaults_of_columns_that_are_not_given_are_written(database: Database) -> None:
    new = inbox.NewText("twilio", "SM1", "+1", "+2", "hello", 0, "", {})
    with database.begin() as connection:
        assert inbox.add(connection, new, NOW)
        assert inbox.add(connection, new, NOW) is None
        row = connection.execute(select(tables.Inbound.reason, tables.Inbound.retry_at)).one()
        assert tuple(row) == ("", None)


def test_a_missing_value_is_a_mistake(database: Database) -> None:
    with database.begin() as connection, pytest.raises(KeyError):
        FIND.first(connection, {})


def test_it_is_rolled_back_with_its_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.begin() as connection:
        ADD.run(connection, VALUES)
        raise ZeroDivisionError
    with database.begin() as connection:
        assert FIND.first(connection, {"p": "+1"}) is None


def test_errors_are_sqlalchemys_and_quote_no_values(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught, database.begin() as connection:
        ADD.run(connection, {**VALUES, "at": None, "phone": "+8613800000000"})
    assert "+8613800000000" not in str(caught.value).split("DETAIL")[0]
    with database.begin() as connection:
        assert FIND.first(connection, {"p": "+1"}) is None


def test_listeners_hear_of_it_and_can_stop_it(database: Database) -> None:
    heard: list[str] = []

    def listen(_: Any, __: Any, statement: str, *___: Any) -> None:
        if "trace" in statement:
            heard.append(statement.split()[0])
            if len(heard) == 2:
                raise RuntimeError("a crash between statements")

    event.listen(database.engine, "before_cursor_execute", listen)
    with pytest.raises(RuntimeError), database.begin() as connection:
        ADD.run(connection, VALUES)
        FIND.first(connection, {"p": "+1"})
    assert heard == ["INSERT", "SELECT"]
    event.remove(database.engine, "before_cursor_execute", listen)
    with database.begin() as connection:
        assert FIND.first(connection, {"p": "+1"}) is None


@pytest.mark.postgres
@pytest.mark.parametrize("before", ["a statement", "the commit"])
def test_a_lost_connection_is_a_passing_fault_and_the_next_turn_gets_a_new_one(
    request: pytest.FixtureRequest, before: str
) -> None:
    url = request.getfixturevalue("postgres").fresh_url(upgrade)
    database, other = Database(url, threads=1), Database(url, threads=1)
    with pytest.raises(DBAPIError) as caught, database.begin() as connection:
        mine = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        if before == "the commit":
            ADD.run(connection, VALUES)
        with other.begin() as killer:
            killer.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
        if before == "a statement":
            ADD.run(connection, VALUES)
    assert is_passing(caught.value)
    with database.begin() as connection:
        assert FIND.first(connection, {"p": "+1"}) is None
        assert ADD.scalar(connection, VALUES) is not None
    database.close()
    other.close()


@pytest.mark.postgres
def test_what_the_database_refuses_at_the_commit_is_raised_and_rolled_back(request: pytest.FixtureRequest) -> None:
    database = Database(request.getfixturevalue("postgres").fresh_url(upgrade), threads=1)
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE kept (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
    with pytest.raises(IntegrityError), database.begin() as connection:
        ADD.run(connection, VALUES)
        connection.execute(text("INSERT INTO kept VALUES (1), (1)"))
    with database.begin() as connection:
        assert FIND.first(connection, {"p": "+1"}) is None
        ADD.run(connection, VALUES)
    with database.begin() as connection:
        assert FIND.first(connection, {"p": "+1"}) is not None
    database.close()


@pytest.mark.postgres
def test_a_fault_that_somebody_swallowed_is_told_by_the_commit(request: pytest.FixtureRequest) -> None:
    database = Database(request.getfixturevalue("postgres").fresh_url(upgrade), threads=1)
    with pytest.raises(InternalError, match="rolled back"), database.begin() as connection:
        ADD.run(connection, VALUES)
        with suppress(DBAPIError):
            connection.execute(text("SELECT 1 / 0"))
    with database.begin() as connection:
        assert FIND.first(connection, {"p": "+1"}) is None
    database.close()


def test_a_list_for_in_is_refused(database: Database) -> None:
    listed = Statement(select(ROW.id).where(ROW.event.in_(bindparam("events", expanding=True))))
    with database.begin() as connection, pytest.raises(TypeError):
        listed.all(connection, {"events": ["heard"]})


def test_moments_without_a_zone_are_refused(database: Database) -> None:
    with database.begin() as connection, pytest.raises(ValueError, match="time zone"):
        ADD.run(connection, {**VALUES, "at": datetime(2026, 6, 10)})  # noqa: DTZ001


def test_utc_at_rest(database: Database) -> None:
    with database.begin() as connection:
        ADD.run(connection, VALUES)
        assert connection.execute(select(ROW.at)).scalar_one() == NOW.astimezone(UTC)
