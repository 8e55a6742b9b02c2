"""The measurement of the planner over a million customers, killed in the middle, and of the gate's pace.

Beside it stands the ceiling: one statement that reads the same customers in the same order, and a COPY of as many rows.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from sqlalchemy import text

from app.bench import care_fill, databases
from app.bench.care_gate import Pace, pace
from app.bench.care_planner import service_at, switch_on
from app.bench.servers import PROC, ROOT, processor_seconds
from app.bench.side import Tell
from app.care.programmes import shipped
from app.handlers.care.planning import LEASE
from app.store.database import Database

LOOK = 0.1  # seconds between two looks at the planner
ONE_BATCH_WORTH = 50_000  # rows that the ceiling reads or writes at a time
COPIED = """
SELECT programme, customer_id, phone, occasion, run_id, template, variant, language, purpose, kind, segment, priority,
  zone, state, reason, given, menu, due_at, closes_at, planned_at FROM occasions WHERE run_id IS NOT NULL
"""


class NotPlanned(RuntimeError):
    """A planner ended without its plan; `str()` has what it said."""


@dataclass(frozen=True, slots=True)
class Options:
    """`kills`: how often the planner is stopped by SIGKILL on its way."""

    customers: int = 1_000_000
    programmes: int = 12
    kills: int = 1
    gate_seconds: float = 5.0
    postgres_url: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """So many programmes: first those that have occasions of all kinds on the day."""
        others = (key for key in shipped() if key not in care_fill.PROGRAMMES)
        return (*care_fill.PROGRAMMES, *others)[: self.programmes]

    @property
    def loads(self) -> int:
        return care_fill.STEPS + self.kills + 5


@dataclass(slots=True)
class Pass:
    """One pass over all customers, of as many processes as it took. Seconds of the wall and of processors; the peak of
    the largest process in MB, None where /proc does not tell."""

    seconds: float = 0.0
    planner: float | None = None
    database: float | None = None
    peak_mb: float | None = None
    planned: int = 0


@dataclass(frozen=True, slots=True)
class CareFigures:
    """`rows`: occasions in the database after everything, `twice`: customers with one occasion twice, `unplanned`:
    customers whom no run has seen. `killed_at`: customers who had been planned at each SIGKILL. `ceiling`: seconds to
    read all customers and to copy as many rows. `gate`: on one core."""

    first: Pass
    second: Pass
    killed_at: tuple[int, ...]
    rows: int
    twice: int
    unseen: int
    ceiling: float
    gate: Pace


def measure(options: Options, tell: Tell) -> CareFigures:
    """Raises `databases.NoPostgres` and `NotPlanned`."""
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="huifu-bench-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(made))
        server = stack.enter_context(databases.postgres_server(options.postgres_url))
        url = stack.enter_context(databases.postgres(server))
        care_fill.fill(url, options.customers, tell)
        database = Database(url, threads=2)
        stack.callback(database.close)
        tell(f"{options.programmes} programmes are switched on")
        service = service_at(url)
        for key in options.keys:
            switch_on(service, key)
        service.database.close()
        passes = _Passes(options, url, folder, database, databases.postmaster(server))
        killed_at = []
        first = Pass()
        for number in range(options.kills):
            tell(f"planned, and killed at {options.customers * (number + 1) // (options.kills + 1):,}")
            killed_at.append(passes.until(first, options.customers * (number + 1) // (options.kills + 1), number))
        tell("planned to the end")
        passes.to_the_end(first, options.kills)
        tell("planned once more")
        second = Pass()
        passes.to_the_end(second, options.kills + 1, again=True)
        rows, twice, unseen = _counted(database, options.customers)
        tell("the ceiling: read, and copied")
        ceiling = _ceiling(url, rows)
    tell("the gate")
    gate = pace(options.gate_seconds)
    return CareFigures(first, second, tuple(killed_at), rows, twice, unseen, ceiling, gate)


class _Passes:
    def __init__(self, options: Options, url: str, folder: Path, database: Database, postmaster: int | None) -> None:
        self._customers, self._url, self._folder = options.customers, url, folder
        self._database, self._postmaster = database, postmaster
        self._began = perf_counter()

    def until(self, found: Pass, customers: int, number: int) -> int:
        """Starts a planner and kills it when it has planned so many; how many had been planned then."""
        with self._planner(found, number) as planner:
            while planner.poll() is None and self._seen() < customers:
                self._look(found, planner)
            planner.send_signal(signal.SIGKILL)
            planner.wait()
        return self._seen()

    def to_the_end(self, found: Pass, number: int, *, again: bool = False) -> None:
        with self._planner(found, number, again=again) as planner:
            while planner.poll() is None:
                self._look(found, planner)
        said = (self._folder / f"planner-{number}.log").read_text(encoding="utf-8").strip()
        if planner.returncode != 0:
            raise NotPlanned(said[-1000:])
        run: dict[str, Any] = json.loads(said.splitlines()[-1])
        if run["state"] != "done":
            raise NotPlanned(f"the run is {run['state']} after {run['seen']:,} customers")
        found.planned = run["planned"]

    @contextmanager
    def _planner(self, found: Pass, number: int, *, again: bool = False) -> Iterator[subprocess.Popen[bytes]]:
        """A planner whose clock says that the lease of the one before is over."""
        minutes = f"{(perf_counter() - self._began + number * (LEASE.total_seconds() + 60)) / 60:.3f}"
        command = [sys.executable, "-m", "app.bench.care_planner", self._url, minutes, *(["again"] if again else [])]
        log = (self._folder / f"planner-{number}.log").open("wb")
        self._of_planner, self._of_database = 0.0, (before := self._spent())
        began = perf_counter()
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        planner = subprocess.Popen(command, cwd=self._folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield planner
        finally:
            planner.kill()
            planner.wait()
            log.close()
            found.seconds += perf_counter() - began
            if before is not None and self._of_database is not None:
                found.database = (found.database or 0.0) + self._of_database - before
                found.planner = (found.planner or 0.0) + self._of_planner

    def _look(self, found: Pass, planner: subprocess.Popen[bytes]) -> None:
        status = PROC / str(planner.pid) / "status"
        if status.exists():
            peak = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))
            found.peak_mb = max(found.peak_mb or 0.0, int(peak[1]) / 1024 if peak else 0.0)
            # As long as they live: who has ended is not counted any more, and neither are their connections' servers.
            self._of_planner = processor_seconds(planner.pid) or self._of_planner
            self._of_database = max(self._of_database or 0.0, self._spent() or 0.0)
        sleep(LOOK)

    def _spent(self) -> float | None:
        return processor_seconds(self._postmaster) if self._postmaster else None

    def _seen(self) -> int:
        with self._database.begin() as connection:
            return int(connection.execute(text("SELECT coalesce(max(seen), 0) FROM plan_runs")).scalar_one())


def _counted(database: Database, customers: int) -> tuple[int, int, int]:
    """Rows of the planner, occasions that are there twice, customers whom the run has not seen."""
    same = "SELECT 1 FROM occasions GROUP BY programme, customer_id, occasion HAVING count(*) > 1"
    with database.begin() as connection:
        rows, twice, seen = (
            int(connection.execute(text(asked)).scalar_one())
            for asked in (
                "SELECT count(*) FROM occasions WHERE run_id IS NOT NULL",
                f"SELECT count(*) FROM ({same}) AS twice",
                "SELECT max(seen) FROM plan_runs",
            )
        )
    return rows, twice, customers - seen


def _ceiling(url: str, rows: int) -> float:
    """Seconds in which the bare driver reads the customers and copies so many rows into a table like ours."""
    import psycopg

    plain = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain) as connection, connection.cursor() as other:
        columns = COPIED.split("SELECT")[1].split("FROM")[0]
        other.execute("CREATE TABLE copied (LIKE occasions INCLUDING ALL)")
        kept = other.execute(f"{COPIED} LIMIT {ONE_BATCH_WORTH}").fetchall()
        other.execute("TRUNCATE occasions RESTART IDENTITY")
        connection.commit()
        began = perf_counter()
        with connection.cursor("customers") as reads:
            reads.itersize = ONE_BATCH_WORTH
            reads.execute("SELECT * FROM customers ORDER BY customer_id")
            while reads.fetchmany(1000):
                pass
        with other.copy(f"COPY copied ({columns}) FROM STDIN") as copy:
            for number in range(rows):
                programme, _, *rest = kept[number % len(kept)]
                copy.write_row((programme, f"C{number:08}", *(_plain(value) for value in rest)))
        connection.commit()
        return perf_counter() - began


def _plain(value: Any) -> Any:
    return "{}" if isinstance(value, dict) else value
