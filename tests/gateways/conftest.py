from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clock import Clock
from tests.gateways.harness import Harness, SimulatorHarness, TwilioHarness
from tests.gateways.stand_in import TwilioStandIn, twilio_stand_in


@pytest.fixture
def stand_in(clock: Clock) -> Iterator[TwilioStandIn]:
    with twilio_stand_in(clock) as peer:
        yield peer


@pytest.fixture(params=["twilio", "simulator"])
def harness(request: pytest.FixtureRequest, clock: Clock) -> Harness:
    """Every gateway in turn: the tests that ask for it are the contract that all of them keep."""
    if request.param == "simulator":
        return SimulatorHarness(clock)
    return TwilioHarness(request.getfixturevalue("stand_in"))
