"""How long things are kept: months are counted as a calendar does, and never fewer than the law asks for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.rules.retention import LEAST, Keeping, months_before


@pytest.mark.parametrize(
    ("moment", "months", "then"),
    [
        ((2026, 11, 22), 5, (2026, 6, 22)),
        ((2026, 3, 31), 1, (2026, 2, 28)),
        ((2028, 3, 31), 1, (2028, 2, 29)),
        ((2026, 1, 15), 1, (2025, 12, 15)),
        ((2026, 12, 1), 24, (2024, 12, 1)),
    ],
)
def test_months_are_those_of_the_calendar(
    moment: tuple[int, int, int], months: int, then: tuple[int, int, int]
) -> None:
    assert months_before(datetime(*moment, 9, 30, tzinfo=UTC), months) == datetime(*then, 9, 30, tzinfo=UTC)


def test_each_kind_has_its_own_time() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    keeping = Keeping(texts=6, consents=12, audit=24)
    assert [keeping.cutoff(kind, now).isoformat()[:10] for kind in LEAST] == ["2026-05-22", "2025-11-22", "2024-11-22"]


def test_what_is_kept_unless_the_bank_chooses_is_enough_for_the_law() -> None:
    assert all(getattr(Keeping(), kind) >= least for kind, least in LEAST.items())
    assert not Keeping().daily
