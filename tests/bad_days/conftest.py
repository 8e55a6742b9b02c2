"""One bank, hit by bad days: our real web application and worker's jobs on a line with a stand-in for Twilio."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.store.migrate import upgrade
from tests.bad_days.house import House
from tests.clock import Clock
from tests.gateways.stand_in import TwilioStandIn, twilio_stand_in
from tests.web.line import Line


@pytest.fixture
def twilio(clock: Clock) -> Iterator[TwilioStandIn]:
    with twilio_stand_in(clock) as peer:
        yield peer


@pytest.fixture
def line(clock: Clock, twilio: TwilioStandIn, fresh_postgres_url: Callable[..., str]) -> Iterator[Line]:
    """In this process, on PostgreSQL, with the clock in the test's hand."""
    line = Line(fresh_postgres_url(upgrade), clock, twilio)
    yield line
    line.service.database.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Processes of their own, on the machine's clock."""
    with twilio_stand_in(None) as peer, ExitStack() as running:  # type: ignore[arg-type]
        yield House(tmp_path, peer, running)
