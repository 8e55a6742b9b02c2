"""A small city, alive: real processes, signed webhooks, a hostile gateway, kills in the middle."""

from __future__ import annotations

import pytest

from app.city.checker import LAWS
from app.city.run import Plan, live
from app.city.show import data


@pytest.mark.slow
def test_a_small_city_breaks_no_law() -> None:
    plan = Plan(texts=300, customers=60, seed=5, kills=2, speed=30, patience=60)
    seen: list[int] = []
    report = live(plan, lambda _, done: seen.append(done))
    told = data(plan, report)
    print(told)
    assert told["broken"] == {}
    assert set(told["laws"]) == set(LAWS)
    counts = report.counts
    assert counts["texts said"] == counts["texts acknowledged"] + counts["texts forged"] == 300
    # It was a day worth the name: every law had its chance to be broken.
    assert counts["kills of run"] == 2
    assert counts["inbound: no answer"] > 0
    assert counts["inbound: 403"] > 0
    assert counts["gateway: ok"] > 50
    assert counts["gateway: 429"] + counts["gateway: silent"] + counts["gateway: lost 500"] > 3
    assert counts["messages withheld"] + counts["messages withdrawn"] > 0
    assert counts["agents: claim"] > 0
    assert counts["callbacks told"] > 50
    assert counts["messages that told a figure"] > 0
    assert seen == sorted(seen)
