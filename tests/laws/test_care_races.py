"""Several processes let texts go at the same moment, while customers refuse and somebody switches programmes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.handlers.care.judged import LATER
from app.handlers.care.leaving import let_go
from app.handlers.text_leaves import drain
from app.store import consents, tables
from app.store.migrate import upgrade
from tests.laws.care_bench import CareBench
from tests.laws.care_cast import switch
from tests.laws.machine import demand_none
from tests.laws.test_laws import server
from tests.laws.test_races import at_once, phone

MANY = 60
KEYS = ("birthday", "settled", "birthday_offer")


@pytest.fixture
def bench(request: pytest.FixtureRequest, backend: str, tmp_path: Path) -> Iterator[CareBench]:
    """Each of many customers has three texts planned for three days, of which caps let two go, one a day; every other
    customer has two numbers. Two processes."""
    url = f"sqlite:///{tmp_path / 'laws.db'}" if backend == "sqlite" else server(request)().fresh_url(upgrade)
    made = CareBench(url, tmp_path)
    made.care.zones = {phone(n): ZoneInfo("Asia/Shanghai") for n in range(2 * MANY)}
    service = made.processes[0].service
    for key in KEYS:
        switch(service, key, True)
    for n in range(MANY):
        numbers = [phone(n), phone(MANY + n)] if n % 2 else [phone(n)]
        for number in numbers:
            made.customer(number, f"C{n}")
            with made.outside.begin() as connection:
                consents.record(connection, number, "commercial", "granted", "import", "test", made.clock())
        for place, key in enumerate(KEYS):
            number = numbers[place % len(numbers)]
            made.planned(number, f"C{n}", key, occasion="one", open_for=timedelta(days=3))
    yield made
    made.close()
    if backend != "sqlite":
        server(request)().drop([url])


def fates(bench: CareBench) -> Counter[str]:
    rows = [row for row in bench.rows(tables.Occasion) if not row.first_id]
    return Counter(f"{row.state} {row.reason}".strip() for row in rows)


def test_two_processes_on_four_threads_queue_each_text_once_and_one_a_day(bench: CareBench) -> None:
    services = [process.service for process in bench.processes] * 2
    for expected in (
        {"queued": MANY, "planned outranked": 2 * MANY},
        {"queued": 2 * MANY, "held over_cap": MANY},
    ):
        for _ in range(6):
            dealt = at_once([partial(let_go, service) for service in services])
            assert [one for one in dealt if isinstance(one, Exception)] == []
            # Whoever met the lower one while another process had the higher one's row has put it off so far.
            bench.clock.advance(seconds=LATER.total_seconds())
        assert fates(bench) == expected
        for _ in range(6):
            drain(bench.service, 1000)
        demand_none(bench.care.faults())
        bench.clock.advance(hours=23)
    assert len(bench.rows(tables.Message)) == 2 * MANY


def test_refusals_and_switches_in_the_middle_of_it(bench: CareBench) -> None:
    services = [process.service for process in bench.processes]
    refusing = [phone(n) for n in range(0, MANY, 2)]
    sent = [(bench.network.text_in(one, "TD"), one, "TD") for one in refusing]

    def refuse() -> None:
        for one in sent:
            assert bench.deliver(*one) == 200

    def stop() -> None:
        switch(services[1], "birthday", False)
        bench.care.switched("birthday", False)

    def send() -> None:
        for _ in range(5):
            drain(services[0], 20)

    acts = [refuse, stop, send, *[partial(let_go, service) for service in services]]
    assert [one for one in at_once(acts) if isinstance(one, Exception)] == []
    for _ in range(6):
        assert [one for one in at_once(acts[2:]) if isinstance(one, Exception)] == []
    demand_none(bench.care.faults())
    demand_none([fault for fault in bench.checker.faults() if fault.law in (2, 3, 5, 7)])
    found = fates(bench)
    assert sum(found.values()) == 3 * MANY
    assert found["held refused"] + found["held stopped"] > 0
    assert found["planned"] == 0 or {row.reason for row in bench.rows(tables.Occasion) if row.state == "planned"} <= {
        "",
        "in_talk",
        "outranked",
    }
