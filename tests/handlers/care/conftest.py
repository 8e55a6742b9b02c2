"""A service on each database, with nothing but the demo bank's rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.handlers.service import Service
from app.store.migrate import upgrade
from tests.clock import Clock
from tests.handlers.care.bank import serving
from tests.handlers.care.campaign import invited, switch_on
from tests.rig import Rig, sqlite_url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def service(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Service]:
    """Its planner takes three customers at once."""
    if request.param == "sqlite":
        url = sqlite_url(tmp_path)
        upgrade(url)
    else:
        url = str(request.getfixturevalue("fresh_postgres_url")(upgrade))
    with serving(url, at_once=3, clock=clock) as built:
        yield built


@pytest.fixture
def bank(rig: Rig) -> Rig:
    """Ann agreed to offers, and two programmes are on."""
    invited(rig)
    switch_on(rig, "settled", "birthday")
    return rig
