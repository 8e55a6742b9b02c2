"""The migrations make the tables of the program, from nothing and from every earlier version, on both databases."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from app.store import migrate
from app.store.database import Database
from app.store.migrate import Patience
from app.store.tables import Base

CHECKOUT = Path(__file__).resolve().parents[2]
REVISIONS = [script.revision for script in ScriptDirectory.from_config(migrate.configuration()).walk_revisions()][::-1]

Fresh = Callable[[], str]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Fresh:
    """Gives the URL of an empty database each time."""
    if request.param == "postgresql":
        return request.getfixturevalue("fresh_postgres_url")  # type: ignore[no-any-return]
    numbers = iter(range(100))
    return lambda: f"sqlite:///{tmp_path}/{next(numbers)}.db"


@pytest.fixture
def opened() -> Iterator[Callable[[str], Database]]:
    made: list[Database] = []

    def open_(url: str) -> Database:
        made.append(Database(url, threads=2))
        return made[-1]

    yield open_
    for database in made:
        database.close()


def shape(engine: Engine) -> dict[str, Any]:
    """Everything that a database knows of its tables, so that two of them can be compared. Partitions, which come and
    go with the months, are looked at in test_months.py."""
    found = inspect(engine)
    parts = leaves(engine)
    return {
        table: {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)],
            "key": found.get_pk_constraint(table),
            "foreign": found.get_foreign_keys(table),
            "unique": sorted(found.get_unique_constraints(table), key=lambda u: str(u["name"])),
            "checks": sorted(((c["name"], c["sqltext"]) for c in found.get_check_constraints(table)), key=str),
            "indexes": sorted(indexes(engine, table)),
        }
        for table in found.get_table_names()
        if table != "alembic_version" and table not in parts
    }


def leaves(engine: Engine) -> set[str]:
    if engine.dialect.name == "sqlite":
        return set()
    with engine.connect() as connection:
        return set(connection.scalars(text("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")))


def indexes(engine: Engine, table: str) -> list[str]:
    """As the database itself writes them: inspection leaves out the condition of a partial index on SQLite."""
    query = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = :table",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE tablename = :table AND schemaname = current_schema()",
    }[engine.dialect.name]
    with engine.connect() as connection:
        return list(connection.scalars(text(query), {"table": table}))


def test_there_is_one_head_and_the_numbers_follow_each_other() -> None:
    assert len(ScriptDirectory.from_config(migrate.configuration()).get_heads()) == 1
    assert REVISIONS == [f"{n:04d}" for n in range(1, len(REVISIONS) + 1)]
    assert migrate.head() == REVISIONS[-1]


def test_from_nothing_they_make_exactly_the_tables_of_the_program(fresh: Fresh, opened: Any) -> None:
    migrated, made = fresh(), fresh()
    migrate.upgrade(migrated)
    assert migrate.current(migrated) == migrate.head()
    Base.metadata.create_all(opened(made).engine)
    assert shape(opened(migrated).engine) == shape(opened(made).engine)


def test_autogenerate_finds_nothing_to_do(fresh: Fresh, opened: Any) -> None:
    url = fresh()
    migrate.upgrade(url)
    engine = opened(url).engine
    parts = leaves(engine)

    def compared(item: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
        del kind, reflected, other
        # Unique indexes of partitions are in no parent: test_months.py finds them on each.
        return name not in parts and (engine.dialect.name == "sqlite" or getattr(item, "_ddl_if", None) is None)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": compared})
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_up_from_every_earlier_version(fresh: Fresh, opened: Any, revision: str) -> None:
    stepped, straight = fresh(), fresh()
    migrate.upgrade(stepped, revision)
    assert migrate.current(stepped) == revision
    migrate.upgrade(stepped)
    migrate.upgrade(straight)
    assert shape(opened(stepped).engine) == shape(opened(straight).engine)


def test_a_second_time_changes_nothing_and_keeps_what_is_there(fresh: Fresh, opened: Any) -> None:
    url = fresh()
    migrate.upgrade(url)
    database = opened(url)
    consents = Base.metadata.tables["consents"]
    row = {"phone": "+861", "scope": "commercial", "verdict": "refused", "source": "reply"}
    with database.begin() as connection:
        connection.execute(consents.insert().values(**row, at=datetime(2026, 1, 1, tzinfo=UTC)))
    migrate.upgrade(url)
    with database.begin() as connection:
        assert connection.execute(consents.select()).one().phone == "+861"


def test_starts_at_the_same_moment_do_not_collide(fresh: Fresh) -> None:
    url = fresh()
    code = f"from app.store import migrate; migrate.upgrade({url!r})"
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    told = [process.communicate()[1] for process in started]
    assert [(process.returncode, words) for process, words in zip(started, told, strict=True)] == [(0, "")] * 4
    assert migrate.current(url) == migrate.head()


def test_an_empty_database_is_told_from_a_ready_one(fresh: Fresh, opened: Any) -> None:
    url = fresh()
    assert migrate.current(url) is None
    with pytest.raises(migrate.NotMigrated, match="no tables yet; run: huifu migrate"):
        migrate.check(opened(url))
    migrate.upgrade(url)
    migrate.check(opened(url))


def test_a_database_of_a_newer_program_is_left_alone(fresh: Fresh, opened: Any) -> None:
    url = fresh()
    migrate.upgrade(url)
    with opened(url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.NotMigrated, match="9999, which this program does not know"):
        migrate.check(opened(url))
    with pytest.raises(migrate.NotMigrated, match="9999"):
        migrate.upgrade(url)


@pytest.mark.postgres
def test_a_migration_does_not_wait_for_ever_for_a_table(fresh_postgres_url: Fresh, opened: Any) -> None:
    url = fresh_postgres_url()
    migrate.upgrade(url)
    database = opened(url)
    with migrate._alone(database, Patience()) as connection:
        patience = connection.exec_driver_sql("SHOW lock_timeout").scalar_one()
    assert patience == f"{Patience().table:.0f}s"


def test_foreign_keys_hold_again_after_a_migration_on_sqlite(tmp_path: Path, opened: Any) -> None:
    url = f"sqlite:///{tmp_path}/one.db"
    database = opened(url)
    with migrate._alone(database, Patience()) as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 0
    with database.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_who_waits_for_another_migration_on_sqlite_is_told_in_a_sentence(tmp_path: Path, opened: Any) -> None:
    url = f"sqlite:///{tmp_path}/one.db"
    with migrate._alone(opened(url), Patience()) as connection:
        # As long as the docstring says, not as long as one statement of a turn.
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == Patience().peer * 1000
        with pytest.raises(TimeoutError, match="another process has been migrating this database"):
            migrate.upgrade(url, patience=Patience(peer=0.05))
    migrate.upgrade(url)
    assert migrate.current(url) == migrate.head()
