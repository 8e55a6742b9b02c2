"""A small city in one process on SQLite, as the service runs by default: killed, stopped, and its disk filled up."""

from __future__ import annotations

import json

import pytest

from app.city.plan import Plan
from app.city.run import live
from app.city.show import data


@pytest.mark.slow
def test_a_village_breaks_no_law() -> None:
    breaks = {"kills": 3, "pauses": 1, "full_disks": 2, "skews": 1}
    plan = Plan(texts=500, customers=100, seed=5, breaks=breaks, speed=20, crowd=50, patience=90)
    report = live(plan, lambda *_: None)
    told = data(plan, report)
    print(json.dumps(told, ensure_ascii=False))
    assert told["broken"] == {}
    counts = report.counts
    assert counts["texts said"] == counts["texts acknowledged"] + counts["texts forged"] == 500
    assert (counts["kills of run"], counts["pauses of run"], counts["disks full"]) == (3, 1, 2)
    assert counts["inbound: 503"] > 0
    for what in ("held, stopped", "texts that left", "answers said", "answers kept"):
        assert counts.get(f"programmes: {what}", 0) > 0, what
