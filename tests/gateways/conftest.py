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


@pytest.fixture
def twilio(stand_in: TwilioStandIn) -> Harness:
    return TwilioHarness(stand_in)


@pytest.fixture
def simulator(clock: Clock) -> Harness:
    return SimulatorHarness(clock)


@pytest.fixture(params=["twilio", "simulator"])
def harness(request: pytest.FixtureRequest) -> Harness:
    """Every gateway in turn: the tests that ask for it are the contract that all of them keep."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["twilio", "simulator"])
def finder(request: pytest.FixtureRequest) -> Harness:
    """Every gateway whose provider can be asked for a text that it may have taken."""
    return request.getfixturevalue(request.param)
