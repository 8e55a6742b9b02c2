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
from app.bench.figures import CEILING, OURS, WITH_WORKER, DatabaseFigures, Rounds
from app.bench.plan import Plan, observe
from app.bench.servers import serving
from app.bench.side import Offers, Side, Tell
from app.config import Settings

WARM_UP = 3.0  # seconds: until every thread has prepared its statements and every table of words is compiled
CONSOLE_PAGES = Settings.model_fields["console_pages"].default


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
    new_words: bool = False

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


class _Measurement:
    def __init__(self, database: str, options: Options, folder: Path, tell: Tell) -> None:
        self.database, self.options, self.folder = database, options, folder
        self.offers = Offers(options, database, tell)

    def run(self, make: Callable[[], AbstractContextManager[str]], durability: dict[str, str]) -> DatabaseFigures:
        with ExitStack() as stack:
            urls = {side: stack.enter_context(make()) for side in self._sides()}
            plan = self._observe(urls[OURS])
            figures = DatabaseFigures({text: len(steps) for text, steps in plan.items()}, durability)
            sides = {side: stack.enter_context(self._serve(side, url, plan)) for side, url in urls.items()}
            for side in sides.values():
                self.offers.closed(side, "warm-up", min(WARM_UP, self.options.seconds))
            figures.open = [Rounds(rate) for rate in self.options.rates]
            figures.worker = Rounds() if self.options.with_worker else None
            for number in range(self.options.rounds):
                # The one that goes first may find the machine in another state: they take turns at that too.
                order = [sides[OURS], sides[CEILING]][:: 1 if number % 2 == 0 else -1]
                told = f"round {number + 1}"
                for side in order:
                    figures.closed.add(side.name, self.offers.closed(side, told, self.options.seconds))
                for rounds in figures.open:
                    for side in order:
                        rounds.add(side.name, self.offers.open(side, told, rounds.rate or 1.0))
                if figures.worker is not None:
                    figures.worker.add(OURS, self.offers.closed(sides[WITH_WORKER], told, self.options.seconds))
            figures.rows = databases.rows(urls[OURS])
        return figures

    def _sides(self) -> tuple[str, ...]:
        return (OURS, CEILING, WITH_WORKER) if self.options.with_worker else (OURS, CEILING)

    def _observe(self, url: str) -> Plan:
        databases.add_customers(url, range(1))
        self.offers.next_customer = 1
        return observe({**twilio_of_nobody(url), "log_level": "WARNING"}, 0)

    @contextmanager
    def _serve(self, side: str, url: str, plan: Plan) -> Iterator[Side]:
        environment = {name.upper(): str(value) for name, value in twilio_of_nobody(url).items()}
        environment["WEB_THREADS"] = str(self.options.threads)
        environment |= {"BENCH_NEW_WORDS": "1"} if self.options.new_words else {}
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
                environment |= {"BENCH_WITH_WORKER": "1", "TWILIO_API_URL": stack.enter_context(sink.accepting()).url}
            server = stack.enter_context(serving(target, self.folder, environment, threads))
            yield Side(side, server, url)


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
