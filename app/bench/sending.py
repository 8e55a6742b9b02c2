"""What the worker is measured by: how fast it sends, and how long a customer waits for an answer."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import insert

from app.bench import script, servers
from app.bench.load import open_loop, percentile_ms
from app.bench.servers import Server
from app.bench.side import Offers, Side
from app.bench.sink import Sink
from app.store import tables
from app.store.database import Database

AT_ONCE = 1000
PATIENCE = 30.0
"""Seconds after which an answer that has not arrived counts as lost, and a queue that does not shrink as stuck."""
FIRST = 5_000_000
"""The first customer to whom something is sent unasked."""


@dataclass(frozen=True, slots=True)
class Answers:
    """From the moment at which a text should have left the customer to the arrival of its answer at the gateway."""

    rate: float
    texts: int
    lost: int
    p50_ms: float
    p99_ms: float
    most_ms: float


@dataclass(frozen=True, slots=True)
class Sent:
    """A queue drained by one worker process. `processor_ms`: its user and system time for a message."""

    messages: int
    lost: int
    per_second: float
    processor_ms: float | None


@contextmanager
def working(folder: Path, environment: Mapping[str, str], lanes: str = "") -> Iterator[Server]:
    words = ["--lanes", lanes] if lanes else []
    with servers.working(folder, environment, "--processes", "1", *words) as worker:
        yield worker


def answers(offers: Offers, side: Side, gateway: Sink, rate: float, seconds: float) -> Answers:
    """Offers texts at a fixed rate, and waits for as many answers. A number's answers arrive in the order of its texts,
    so the first belongs to the first."""
    members = offers.fresh(side.url, int(rate * seconds))
    order = [script.phone(customer) for customer, _ in script.texts(members, offers.crowd)]
    gateway.arrivals()
    texts = offers.requests(side, members)
    load = open_loop(side.server.port, texts, 4 * offers.wanted.connections, rate)
    asked: dict[str, deque[float]] = defaultdict(deque)
    for number, phone in enumerate(order):
        asked[phone].append(load.began + number / rate)
    delays: list[float] = []
    until = monotonic() + PATIENCE
    while len(delays) < len(order) and monotonic() < until:
        delays += [at - asked[to].popleft() for to, at in gateway.arrivals() if asked[to]]
        sleep(0.1)
    lost = len(order) - len(delays)
    ordered = sorted([*delays, *[PATIENCE] * lost])
    return Answers(
        rate, len(order), lost, percentile_ms(ordered, 50), percentile_ms(ordered, 99), percentile_ms(ordered, 100)
    )


def drained(folder: Path, environment: Mapping[str, str], url: str, gateway: Sink, messages: int) -> Sent:
    """Queues answers for as many numbers, starts a worker, and counts from the first arrival to the last."""
    _queue(url, messages)
    arrivals: list[float] = []
    with working(folder, environment, "answers,bulk") as worker:
        before = worker.processor_seconds()
        heard = monotonic()
        while len(arrivals) < messages and monotonic() - heard < PATIENCE:
            if came := [at for _, at in gateway.arrivals()]:
                arrivals, heard = arrivals + came, monotonic()
            sleep(0.2)
        after = worker.processor_seconds()
    took = arrivals[-1] - arrivals[0] if len(arrivals) > 1 else 0.0
    spent = (after - before) * 1000 / len(arrivals) if before is not None and after and arrivals else None
    return Sent(len(arrivals), messages - len(arrivals), (len(arrivals) - 1) / took if took else 0.0, spent)


def _queue(url: str, messages: int) -> None:
    now, database = datetime.now(UTC), Database(url, threads=1)
    given = {
        "purpose": "answer",
        "lane": 0,
        "template": "repayment.path",
        "body": "【示例银行】您想了解哪种还款方式？回复数字：1手机银行 2网银 3柜台 4自动扣款；回复9转人工",
        "parts": 1,
        "figures": False,
        "author": "bot",
        "state": "queued",
        "reason": "",
        "created_at": now,
        "due_at": now,
        "expires_at": now + timedelta(hours=1),
    }
    try:
        for start in range(0, messages, AT_ONCE):
            rows = [
                {**given, "phone": script.phone(FIRST + number)}
                for number in range(start, min(start + AT_ONCE, messages))
            ]
            with database.begin() as connection:
                connection.execute(insert(tables.Message), rows)
    finally:
        database.close()
