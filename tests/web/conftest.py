from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.migrate import upgrade
from tests.clock import Clock
from tests.gateways.stand_in import TwilioStandIn, twilio_stand_in
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
