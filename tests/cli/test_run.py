"""`huifu run`, `web` and `worker` as processes: they come up, say where, and end when they are asked to."""

from __future__ import annotations

import os
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pytest

from app.store.migrate import upgrade
from tests.servers.service import CHECKOUT, COMMAND, INHERITED, free_port


@contextmanager
def started(folder: Path, *words: str, **settings: str) -> Iterator[tuple[subprocess.Popen[str], Callable[[str], str]]]:
    """The process, and a function that waits for a line that begins with its argument."""
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    environment |= {"PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1", "SECRET_KEY": "only for tests"}
    environment |= {"DATABASE_URL": f"sqlite:///{folder}/huifu.db", **settings}
    process = subprocess.Popen(
        [*COMMAND, *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    output = process.stdout
    assert output is not None

    def said(beginning: str) -> str:
        heard = []
        for line in output:
            if line.startswith(beginning):
                return line.strip()
            heard.append(line)
        raise AssertionError(f"huifu {' '.join(words)} never said {beginning!r}, but:\n{''.join(heard)}")

    try:
        yield process, said
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        output.close()


def rest(output: IO[str] | None) -> str:
    return output.read() if output else ""


def get(url: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=60) as answer:
        return int(answer.status)


@pytest.mark.parametrize(
    ("number", "to_group"), [(signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGINT, True)]
)
def test_run_makes_its_tables_says_where_it_is_and_ends_when_asked(
    tmp_path: Path, number: signal.Signals, to_group: bool
) -> None:
    port = str(free_port())
    with started(tmp_path, "run", PORT=port) as (process, said):
        assert said("Text the bot:") == f"Text the bot:  http://127.0.0.1:{port}/phone/"
        health = said("Health:").split()[1]
        said("Ctrl-C ends it.")
        assert get(health) == 200
        os.killpg(process.pid, number) if to_group else process.send_signal(number)
        assert process.wait(60) == 0
        assert "Traceback" not in rest(process.stdout)


def test_a_port_that_is_taken_stops_with_a_sentence(tmp_path: Path) -> None:
    port = str(free_port())
    with started(tmp_path, "run", PORT=port) as (_, said):
        said("Ctrl-C ends it.")
        with started(tmp_path, "run", PORT=port) as (second, _):
            assert second.wait(60) == 2
            told = rest(second.stdout)
    assert told == f"HOST 127.0.0.1 and PORT {port} cannot be used: Address already in use.\n"


def test_an_address_of_another_machine_stops_with_a_sentence(tmp_path: Path) -> None:
    with started(tmp_path, "run", HOST="192.0.2.1", PORT=str(free_port())) as (process, _):
        assert process.wait(60) == 2
        assert rest(process.stdout).startswith("HOST 192.0.2.1 and PORT ")


def test_web_and_worker_share_the_rows(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path}/huifu.db")
    port = str(free_port())
    with (
        started(tmp_path, "web", PORT=port) as (web, web_said),
        started(tmp_path, "worker", PORT=port) as (worker, said),
    ):
        web_said("Ctrl-C ends it.")
        said("The worker runs.")
        assert get(f"http://127.0.0.1:{port}/health/ready") == 200
        for process in (worker, web):
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
            assert "Traceback" not in rest(process.stdout)


@pytest.mark.postgres
def test_run_leaves_the_tables_of_postgresql_to_migrate(tmp_path: Path, fresh_postgres_url: Callable[..., str]) -> None:
    with started(tmp_path, "run", DATABASE_URL=fresh_postgres_url(), PORT=str(free_port())) as (process, _):
        assert process.wait(60) == 1
        assert rest(process.stdout) == "The database has no tables yet; run: huifu migrate\n"
