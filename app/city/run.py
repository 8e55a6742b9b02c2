"""One life of a city: built, lived, killed now and then, mended, drained, and judged."""

from __future__ import annotations

import random
import secrets
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from app.bench import databases
from app.bench.servers import free_port
from app.city import roster
from app.city.agenda import Agenda
from app.city.air import ACCOUNT, OUR_NUMBER, TOKEN, Air
from app.city.checker import AMOUNT, Checker
from app.city.child import VARIABLE
from app.city.clock import FastClock
from app.city.desk import Desk
from app.city.faults import Faults
from app.city.gateway import Gateway
from app.city.ledger import Ledger
from app.city.looks import Looks
from app.city.power import Power
from app.city.town import Town
from app.config import load_settings
from app.handlers.customers_file import read
from app.handlers.customers_imported import Ears, import_customers
from app.handlers.service import Service
from app.store import customers
from app.wiring import build_service

THREADS = 16
LOOK_EVERY = 0.5
RESTS = 4
"""Looks in a row in which nothing was left to do: only then is the city at rest."""


class Broken(RuntimeError):
    """The city itself failed; nothing can be said of the service."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`database`: a PostgreSQL server's URL, or empty for SQLite. `speed`: seconds of the city in a real one."""

    texts: int
    customers: int
    seed: int
    kills: int = 0
    database: str = ""
    speed: float = 20.0
    patience: float = 600.0
    """Real seconds without any text being acknowledged, or of draining, after which the city is given up."""


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


def live(plan: Plan, tell: Tell) -> Report:
    """Raises `Broken`, `NotServing`, and what the database raises when it cannot be used."""
    begun = time.monotonic()
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="huifu-city-", ignore_cleanup_errors=True))
        )
        made = databases.postgres(plan.database) if plan.database else databases.sqlite(folder)
        url = stack.enter_context(made)
        city = _City(plan, folder, url, stack)
        tell("starting the service", 0)
        city.begin()
        city.watch(tell)
        return Report(city.counts(), city.checker.verdict(), time.monotonic() - begun)


class _City:
    def __init__(self, plan: Plan, folder: Path, url: str, stack: ExitStack) -> None:
        self.plan, self.ledger, self.faults = plan, Ledger(), Faults(plan.seed)
        self.people = roster.settle(plan.seed, plan.customers)
        clock = self.clock = FastClock(time.time(), plan.speed)
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        self.agenda, air = Agenda(THREADS), Air(base)
        stack.callback(self.agenda.end)
        self.gateway = Gateway(self.faults, self.ledger, clock, self.agenda, air)
        environment = {
            "DATABASE_URL": url,
            "GATEWAY": "twilio",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": OUR_NUMBER,
            "TWILIO_API_URL": self.gateway.start(),
            "PUBLIC_URL": base,
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "SECRET_KEY": secrets.token_hex(16),
            "LOG_LEVEL": "ERROR",
        }
        stack.callback(self.gateway.stop)
        settings = load_settings({name.lower(): value for name, value in environment.items()})
        self.service = build_service(settings, clock=clock)
        stack.callback(self.service.database.close)
        self.power = Power(
            ("web", "worker") if plan.database else ("run",), folder, port, environment | {VARIABLE: str(clock)}
        )
        stack.callback(self.power.stop)
        self.looks = Looks(url)
        stack.callback(self.looks.close)
        amounts = {phone: one.amounts for one in self.people for phone in one.phones}
        self.checker = Checker(self.looks, self.ledger, clock.at, amounts)
        self.desk = Desk(self.service, self.agenda, self.ledger)
        self.town = Town(
            plan.seed,
            self.agenda,
            air,
            self.gateway,
            self.faults,
            self.ledger,
            clock,
            self.looks.sending,
            self.desk.advertise,
        )
        _move_in(self.service, self.people, folder)

    def begin(self) -> None:
        for kind in self.power.kinds:
            self.power.start(kind)
        self.town.live(self.people, self.plan.texts)
        self.desk.look()

    def watch(self, tell: Tell) -> None:
        """Kills in the middle, then mends everything and waits until all is at rest, or patience ends."""
        chance = random.Random(f"{self.plan.seed}:kills")
        # Between the first and the last tenth, so that there is always something to break and something to mend.
        kills = sorted(self.plan.texts * chance.uniform(0.1, 0.9) for _ in range(self.plan.kills))
        moved, before, at_rest = time.monotonic(), 0, 0
        while at_rest < RESTS and time.monotonic() - moved < self.plan.patience:
            time.sleep(LOOK_EVERY)
            if self.agenda.errors:
                raise Broken(f"the city has a bug of its own: {self.agenda.errors[0]!r}") from self.agenda.errors[0]
            self.power.require_alive()
            done = self.acknowledged
            if done != before:
                moved, before = time.monotonic(), done
            while kills and len(self.ledger.texts) >= kills[0]:
                del kills[0]
                self._kill(chance)
            self.checker.observe()
            if self.town.done and not kills:
                self.faults.calm = True
                self.desk.open = False
                at_rest = at_rest + 1 if self._idle() else 0
            tell("draining" if self.faults.calm else "living", done)

    def _idle(self) -> bool:
        return not self.agenda.open and not self.looks.waiting

    def _kill(self, chance: random.Random) -> None:
        kind = chance.choice(self.power.kinds)
        self.power.kill(kind)
        self.ledger.count(f"kills of {kind}")
        time.sleep(chance.uniform(0, 0.5))
        self.power.start(kind)

    @property
    def acknowledged(self) -> int:
        return sum(text.acknowledged is not None for text in list(self.ledger.texts.values()))

    def counts(self) -> dict[str, int]:
        with self.ledger.lock:
            found = dict(sorted(self.ledger.counts.items()))
        for act in self.ledger.acts:
            name = f"agents: {act.what}" + ("" if act.allowed else " refused")
            found[name] = found.get(name, 0) + 1
        figures = sum(bool(one.gateway_id) and AMOUNT.search(one.body) is not None for one in self.ledger.tries)
        found["messages that told a figure"] = figures
        for state, times in self.looks.rows("SELECT state, count(*) FROM messages GROUP BY state ORDER BY state"):
            found[f"messages {state}"] = times
        forged = sum(text.forged for text in self.ledger.texts.values())
        return {
            "texts said": len(self.ledger.texts),
            "texts acknowledged": self.acknowledged,
            "texts forged": forged,
            **found,
        }


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
