"""Laws 1 to 5, 7, 8 and 10 under random days (`machine.py`). More of them: `LAWS_EXAMPLES=500 pytest tests/laws`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.laws.bench import Bench
from tests.laws.cast import PHONES, invite
from tests.laws.conftest import make
from tests.laws.machine import STORIES, Days, demand_none
from tests.laws.reached import PLACES
from tests.servers.postgres import Postgres

MORE = int(os.environ.get("LAWS_EXAMPLES", "0"))
STEPS = 30
EXAMPLES = {"sqlite": 30, "postgres": 15}


def server(request: pytest.FixtureRequest) -> Callable[[], Postgres]:
    def find() -> Postgres:
        found: Postgres = request.getfixturevalue("postgres")
        return found

    return find


def tell_every_story(days: Days, stories: list[str]) -> None:
    """Each to its end, one customer each: random days seldom walk the long ones whole."""
    days.bench = invite(days.make())
    for phone, story in zip(PHONES, stories, strict=False):
        days.tell_a_story(phone, story, len(STORIES[story]))
        days.bench.flows.broken.clear()
        days.bench.bank.down = False
        demand_none(days.bench.checker.faults())
    days.teardown()


@pytest.mark.timeout(600 + 10 * MORE)
@pytest.mark.slow
def test_random_days(request: pytest.FixtureRequest, backend: str, tmp_path: Path) -> None:
    """Without `LAWS_EXAMPLES` the same days every time; with it, others every time."""
    numbers, seen = count(), Counter[str]()
    databases: dict[int, list[str]] = {}
    postgres = server(request)

    def begin() -> Bench:
        bench, urls = make(backend, tmp_path / str(next(numbers)), postgres)
        databases[id(bench)] = urls
        return bench

    def end(bench: Bench) -> None:
        bench.close()
        if urls := databases.pop(id(bench)):
            postgres().drop(urls)

    for at in range(0, len(STORIES), len(PHONES)):
        tell_every_story(Days(begin, end, seen), sorted(STORIES)[at : at + len(PHONES)])
    run_state_machine_as_test(
        lambda: Days(begin, end, seen),
        settings=settings(
            max_examples=MORE or EXAMPLES[backend],
            stateful_step_count=STEPS,
            derandomize=not MORE,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate] if os.environ.get("LAWS_NO_SHRINK") else [Phase.generate, Phase.shrink],
        ),
    )
    print(dict(seen))
    acts = ("a process died", "an agent was refused", "an agent told a figure", "an agent made an offer")
    assert [place for place in (*acts, *PLACES) if not seen[place]] == []
