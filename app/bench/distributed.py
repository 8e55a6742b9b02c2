"""The distributed mode on one machine: PostgreSQL, Redis, several web processes, Celery, a gateway over HTTP."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.bench import databases, history, script, sending
from app.bench.figures import CEILING, EMPTY, FULL, OURS, Rounds, Spread
from app.bench.load import closed_loop
from app.bench.measure import CONSOLE_PAGES, WARM_UP, twilio_of_nobody
from app.bench.plan import Plan, observe
from app.bench.redis import RedisServer
from app.bench.sending import Answers, Sent
from app.bench.servers import Server, serving
from app.bench.side import Offers, Side, Tell
from app.bench.sink import accepting

SHARE = 0.6
"""Of what was measured at most: the load at which latency is promised."""
WORDS_ALONE = 2
"""The line of the script whose words are a command: nothing of the reader's model is needed for it."""


@dataclass(frozen=True, slots=True)
class Options:
    """`processes`: how many of `huifu web`, one measurement each. `messages`: queued for the sender, whose gateway
    takes `gateway_delay` seconds. `history`: messages of ours in the past, 0 for none."""

    processes: Sequence[int] = (1, 2)
    seconds: float = 5.0
    rounds: int = 3
    rates: Sequence[float] = (100.0, 300.0, 600.0)
    connections: int = 16
    threads: int = 8
    customers: int = 200
    gateway_delay: float = 0.1
    messages: int = 3000
    answer_rate: float = 50.0
    history: int = 0
    customers_in_history: int = 0
    postgres_url: str | None = None
    redis_url: str = ""
    new_words: bool = False

    @property
    def loads(self) -> int:
        """How many loads `measure` announces."""
        webhooks = len(self.processes) * (4 + self.rounds * (4 + 2 * len(self.rates)))
        return webhooks + 4 + (history.STEPS + 2 + 2 * self.rounds if self.history else 0)


@dataclass(slots=True)
class Webhooks:
    """With so many web processes; `share`: at `SHARE` of the most that ours was measured to take."""

    processes: int
    closed: Rounds = field(default_factory=Rounds)
    open: list[Rounds] = field(default_factory=list)
    share: Rounds = field(default_factory=Rounds)


@dataclass(slots=True)
class Past:
    """The same texts by the same customers on a database with a history and on one without, by turns."""

    messages: int
    customers: int
    fill_seconds: float
    rounds: Rounds = field(default_factory=Rounds)

    def ratio(self, figure: str) -> Spread | None:
        return self.rounds.ratio(figure, FULL, EMPTY)


@dataclass(slots=True)
class Found:
    """`memory`: resident MB of a web process, once without the reader's model and once with it."""

    plan: dict[str, int]
    durability: dict[str, str]
    webhooks: list[Webhooks] = field(default_factory=list)
    memory: dict[str, float] = field(default_factory=dict)
    answers: Answers | None = None
    sent: Sent | None = None
    past: Past | None = None


def measure(options: Options, tell: Tell) -> Found:
    """Raises `databases.NoPostgres`, `redis.NoRedis`, `servers.NotServing`, `load.Refusing`, `by_hand.NotByHand`."""
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="huifu-bench-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(made))
        redis = options.redis_url or _redis(stack)
        server = stack.enter_context(databases.postgres_server(options.postgres_url))
        offers = Offers(options, "distributed", tell, postmaster=databases.postmaster(server))
        return _Distributed(options, folder, server, redis, offers).run()


@dataclass
class _Distributed:
    options: Options
    folder: Path
    server: str
    redis: str
    offers: Offers

    def run(self) -> Found:
        with databases.postgres(self.server) as ours, databases.postgres(self.server) as ceiling:
            databases.add_customers(ours, range(1))
            self.offers.next_customer = 1
            plan = observe({**twilio_of_nobody(ours), "log_level": "WARNING"}, 0)
            found = Found({text: len(steps) for text, steps in plan.items()}, databases.durable(self.server))
            for processes in self.options.processes:
                found.webhooks.append(self._webhooks(processes, ours, ceiling, plan))
            found.memory = self._memory(ours)
        with databases.postgres(self.server) as url:
            found.answers = self._answers(url)
        with databases.postgres(self.server) as url:
            found.sent = self._sent(url)
        if self.options.history:
            found.past = self._past()
        return found

    def _webhooks(self, processes: int, ours: str, ceiling: str, plan: Plan) -> Webhooks:
        found = Webhooks(processes, open=[Rounds(rate) for rate in self.options.rates])
        with ExitStack() as stack:
            sides = [
                Side(OURS, stack.enter_context(self._serve(ours, processes)), ours),
                Side(CEILING, stack.enter_context(self._serve_ceiling(ceiling, processes, plan)), ceiling),
            ]
            for _ in range(2):  # connections, prepared statements, the reader: the first texts tell nothing of the rest
                for side in sides:
                    self.offers.closed(side, f"{processes} web, warm-up", min(WARM_UP, self.options.seconds))
            for number, order in _by_turns(sides, self.options.rounds):
                told = f"{processes} web, round {number}"
                for side in order:
                    found.closed.add(side.name, self.offers.closed(side, told, self.options.seconds))
                for rounds in found.open:
                    for side in order:
                        rounds.add(side.name, self.offers.open(side, told, rounds.rate or 1.0))
            most = found.closed.of(OURS, "turns_per_second")
            found.share.rate = SHARE * most.median if most else 1.0
            for number, order in _by_turns(sides, self.options.rounds):
                for side in order:
                    told = f"{processes} web, round {number} at {SHARE:.0%}"
                    found.share.add(side.name, self.offers.open(side, told, found.share.rate))
        return found

    def _memory(self, url: str) -> dict[str, float]:
        """Under load both times: once only with words that are commands, then with all of the script."""
        self.offers.tell("memory of a web process")
        with self._serve(url, 1) as server:
            members = self.offers.fresh(url, 2000)
            host = f"127.0.0.1:{server.port}"
            commands = [script.request(customer, WORDS_ALONE, host) for customer in members]
            closed_loop(server.port, commands, self.options.connections, 60)
            without = server.memory_of_each_mb()
            texts = self.offers.requests(Side(OURS, server, url), self.offers.fresh(url, 1000))
            closed_loop(server.port, texts, self.options.connections, 60)
            whole = server.memory_of_each_mb()
        return {"without_reader_mb": without[0], "with_reader_mb": whole[0]} if without and whole else {}

    def _answers(self, url: str) -> Answers:
        with accepting() as gateway, self._serve(url, 1, gateway.url) as server:
            side = Side(OURS, server, url)
            with sending.working(self.folder, self._environment(url, gateway.url)):
                self.offers.tell("from text to answer, warm-up")
                sending.answers(self.offers, side, gateway, self.options.answer_rate, min(3.0, self.options.seconds))
                self.offers.tell(f"from text to answer, {self.options.answer_rate:g} texts a second")
                return sending.answers(self.offers, side, gateway, self.options.answer_rate, 2 * self.options.seconds)

    def _sent(self, url: str) -> Sent:
        self.offers.tell(f"{self.options.messages:,} messages leave, {self.options.gateway_delay:g} s each")
        with accepting(self.options.gateway_delay) as gateway:
            environment = self._environment(url, gateway.url)
            return sending.drained(self.folder, environment, url, gateway, self.options.messages)

    def _past(self) -> Past:
        options, offers = self.options, self.offers
        customers = options.customers_in_history or max(1, options.history // 20)
        with ExitStack() as stack:
            urls = {name: stack.enter_context(databases.postgres(self.server)) for name in (EMPTY, FULL)}
            took = history.fill(urls[FULL], options.history, customers, offers.tell)
            past = Past(options.history, customers, took)
            sides = [Side(name, stack.enter_context(self._serve(url, 1)), url) for name, url in urls.items()]
            told = 0
            for number, order in _by_turns(sides, options.rounds + 1):
                count = max(1, int(min(side.pace for side in sides) * options.seconds) // len(script.SCRIPT))
                members = history.known(count, customers, told)
                told = (told + count) % max(1, customers - count)
                history.introduce(urls[EMPTY], members)
                for side in order:
                    offers.tell(f"history, round {number - 1}: {side.name}" if number > 1 else "history, warm-up")
                    texts = offers.requests(side, members)
                    sample = offers.sample(side, lambda s=side, t=texts: self._closed(s, t))  # type: ignore[misc]
                    side.pace = max(sample.turns_per_second, 1.0)
                    if number > 1:
                        past.rounds.add(side.name, sample)
        return past

    def _closed(self, side: Side, texts: Sequence[bytes]) -> Any:
        return closed_loop(side.server.port, texts, self.options.connections, 10 * self.options.seconds)

    def _environment(self, url: str, gateway: str = "") -> dict[str, str]:
        given = twilio_of_nobody(url) | {"redis_url": self.redis, "web_threads": self.options.threads}
        given |= {"twilio_api_url": gateway} if gateway else {}
        return {name.upper(): str(value) for name, value in given.items()} | {"LOG_LEVEL": "WARNING"}

    @contextmanager
    def _serve(self, url: str, processes: int, gateway: str = "") -> Iterator[Server]:
        threads = self.options.threads + CONSOLE_PAGES  # as `huifu web` has them: places for open pages, empty here
        environment = self._environment(url, gateway) | ({"BENCH_NEW_WORDS": "1"} if self.options.new_words else {})
        with serving("app.bench.ours:application", self.folder, environment, threads, processes) as server:
            yield server

    @contextmanager
    def _serve_ceiling(self, url: str, processes: int, plan: Plan) -> Iterator[Server]:
        environment = {"DATABASE_URL": url, "BENCH_PLAN": json.dumps(plan)}
        target = "app.bench.ceiling:application"
        with serving(target, self.folder, environment, self.options.threads, processes) as server:
            yield server


def _redis(stack: ExitStack) -> str:
    server = RedisServer().start()
    stack.callback(server.kill)
    return server.url


def _by_turns(sides: list[Side], rounds: int) -> Iterator[tuple[int, list[Side]]]:
    """The one that goes first may find the machine in another state: they take turns at that too."""
    for number in range(1, rounds + 1):
        yield number, sides[:: 1 if number % 2 else -1]
