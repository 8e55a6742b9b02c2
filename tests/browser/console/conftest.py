"""One running desk for each module, and people who sit down at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.console.desk import Desk, running_desk
from tests.browser.console.seats import Seat

Sit = Callable[..., Seat]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with running_desk(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture
def sit(browser: Browser, desk: Desk) -> Iterator[Sit]:
    """`sit("小李")` signs somebody in at a browser of their own. What a page complains of fails the test."""
    seats: list[Seat] = []

    def take(name: str = "", *, path: str = "", **view: Any) -> Seat:
        seat = Seat(browser, desk, **view)
        seats.append(seat)
        if name:
            seat.sign_in(name, path=path)
        return seat

    yield take
    complaints = [complaint for seat in seats for complaint in seat.complaints]
    for seat in seats:
        seat.context.close()
    assert complaints == []
