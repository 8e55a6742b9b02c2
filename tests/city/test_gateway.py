"""The stand-in speaks as Twilio does: the service's own adapter understands every one of its faults."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.city.agenda import Agenda
from app.city.air import ACCOUNT, OUR_NUMBER, TOKEN, Air
from app.city.clock import START, FastClock
from app.city.faults import Faults
from app.city.gateway import Gateway
from app.city.ledger import Ledger, Try
from app.gateways.port import Accepted, Cause, OutboundText, Refused, Unsettled
from app.gateways.twilio import TwilioGateway

PHONE = "+8613800000001"
MINUTE = timedelta(minutes=1)


class Fixed(Faults):
    """The same fault for every send, and no callbacks."""

    kind = "ok"

    def send(self, phone: str) -> str:
        return self.kind

    def callbacks(self, phone: str) -> list[tuple[float, str]]:
        return []


class Pair:
    def __init__(self) -> None:
        self.faults, self.ledger, self.agenda = Fixed(1, calm=True), Ledger(), Agenda(1)
        clock = FastClock(0.0, 1)
        self.gateway = Gateway(self.faults, self.ledger, clock, self.agenda, Air("http://127.0.0.1:9", [9]))
        url = self.gateway.start()
        self.twilio = TwilioGateway(account_sid=ACCOUNT, auth_token=TOKEN, sender=OUR_NUMBER, api_url=url, timeout=5)

    def send(self, kind: str, body: str = "您好 123456") -> object:
        self.faults.kind = kind
        return self.twilio.send(OutboundText(17, PHONE, body, MINUTE, "https://bank.test/status/17"))

    def found(self, body: str = "您好 123456") -> Accepted | None:
        text = OutboundText(17, PHONE, body, MINUTE, "https://bank.test/status/17")
        return self.twilio.look_up(text, since=START - MINUTE, taken=frozenset())


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.gateway.stop()
    made.agenda.end()


@pytest.mark.parametrize("kind", ["ok", "slow"])
def test_a_text_is_taken(pair: Pair, kind: str) -> None:
    sent = pair.send(kind)
    assert isinstance(sent, Accepted)
    (tried,) = pair.ledger.tries
    assert (tried.message, tried.gateway_id, tried.told) == (17, sent.gateway_id, True)
    assert pair.gateway.code(PHONE) == "123456"


@pytest.mark.parametrize("kind", ["silent", "taken 500", "taken garbled"])
def test_a_text_is_taken_and_nobody_says_so(pair: Pair, kind: str) -> None:
    assert isinstance(pair.send(kind), Unsettled)
    (tried,) = pair.ledger.tries
    assert tried.gateway_id
    assert not tried.told
    found = pair.found()
    assert found is not None
    assert found.gateway_id == tried.gateway_id


def test_a_text_is_lost_and_nobody_says_so(pair: Pair) -> None:
    assert isinstance(pair.send("lost 500"), Unsettled)
    assert pair.found() is None


def test_a_busy_gateway_may_be_asked_again(pair: Pair) -> None:
    refused = pair.send("429")
    assert isinstance(refused, Refused)
    assert (refused.cause, refused.retry) == (Cause.BUSY, True)


def test_a_handset_that_refused_at_the_network(pair: Pair) -> None:
    pair.gateway.blocked.add(PHONE)
    refused = pair.send("ok")
    assert isinstance(refused, Refused)
    assert refused.cause is Cause.OPTED_OUT
    assert pair.ledger.tries[0].answer == "21610"


def test_a_handset_is_told_of_what_arrives(pair: Pair) -> None:
    """So that a machine which answers texts can do it."""
    arrived: list[Try] = []
    pair.gateway.arrived = arrived.append
    pair.send("429")
    assert arrived == []
    pair.send("silent", "您好")
    (one,) = arrived
    assert (one.phone, one.body, one.valid) == (PHONE, "您好", 60)
    assert pair.gateway.last(PHONE) == "您好"
