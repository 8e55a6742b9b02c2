"""Which requests for a person count, and how the 30 seconds were kept (A9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.rules.promise import Asked, Pickups, Verdict, percentile, pickups, verdict

NOON = datetime(2026, 6, 10, 4, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def asked(claimed: float | None = None, closed: float | None = None) -> Asked:
    return Asked("human", NOON, None if claimed is None else after(claimed), None if closed is None else after(closed))


@pytest.mark.parametrize(
    ("claimed", "closed", "now", "told"),
    [
        (30, None, 40, "kept"),
        (30.001, None, 40, "broken"),
        (None, None, 30, "pending"),
        (None, None, 30.001, "broken"),
        (None, 29, 300, "withdrawn"),
        (None, 31, 300, "broken"),
        (5, 600, 900, "kept"),
    ],
)
def test_the_verdict(claimed: float | None, closed: float | None, now: float, told: Verdict) -> None:
    assert verdict(asked(claimed, closed), after(now), lambda _: True) == told


def test_where_nobody_works_nothing_was_promised() -> None:
    found = pickups([asked(5), asked(500), asked()], after(900), lambda _: False)
    assert found == Pickups(asked=3, closed=3)
    assert found.rate is None


def test_the_rate_is_of_what_is_decided() -> None:
    found = pickups([asked(10), asked(20), asked(90), asked(None, 5), asked()], after(20), lambda _: True)
    assert (found.asked, found.kept, found.broken, found.pending) == (5, 2, 1, 1)
    assert found.rate == pytest.approx(2 / 3)
    assert (found.p50, found.p95) == (20, 90)


@pytest.mark.parametrize(("share", "value"), [(50, 10), (95, 19), (100, 20), (1, 1)])
def test_a_percentile_is_a_value_that_occurred(share: int, value: float) -> None:
    assert percentile([float(n) for n in range(1, 21)], share) == value
    assert percentile([], share) is None
