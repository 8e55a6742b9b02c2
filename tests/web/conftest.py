from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.store.migrate import upgrade
from tests.clock import Clock
from tests.gateways.stand_in import TwilioStandIn, twilio_stand_in
from tests.rig import Rig, sqlite_url
from tests.web.line import Line


@pytest.fixture
def twilio(clock: Clock) -> Iterator[TwilioStandIn]:
    with twilio_stand_in(clock) as peer:
        yield peer


@pytest.fixture
def line(tmp_path: Path, clock: Clock, twilio: TwilioStandIn) -> Iterator[Line]:
    url = f"sqlite:///{tmp_path / 'line.db'}"
    upgrade(url)
    line = Line(url, clock, twilio)
    yield line
    line.service.database.close()


@pytest.fixture
def make_rig(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Rig]]:
    """`make_rig(setting=…)` gives a bench; all are closed with the test."""
    made: list[Rig] = []

    def make(**settings: Any) -> Rig:
        folder = tmp_path / f"rig-{len(made)}"
        folder.mkdir()
        made.append(Rig(sqlite_url(folder), clock, **settings))
        return made[-1]

    yield make
    for rig in made:
        rig.close()


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    return make_rig()
