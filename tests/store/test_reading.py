"""Transactions that only read: they keep no writer waiting, wait for none, and can change nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.exc import OperationalError

from app.store import tables
from app.store.database import Database
from app.store.rehearsal import rehearsal
from tests.clock import START

OPTION = tables.Option


def add(database: Database, name: str) -> None:
    with database.begin() as connection:
        connection.execute(insert(OPTION).values(name=name, value={}, set_by="eve", set_at=START))


def count(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(OPTION)).scalar_one())


def test_neither_waits_for_the_other(database: Database) -> None:
    """In one thread: whoever waited would wait for ever."""
    other = Database(database.url.render_as_string(hide_password=False))
    with other.begin() as writing:
        writing.execute(insert(OPTION).values(name="a", value={}, set_by="eve", set_at=START))
        assert count(database) == 0
    with database.reading() as connection:
        connection.execute(select(OPTION.name)).all()
        add(database, "b")
        add(other, "c")
    assert count(database) == 3
    other.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_sees_one_moment(database: Database) -> None:
    with database.reading() as connection:
        names = select(OPTION.name)
        assert connection.execute(names).all() == []
        add(database, "later")
        assert connection.execute(names).all() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_write_in_it_is_a_fault_and_the_next_one_writes(database: Database) -> None:
    with pytest.raises(OperationalError, match="readonly"), database.reading() as connection:
        connection.execute(insert(OPTION).values(name="a", value={}, set_by="eve", set_at=START))
    for name in ("b", "c"):
        add(database, name)
    assert count(database) == 2


def test_who_is_interrupted_within_a_statement_is_told_of_nothing_else(database: Database) -> None:
    """The connection is gone then, and the next one writes."""

    def interrupt(*given: Any) -> None:
        if given[2].startswith("SELECT"):
            raise KeyboardInterrupt

    event.listen(database.engine, "before_cursor_execute", interrupt)
    with pytest.raises(KeyboardInterrupt):
        count(database)
    event.remove(database.engine, "before_cursor_execute", interrupt)
    add(database, "a")
    assert count(database) == 1


def test_a_rehearsal_reads_what_it_did(database: Database) -> None:
    with rehearsal(database) as rehearsed:
        add(rehearsed, "a")
        assert count(rehearsed) == 1
    assert count(database) == 0
