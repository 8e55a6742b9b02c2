"""No interleaving lets a commercial text out after a refusal, at night, over a cap, twice, or beside another of the day
(`care_machine.py`).

More days: `LAWS_EXAMPLES=500 pytest tests/laws/test_care.py`.
"""

from __future__ import annotations

import os
from collections import Counter
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.store.migrate import upgrade
from tests.laws.care_bench import CareBench
from tests.laws.care_cast import PHONES
from tests.laws.care_machine import STORIES, CareDays
from tests.laws.test_laws import server

MORE = int(os.environ.get("LAWS_EXAMPLES", "0"))
STEPS = {"sqlite": 40, "postgres": 25}
EXAMPLES = {"sqlite": 30, "postgres": 4}
PLACES = (
    *("queued", "held stale", "held refused", "held over_cap", "held stopped", "held not_approved", "held gate"),
    *("held no_consent", "held unbound", "held missing_value", "held outranked", "text handed", "text failed expired"),
    *("text withdrawn refused:commercial", "a process died", "a second text was planned"),
)
"""Where a run must have been, on SQLite: else it would prove little."""


def walk(days: CareDays, stories: list[str]) -> None:
    """Every story to its end, one customer each: random days seldom walk the long ones whole."""
    days.begin(stories)
    days.teardown()


@pytest.mark.timeout(900 + 15 * MORE)
@pytest.mark.slow
def test_random_days_of_programmes(request: pytest.FixtureRequest, backend: str, tmp_path: Path) -> None:
    numbers, seen = count(), Counter[str]()
    databases: dict[int, str] = {}
    postgres = server(request)

    def begin() -> CareBench:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        on_file = backend == "sqlite"
        url = f"sqlite:///{folder / 'laws.db'}" if on_file else postgres().fresh_url(upgrade)
        bench = CareBench(url, folder, send_rate=50.0)
        if not on_file:
            databases[id(bench)] = url
        return bench

    def end(bench: CareBench) -> None:
        bench.close()
        if url := databases.pop(id(bench), ""):
            postgres().drop([url])

    for at in range(0, len(STORIES), len(PHONES)):
        walk(CareDays(begin, end, seen), sorted(STORIES)[at : at + len(PHONES)])
    run_state_machine_as_test(
        lambda: CareDays(begin, end, seen),
        settings=settings(
            max_examples=MORE or EXAMPLES[backend],
            stateful_step_count=STEPS[backend],
            derandomize=not MORE,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate] if os.environ.get("LAWS_NO_SHRINK") else [Phase.generate, Phase.shrink],
        ),
    )
    print(dict(seen))
    assert backend != "sqlite" or [place for place in PLACES if not seen[place]] == []
