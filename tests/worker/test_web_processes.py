"""`huifu web --processes`: several processes on one port, of which any may die."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.store.migrate import upgrade
from tests.worker.machine import ACCOUNT, SOON, Machine, until

TEXTS = 40


@pytest.fixture
def machine(tmp_path: Path, fresh_postgres_url: Callable[..., str]) -> Iterator[Machine]:
    with ExitStack() as running:
        yield Machine(tmp_path, fresh_postgres_url(upgrade), running, **ACCOUNT)


def serving(web: subprocess.Popen[bytes]) -> list[int]:
    """The serving processes, children of the one that was started."""
    return [int(child) for child in Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()]


def taken(machine: Machine) -> float:
    """What /metrics says, whichever process is asked."""
    with urllib.request.urlopen(f"http://127.0.0.1:{machine.port}/metrics", timeout=60) as answer:
        found = re.search(r'^huifu_inbound_total{outcome="taken"} (\S+)$', answer.read().decode(), re.MULTILINE)
    return float(found[1]) if found else 0


@pytest.mark.postgres
def test_several_share_the_port_and_one_that_dies_is_replaced(machine: Machine) -> None:
    web = machine.web("--processes", "2")
    for number in range(TEXTS):
        machine.text(f"+86138002{number:05}", "您好", f"SM{number}")
    assert {taken(machine) for _ in range(10)} == {TEXTS}
    assert machine.log.count("Health:") == 1
    first = serving(web)
    assert len(first) == 2
    os.kill(first[0], signal.SIGKILL)
    until(lambda: len(set(serving(web)) - set(first)) == 1, "the dead one was not replaced")
    assert web.poll() is None
    until(lambda: _took(machine), "texts are not taken any more")
    assert taken(machine) > TEXTS
    web.terminate()
    assert web.wait(SOON) == 0


def _took(machine: Machine) -> bool:
    """A text after the death: what was on its way to the dead process is delivered again by the gateway."""
    try:
        machine.text("+8613800299999", "您好", f"SM-late-{os.urandom(4).hex()}")
    except OSError:
        return False
    return True


def test_on_sqlite_it_says_what_is_missing(tmp_path: Path) -> None:
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/huifu.db"}
    done = CliRunner().invoke(main, ["web", "--processes", "2"], env=settings)
    assert done.exit_code == 2
    assert "--processes needs PostgreSQL (DATABASE_URL)" in done.output
