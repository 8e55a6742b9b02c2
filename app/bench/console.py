"""The measurement of open pages: how soon all of them hear of a change, and what they cost while nothing happens."""

from __future__ import annotations

import http.client
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from app.bench import databases, queue
from app.bench.load import percentile_ms
from app.bench.measure import twilio_of_nobody
from app.bench.pages import Pages, open_pages
from app.bench.servers import Server, serving
from app.bench.side import Tell
from app.store.database import Database
from app.worker.wakes import build_wakes

IDLE = 4  # times the length of a load: a ping and its answer come every 20 seconds
SAME, OTHER, REDIS = "same_process", "other_process", "other_process_redis"


@dataclass(frozen=True, slots=True)
class Options:
    """`rate`: changes a second. `seconds`: of each load. `redis_url`: measured as well when there is one."""

    databases: Sequence[str] = ("sqlite", "postgresql")
    seconds: float = 5.0
    pages: int = 50
    waiting: int = 200
    rate: float = 10.0
    threads: int = 8
    postgres_url: str | None = None
    redis_url: str = ""

    @property
    def loads(self) -> int:
        return len(self.databases) * (4 if self.redis_url else 3)


@dataclass(frozen=True, slots=True)
class Delays:
    """From the commit of a change to the last page, in milliseconds. `lost`: changes that some page never heard of.
    `processor_ms`: of the server for a change told to all pages."""

    changes: int
    p50_ms: float
    p99_ms: float
    most_ms: float
    lost: int
    processor_ms: float | None
    statements: float


@dataclass(frozen=True, slots=True)
class Idle:
    """While nothing happens. `processor_percent`: of one core; `statements_per_second`: of the whole server."""

    seconds: float
    processor_percent: float | None
    statements_per_second: float
    pings: int
    memory_mb: float | None


@dataclass(slots=True)
class ConsoleFigures:
    delays: dict[str, Delays] = field(default_factory=dict)
    idle: Idle | None = None

    def data(self) -> dict[str, Any]:
        return {
            "delays": {who: _rounded(asdict(found)) for who, found in self.delays.items()},
            "idle": _rounded(asdict(self.idle)) if self.idle else None,
        }


def measure(options: Options, tell: Tell) -> dict[str, ConsoleFigures]:
    """Figures by database. Raises `databases.NoPostgres`, `servers.NotServing`, `load.Refusing`."""
    return {name: _measure_on(name, options, tell) for name in options.databases}


def _measure_on(database: str, options: Options, tell: Tell) -> ConsoleFigures:
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="huifu-bench-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(made))
        if database == "sqlite":
            url = stack.enter_context(databases.sqlite(folder))
        else:
            server = stack.enter_context(databases.postgres_server(options.postgres_url))
            url = stack.enter_context(databases.postgres(server))
        settings = {
            **twilio_of_nobody(url),
            "log_level": "WARNING",
            "console_pages": options.pages + 8,
            "web_threads": options.threads,
        }
        tickets = queue.add_waiting(url, options.waiting)
        seats = queue.add_people(settings, options.pages)
        figures = ConsoleFigures()
        with _served(settings, folder) as running, open_pages(running.port, seats) as pages:
            tell(f"{database}: changes in the same process")
            with _through(running) as change:
                _delays(running, pages, tickets[:20], 10.0, min(options.seconds, 2.0), change)  # warm
                figures.delays[SAME] = _delays(running, pages, tickets, options.rate, options.seconds, change)
            tell(f"{database}: changes in another process")
            with _beside(url, "") as change:
                figures.delays[OTHER] = _delays(running, pages, tickets, options.rate, options.seconds, change)
            tell(f"{database}: nothing happens")
            figures.idle = _idle(running, pages, IDLE * options.seconds)
        if options.redis_url:
            tell(f"{database}: changes in another process, with Redis")
            shared = {**settings, "redis_url": options.redis_url}
            with (
                _served(shared, folder) as running,
                open_pages(running.port, seats) as pages,
                _beside(url, options.redis_url) as change,
            ):
                figures.delays[REDIS] = _delays(running, pages, tickets, options.rate, options.seconds, change)
        return figures


@contextmanager
def _served(settings: dict[str, Any], folder: Path) -> Iterator[Server]:
    environment = {name.upper(): str(value) for name, value in settings.items()}
    threads = settings["web_threads"] + settings["console_pages"]
    with serving("app.bench.console_server:application", folder, environment, threads) as server:
        yield server


@contextmanager
def _through(server: Server) -> Iterator[Callable[[int], float]]:
    """Changes a ticket in the server itself; gives when that was committed."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)

    def change(ticket: int) -> float:
        line.request("POST", f"{queue.PATH}?ticket={ticket}")
        return float(line.getresponse().read())

    yield change
    line.close()


@contextmanager
def _beside(url: str, redis_url: str) -> Iterator[Callable[[int], float]]:
    """Changes a ticket from this process, as a worker that runs beside the server would."""
    database, wakes = Database(url, threads=1), build_wakes(redis_url)

    def change(ticket: int) -> float:
        queue.change(database, ticket, datetime.now(UTC))
        committed = perf_counter()
        wakes("console")
        return committed

    yield change
    database.close()


def _delays(
    server: Server,
    pages: Pages,
    tickets: Sequence[int],
    rate: float,
    seconds: float,
    change: Callable[[int], float],
) -> Delays:
    """Changes at a steady rate, each of another ticket than those just before."""
    pages.forget()
    took: list[float] = []
    lost = 0
    before = server.spent()
    turn = queue.rotation(tickets, max(1, int(rate * seconds)))
    began, pending = perf_counter(), dict[int, float]()
    for number, ticket in enumerate(turn):
        sleep(max(0.0, began + number / rate - perf_counter()))
        if ticket in pending:
            lost += _settle(pages, ticket, pending.pop(ticket), took)
        pending[ticket] = change(ticket)
    for ticket, committed in pending.items():
        lost += _settle(pages, ticket, committed, took)
    spent = server.spent().since(before)
    took.sort()
    return Delays(
        changes=len(turn),
        p50_ms=percentile_ms(took, 50),
        p99_ms=percentile_ms(took, 99),
        most_ms=percentile_ms(took, 100),
        lost=lost,
        processor_ms=spent.processor * 1000 / len(turn) if spent.processor is not None else None,
        statements=spent.statements / len(turn),
    )


def _settle(pages: Pages, ticket: int, committed: float, took: list[float]) -> int:
    """Notes when the last page heard of a change; 1 when some page never did."""
    heard = pages.wait_for(ticket, 10)
    times = pages.heard.pop(ticket, [])
    if heard:
        took.append(max(times) - committed)
    return 0 if heard else 1


def _idle(server: Server, pages: Pages, seconds: float) -> Idle:
    before, pings = server.spent(), pages.pings
    began = perf_counter()
    sleep(seconds)
    lasted = perf_counter() - began
    spent = server.spent().since(before)
    return Idle(
        seconds=lasted,
        processor_percent=spent.processor * 100 / lasted if spent.processor is not None else None,
        statements_per_second=spent.statements / lasted,
        pings=pages.pings - pings,
        memory_mb=server.memory_mb(),
    )


def _rounded(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in figures.items()}
