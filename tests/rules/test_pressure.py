"""When nothing but answers may leave."""

from __future__ import annotations

import pytest

from app.rules.pressure import Capacity, bulk_rests


@pytest.mark.parametrize(
    ("due", "late", "rate", "rests"),
    [
        (50, 50, 10, False),  # five seconds of the sender's capacity
        (51, 0, 10, True),
        (3, 3, 0.5, True),
        (0, 0, 0.5, False),
        (10_000, 8, 0, False),  # no rate: they came just now
        (9, 9, 0, True),
    ],
)
def test_bulk_rests_when_answers_are_more_than_seconds_behind(due: int, late: int, rate: float, rests: bool) -> None:
    assert bulk_rests(Capacity(rate, at_once=8), due=due, late=late) is rests
