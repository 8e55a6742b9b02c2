"""An hour of the same fault is told in some hundred lines, and none of another fault is left out by it."""

from __future__ import annotations

import pytest
import structlog

from app.logs import SAME_A_MINUTE, Repeats


def line(repeats: Repeats, **event: str) -> dict[str, object] | None:
    try:
        return dict(repeats(None, "error", {"event": "job_failed", **event}))
    except structlog.DropEvent:
        return None


@pytest.fixture
def now() -> list[float]:
    return [0.0]


def test_the_first_lines_stand_and_the_rest_is_counted(now: list[float]) -> None:
    repeats = Repeats(clock=lambda: now[0])
    written = [line(repeats, lane="clock", error="OperationalError", inbound=str(n)) for n in range(500)]
    assert [bool(one) for one in written] == [True] * SAME_A_MINUTE + [False] * (500 - SAME_A_MINUTE)
    now[0] = 60.0
    assert line(repeats, lane="clock", error="OperationalError") == {
        "event": "job_failed",
        "lane": "clock",
        "error": "OperationalError",
        "left_out": 500 - SAME_A_MINUTE,
    }
    assert "left_out" not in (line(repeats, lane="clock", error="OperationalError") or {})


def test_another_fault_is_told(now: list[float]) -> None:
    repeats = Repeats(clock=lambda: now[0])
    for _ in range(500):
        line(repeats, lane="clock", error="OperationalError")
    assert line(repeats, lane="inbox", error="OperationalError")
    assert line(repeats, lane="clock", error="KeyError")


def test_an_hour_of_a_fault_twice_a_second(now: list[float]) -> None:
    repeats = Repeats(clock=lambda: now[0])
    written = 0
    for sweep in range(7200):
        now[0] = sweep / 2
        written += line(repeats, lane="clock", error="OperationalError") is not None
    assert written <= 60 * SAME_A_MINUTE
