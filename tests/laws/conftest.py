"""`make_bench()` gives a bench on a database of its own; a test that asks for it runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from app.store.migrate import upgrade
from tests.laws.bench import Bench
from tests.servers.postgres import Postgres

MakeBench = Callable[..., Bench]


def make(backend: str, folder: Path, postgres: Callable[[], Postgres], **settings: Any) -> tuple[Bench, list[str]]:
    """A bench, and the PostgreSQL databases that were made for it."""
    folder.mkdir(parents=True)
    if backend == "sqlite":
        return Bench(f"sqlite:///{folder / 'laws.db'}", folder, **settings), []
    url = postgres().fresh_url(upgrade)
    return Bench(url, folder, **settings), [url]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make_bench(request: pytest.FixtureRequest, backend: str, tmp_path: Path) -> Iterator[MakeBench]:
    made: list[Bench] = []
    databases: list[str] = []
    numbers = count()

    def server() -> Postgres:
        found: Postgres = request.getfixturevalue("postgres")
        return found

    def one(**settings: Any) -> Bench:
        bench, urls = make(backend, tmp_path / str(next(numbers)), server, **settings)
        made.append(bench)
        databases.extend(urls)
        return bench

    yield one
    for bench in made:
        bench.close()
    if databases:
        server().drop(databases)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench()
