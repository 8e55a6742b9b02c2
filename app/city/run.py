"""One life of a city: built, lived, broken now and then, mended, drained, and judged."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from app.bench import databases
from app.bench.redis import RedisServer
from app.bench.servers import free_port
from app.city import breaks, roster
from app.city.agenda import Agenda
from app.city.air import ACCOUNT, OUR_NUMBER, TOKEN, Air
from app.city.breaks import MOST_WRONG, Breaker
from app.city.checker import Checker
from app.city.clock import FastClock
from app.city.counted import counted
from app.city.desk import Desk
from app.city.evidence import Evidence
from app.city.faults import Faults
from app.city.gateway import Gateway
from app.city.ground import Postgres
from app.city.ledger import Ledger
from app.city.looks import Looks
from app.city.operator import Operator, remember
from app.city.plan import Plan
from app.city.power import Power
from app.city.town import Town
from app.config import load_settings
from app.handlers.customers_file import read
from app.handlers.customers_imported import Ears, import_customers
from app.handlers.service import Service
from app.store import customers
from app.store.migrate import upgrade
from app.wiring import build_service
from app.worker.shared_wakes import SharedWakes
from app.worker.wakes import build_wakes

THREADS = 48
LOOK_EVERY = 0.1
RESTS = 10
"""Looks in a row in which nothing was left to do: only then is the city at rest."""
OBSERVED = 0.03
"""The share of the time that may be spent on looking at statuses."""
LATE = 3.0
"""Real seconds that a busy machine may take between a look at the clock and the request that follows."""
ROOM = 300
"""Rows that wait and texts that nobody has acknowledged: with more of them, customers wait too."""


class Broken(RuntimeError):
    """The city itself failed; nothing can be said of the service."""


@dataclass(frozen=True, slots=True)
class Report:
    counts: dict[str, int]
    verdict: dict[str, list[str]]
    seconds: float

    @property
    def broken(self) -> int:
        return sum(map(len, self.verdict.values()))


Tell = Callable[[str, int], None]
"""What goes on, and how many texts have been acknowledged."""


def live(plan: Plan, tell: Tell, keep: Path | None = None) -> Report:
    """`keep`: a folder for the logs of the processes. Raises `Broken`, `NotServing`, `NoPostgres`, `NoRedis`, and what
    the database raises when it cannot be used."""
    begun = time.monotonic()
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="huifu-city-", ignore_cleanup_errors=True))
        )
        tell("building", 0)
        city = _City(plan, folder, stack)
        if keep is not None:
            stack.callback(city.keep_logs, keep)
        tell("starting the service", 0)
        city.begin()
        city.watch(tell)
        return Report(counted(city.ledger, city.looks), city.checker.verdict(), time.monotonic() - begun)


class _City:
    def __init__(self, plan: Plan, folder: Path, stack: ExitStack) -> None:
        self.plan, self.ledger, self.faults = plan, Ledger(), Faults(plan.seed)
        people = self._people = roster.settle(plan.seed, plan.customers)
        clock = FastClock(time.time(), plan.speed)
        ports = [free_port() for _ in range(plan.served)]
        air = Air(f"http://127.0.0.1:{ports[0]}", ports)
        self.agenda = Agenda(THREADS)
        stack.callback(self.agenda.end)
        self.gateway = Gateway(self.faults, self.ledger, clock, self.agenda, air)
        postgres, redis, url = _ground(plan, folder, stack)
        environment = {
            "DATABASE_URL": url,
            "GATEWAY": "twilio",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": OUR_NUMBER,
            "TWILIO_API_URL": self.gateway.start(),
            "PUBLIC_URL": air.base,
            "HOST": "127.0.0.1",
            "LINK_URL": "https://r.bank.example.com",
            "ROUTE": "cmpp",  # texts of programmes to China; what carries the bytes stays a stand-in for Twilio
            "SECRET_KEY": secrets.token_hex(16),
            "LOG_LEVEL": "WARNING",
        } | ({"REDIS_URL": redis.url} if redis else {})
        stack.callback(self.gateway.stop)
        settings = load_settings({name.lower(): value for name, value in environment.items()})
        wakes = build_wakes(settings.redis_url)
        if isinstance(wakes, SharedWakes):
            stack.callback(wakes.close)
        self._service = build_service(settings, clock=clock, wake=wakes)
        stack.callback(self._service.database.close)
        self.power = Power(plan.slots(ports), folder, environment, clock)
        stack.callback(self.power.stop)
        self.looks = Looks(url)
        stack.callback(self.looks.close)
        self.checker = Checker(self._evidence(clock))
        self.desk = Desk(self._service, self.agenda, self.ledger)
        self.operator = Operator(self._service, self.agenda, self.ledger, clock, self.looks.sending)
        self.breaker = Breaker(
            breaks.plan(plan.seed, plan.texts, plan.breaks), self.power, clock, self.ledger, postgres, redis
        )
        self.town = Town(
            plan.seed,
            self.agenda,
            air,
            self.gateway,
            self.faults,
            self.ledger,
            clock,
            self.looks.sending_to,
            self.desk.advertise,
            plan.crowd,
        )
        self.gateway.arrived = self.town.heard
        _move_in(self._service, people, folder)

    def begin(self) -> None:
        for slot in self.power.slots:
            self.power.start(slot)
        self.town.live(self._people, self.plan.texts)
        self.desk.look()
        self.operator.begin()

    def watch(self, tell: Tell) -> None:
        """Breaks what is due, then mends everything and waits until all is at rest, or patience ends."""
        moved, before, at_rest, look_at = time.monotonic(), -1, 0, 0.0
        while at_rest < RESTS and time.monotonic() - moved < self.plan.patience:
            time.sleep(LOOK_EVERY)
            if self.agenda.errors:
                raise Broken(f"the city has a bug of its own: {self.agenda.errors[0]!r}") from self.agenda.errors[0]
            self.power.require_alive()
            said = len(self.ledger.texts)
            done = said - self.town.unheard
            if done != before:
                moved, before = time.monotonic(), done
            self.breaker.look(said)
            if time.monotonic() > look_at:
                begun = time.monotonic()
                waiting = self._look()
                look_at = time.monotonic() + (time.monotonic() - begun) / OBSERVED
            self.town.crowded = self.town.unheard + waiting > ROOM
            if self.town.done and self.breaker.over:
                self.faults.calm = True
                self.desk.open = self.operator.open = False
                at_rest = at_rest + 1 if self._idle() else 0
            tell("draining" if self.faults.calm else "living", done)
            if at_rest == RESTS and not self._stands_still():
                at_rest = 0

    def _stands_still(self) -> bool:
        """All processes are stopped, for good if it finds nothing begun: what falls due meanwhile, as the end of a
        silence, would go on under the eyes of the checker."""
        for slot in self.power.slots:
            self.power.pause(slot)
        if self._idle():
            return True
        for slot in self.power.slots:
            self.power.go_on(slot)
        return False

    def _look(self) -> int:
        """How many rows wait; many, while the database does not say."""
        try:
            self.checker.observe()
            return self.looks.waiting
        except SQLAlchemyError:
            return ROOM

    def _idle(self) -> bool:
        return not self.agenda.open and not self.looks.waiting

    def keep_logs(self, folder: Path) -> None:
        for name, log in self.power.logs.items():
            (folder / f"city-{self.plan.seed}-{name}.log").write_text(log, encoding="utf-8")

    def _evidence(self, clock: FastClock) -> Evidence:
        skew = MOST_WRONG if self.plan.breaks.get("skews") else 0.0
        return Evidence(
            self.looks,
            self.ledger,
            clock.at,
            {phone: one.amounts for one in self._people for phone in one.phones},
            people={phone: one for one in self._people for phone in one.phones},
            skew=timedelta(seconds=skew),
            late=timedelta(seconds=LATE * self.plan.speed),
            logs=lambda: self.power.logs,
        )


def _ground(plan: Plan, folder: Path, stack: ExitStack) -> tuple[Postgres | None, RedisServer | None, str]:
    """The servers that may be restarted, and the URL of an empty, migrated database."""
    if not (plan.scale or plan.database):
        return None, None, stack.enter_context(databases.sqlite(folder))
    redis = RedisServer().start() if plan.scale else None
    if redis:
        stack.callback(redis.kill)
    if plan.database:
        return None, redis, stack.enter_context(databases.postgres(plan.database))
    postgres = Postgres(folder)
    stack.callback(postgres.stop)
    upgrade(postgres.url)
    return postgres, redis, postgres.url


def _move_in(service: Service, people: list[roster.Customer], folder: Path) -> None:
    """The bank's file comes in as any, and the second phones are bound."""
    file, faults = folder / "customers.csv", list[object]()
    roster.write(file, people)
    with file.open(encoding="utf-8") as opened:
        _, rows = read(opened)
        ears = Ears(faults.append, faults.append, lambda _: None)
        import_customers(service.database, rows, file=file.name, clock=service.clock, ears=ears)
    if faults:
        raise Broken(f"the city's own file of customers is not taken: {faults[0]}")
    second = [(phone, one.customer_id) for one in people for phone in one.phones[1:]]
    with service.database.begin() as connection:
        customers.bind(connection, second, service.clock())
    remember(service, people)
