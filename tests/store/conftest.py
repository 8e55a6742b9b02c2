"""`database`: a migrated one, on SQLite and on PostgreSQL in turn."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.database import Database
from app.store.migrate import upgrade
from tests.servers.postgres import Postgres


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables: migrated once, copied for each test."""
    path = tmp_path_factory.mktemp("store") / "migrated.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    postgres: Postgres | None = None
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.db'}"
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "store.db")
    else:
        postgres = request.getfixturevalue("postgres")
        url = postgres.fresh_url(upgrade)
    opened = Database(url, threads=4)
    yield opened
    opened.close()
    if postgres is not None:
        postgres.drop([url])
