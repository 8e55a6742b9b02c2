"""A whole city, alive: ten thousand texts, real processes and servers, a hostile gateway, and everything breaks."""

from __future__ import annotations

import json

import pytest

from app.city.campaigns import CAMPAIGNS
from app.city.checker import LAWS
from app.city.plan import Plan
from app.city.run import live
from app.city.show import data, total

BREAKS = {
    "kills": 30,
    "db_restarts": 2,
    "redis_restarts": 2,
    "flushes": 2,
    "pauses": 3,
    "skews": 2,
    "full_disks": 1,
}
PLAN = Plan(texts=10_000, customers=1200, seed=5, breaks=BREAKS, scale=True, speed=12, crowd=300, patience=120)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(600)
def test_a_city_breaks_no_law() -> None:
    """On a machine that does nothing else it takes less than half of its time-out."""
    seen: list[int] = []
    report = live(PLAN, lambda _, done: seen.append(done))
    told = data(PLAN, report)
    print(json.dumps(told, ensure_ascii=False))
    assert told["broken"] == {}
    assert set(told["laws"]) == set(LAWS)
    counts = report.counts
    assert counts["texts said"] == counts["texts acknowledged"] + counts["texts forged"] == 10_000
    # It was a day worth the name: every law had its chance to be broken.
    assert counts["kills of web"] + counts["kills of worker"] == 30
    assert counts["restarts of PostgreSQL"] == counts["restarts of Redis"] == counts["flushes of Redis"] == 2
    for what in (
        *("inbound: no answer", "inbound: 403", "inbound: 503", "texts by machines", "callbacks told"),
        *("gateway: 429", "gateway: silent", "gateway: lost 500", "gateway: taken 500", "gateway: 21610"),
        *(f"programmes: {campaign.key} left" for campaign in CAMPAIGNS),
        *("programmes: held, stopped", "programmes: answers said", "programmes: answers kept"),
        *("messages withheld", "agents: claim", "agents: claim refused", "messages that told a figure", "disks full"),
    ):
        assert counts.get(what, 0) > 0, what
    assert total([told, told])["texts"] == 20_000
