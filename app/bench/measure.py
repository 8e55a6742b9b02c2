"""The measurement: both servers up side by side, loaded by turns, round after round."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.bench import databases, script, sink
from app.bench.figures import CEILING, OURS, WITH_WORKER, DatabaseFigures, Rounds, Sample
from app.bench.load import Load, closed_loop, open_loop
from app.bench.plan import Plan, observe
from app.bench.servers import Server, serving
from app.config import Settings

WARM_UP = 3.0  # seconds: until every thread has prepared its statements and every table of words is compiled
FIRST_GUESS = 400.0  # turns a second, before anything is known
CONSOLE_PAGES = Settings.model_fields["console_pages"].default
TOO_LONG = 3.0  # times the wanted length: then the rest is not sent
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """`seconds`: of each load. `customers` text by turns. `rates`: texts a second in the open loop."""

    databases: Sequence[str] = ("sqlite", "postgresql")
    seconds: float = 5.0
    rounds: int = 3
    rates: Sequence[float] = (100.0, 200.0)
    connections: int = 16
    threads: int = 8
    customers: int = 200
    with_worker: bool = False
    postgres_url: str | None = None

    @property
    def loads(self) -> int:
        """How many loads `measure` announces."""
        sides = 2 + self.with_worker
        return len(self.databases) * (sides + self.rounds * (sides + 2 * len(self.rates)))


def measure(options: Options, tell: Tell) -> dict[str, DatabaseFigures]:
    """Figures by database. `tell` hears a line before each load.

    Raises `databases.NoPostgres`, `servers.NotServing`, `load.Refusing`, `by_hand.NotByHand`.
    """
    return {name: _measure_on(name, options, tell) for name in options.databases}


def _measure_on(database: str, options: Options, tell: Tell) -> DatabaseFigures:
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="huifu-bench-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(made))
        if database == "sqlite":
            durability = {"journal_mode": "wal", "synchronous": "full"}
            return _Measurement(database, options, folder, tell).run(lambda: databases.sqlite(folder), durability)
        server = stack.enter_context(databases.postgres_server(options.postgres_url))
        durability = databases.durable(server)
        return _Measurement(database, options, folder, tell).run(lambda: databases.postgres(server), durability)


class _Side:
    """A server, its database, and how fast it was last."""

    def __init__(self, name: str, server: Server, url: str) -> None:
        self.name, self.server, self.url, self.pace = name, server, url, FIRST_GUESS


class _Measurement:
    def __init__(self, database: str, options: Options, folder: Path, tell: Tell) -> None:
        self.database, self.options, self.folder, self.tell = database, options, folder, tell
        self.next_customer = 0

    def run(self, make: Callable[[], AbstractContextManager[str]], durability: dict[str, str]) -> DatabaseFigures:
        with ExitStack() as stack:
            urls = {side: stack.enter_context(make()) for side in self._sides()}
            plan = self._observe(urls[OURS])
            figures = DatabaseFigures({text: len(steps) for text, steps in plan.items()}, durability)
            sides = {side: stack.enter_context(self._serve(side, url, plan)) for side, url in urls.items()}
            for side in sides.values():
                self._closed(side, "warm-up", min(WARM_UP, self.options.seconds))
            figures.open = [Rounds(rate) for rate in self.options.rates]
            figures.worker = Rounds() if self.options.with_worker else None
            for number in range(self.options.rounds):
                # The one that goes first may find the machine in another state: they take turns at that too.
                order = [sides[OURS], sides[CEILING]][:: 1 if number % 2 == 0 else -1]
                told = f"round {number + 1}"
                for side in order:
                    figures.closed.add(side.name, self._closed(side, told, self.options.seconds))
                for rounds in figures.open:
                    for side in order:
                        rounds.add(side.name, self._open(side, told, rounds.rate or 1.0))
                if figures.worker is not None:
                    figures.worker.add(OURS, self._closed(sides[WITH_WORKER], told, self.options.seconds))
            figures.rows = databases.rows(urls[OURS])
        return figures

    def _sides(self) -> tuple[str, ...]:
        return (OURS, CEILING, WITH_WORKER) if self.options.with_worker else (OURS, CEILING)

    def _observe(self, url: str) -> Plan:
        databases.add_customers(url, 0, 1)
        self.next_customer = 1
        return observe({**twilio_of_nobody(url), "log_level": "WARNING"}, 0)

    @contextmanager
    def _serve(self, side: str, url: str, plan: Plan) -> Iterator[_Side]:
        environment = {name.upper(): str(value) for name, value in twilio_of_nobody(url).items()}
        environment["WEB_THREADS"] = str(self.options.threads)
        # As `huifu run` serves: places for open pages too. They stay empty here, and the ceiling has none.
        threads = self.options.threads + (CONSOLE_PAGES if side != CEILING else 0)
        with ExitStack() as stack:
            if side == CEILING:
                target, environment = (
                    "app.bench.ceiling:application",
                    {"DATABASE_URL": url, "BENCH_PLAN": json.dumps(plan)},
                )
            else:
                target = "app.bench.ours:application"
            if side == WITH_WORKER:
                environment |= {"BENCH_WITH_WORKER": "1", "TWILIO_API_URL": stack.enter_context(sink.running())}
            server = stack.enter_context(serving(target, self.folder, environment, threads))
            yield _Side(side, server, url)

    def _closed(self, side: _Side, told: str, seconds: float) -> Sample:
        texts = self._texts(side, int(side.pace * seconds))
        self.tell(f"{self.database}, {told}: {side.name}, as fast as it answers")
        sample = self._sample(
            side, lambda: closed_loop(side.server.port, texts, self.options.connections, TOO_LONG * seconds)
        )
        side.pace = max(sample.turns_per_second, 1.0)
        return sample

    def _open(self, side: _Side, told: str, rate: float) -> Sample:
        texts = self._texts(side, int(rate * self.options.seconds))
        self.tell(f"{self.database}, {told}: {side.name}, {rate:g} texts a second")
        # More connections than threads, as a gateway has: a stalled server must not slow the offering down.
        return self._sample(side, lambda: open_loop(side.server.port, texts, 4 * self.options.connections, rate))

    def _texts(self, side: _Side, count: int) -> list[bytes]:
        """About `count` texts, as whole scripts of customers who have not texted yet."""
        customers = -(-max(count, 1) // len(script.SCRIPT))
        crowd = max(self.options.customers, 2 * self.options.connections)
        first, self.next_customer = self.next_customer, self.next_customer + customers
        databases.add_customers(side.url, first, customers)
        return script.requests(first, customers, crowd, f"127.0.0.1:{side.server.port}")

    def _sample(self, side: _Side, offer: Callable[[], Load]) -> Sample:
        before = side.server.spent()
        load = offer()
        spent = side.server.spent().since(before)
        return Sample(
            turns=load.answered,
            turns_per_second=load.per_second,
            p50_ms=load.percentile_ms(50),
            p99_ms=load.percentile_ms(99),
            processor_ms=spent.processor * 1000 / load.answered
            if spent.processor is not None and load.answered
            else None,
            statements=spent.statements,
            lost=load.lost,
        )


def twilio_of_nobody(url: str) -> dict[str, Any]:
    """Twilio with an account that nobody has. Texts stay in the outbox unless the worker runs."""
    return {
        "database_url": url,
        "gateway": "twilio",
        "twilio_account_sid": script.ACCOUNT,
        "twilio_auth_token": script.TOKEN,
        "twilio_from": script.OUR_NUMBER,
        "twilio_api_url": "http://127.0.0.1:9",
        "public_url": script.PUBLIC_URL,
        "secret_key": "only for a measurement",
    }
