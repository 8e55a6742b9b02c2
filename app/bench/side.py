"""Offers texts to one server at a time, each from customers who were made for it, and weighs what that cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.bench import databases, script
from app.bench.figures import Sample
from app.bench.load import Load, closed_loop, open_loop
from app.bench.servers import Server, processor_seconds

FIRST_GUESS = 400.0  # turns a second, before anything is known
TOO_LONG = 3.0  # times the wanted length: then the rest is not sent
LEAST = 100  # texts of a load, so that one customer's stand apart
Tell = Callable[[str], None]


class Side:
    """A server, its database, and how fast it was last."""

    def __init__(self, name: str, server: Server, url: str) -> None:
        self.name, self.server, self.url, self.pace = name, server, url, FIRST_GUESS


class Wanted(Protocol):
    """The options that every load has: `customers` text by turns, `connections` in the closed loop."""

    @property
    def seconds(self) -> float: ...
    @property
    def connections(self) -> int: ...
    @property
    def customers(self) -> int: ...


@dataclass
class Offers:
    """`told`: what the progress bar says in front. `postmaster`: the database's own process, for what it costs."""

    wanted: Wanted
    told: str
    tell: Tell
    next_customer: int = 0
    postmaster: int | None = None

    def closed(self, side: Side, told: str, seconds: float) -> Sample:
        texts = self.texts(side, max(LEAST, int(side.pace * seconds)))
        self.tell(f"{self.told}, {told}: {side.name}, as fast as it answers")
        sample = self.sample(
            side, lambda: closed_loop(side.server.port, texts, self.wanted.connections, TOO_LONG * seconds)
        )
        side.pace = max(sample.turns_per_second, 1.0)
        return sample

    def open(self, side: Side, told: str, rate: float) -> Sample:
        texts = self.texts(side, int(rate * self.wanted.seconds))
        self.tell(f"{self.told}, {told}: {side.name}, {rate:g} texts a second")
        # More connections than threads, as a gateway has: a stalled server must not slow the offering down.
        return self.sample(side, lambda: open_loop(side.server.port, texts, 4 * self.wanted.connections, rate))

    def texts(self, side: Side, count: int) -> list[bytes]:
        """About `count` texts, as whole scripts of customers who have not texted yet."""
        return self.requests(side, self.fresh(side.url, count))

    def fresh(self, url: str, count: int) -> range:
        """New customers, as many as say `count` texts."""
        customers = -(-max(count, 1) // len(script.SCRIPT))
        first, self.next_customer = self.next_customer, self.next_customer + customers
        members = range(first, first + customers)
        databases.add_customers(url, members)
        return members

    def requests(self, side: Side, members: Sequence[int]) -> list[bytes]:
        return script.requests(members, self.crowd, f"127.0.0.1:{side.server.port}")

    @property
    def crowd(self) -> int:
        return max(self.wanted.customers, 2 * self.wanted.connections)

    def sample(self, side: Side, offer: Callable[[], Load]) -> Sample:
        before, database = side.server.spent(), self._database()
        load = offer()
        spent = side.server.spent().since(before)
        after = self._database()
        return Sample(
            turns=load.answered,
            turns_per_second=load.per_second,
            p50_ms=load.percentile_ms(50),
            p99_ms=load.percentile_ms(99),
            processor_ms=_each(spent.processor, load.answered),
            statements=spent.statements,
            lost=load.lost,
            database_ms=_each(after - database if after and database else None, load.answered),
        )

    def _database(self) -> float | None:
        return processor_seconds(self.postmaster) if self.postmaster else None


def _each(seconds: float | None, turns: int) -> float | None:
    return seconds * 1000 / turns if seconds is not None and turns else None
