"""Each request that we make, held against Twilio's own OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from app.gateways.port import Accepted, Cause, OutboundText, Refused
from app.gateways.twilio import STATUSES, TwilioGateway
from tests.peers.prism import DOCUMENT, prism

pytestmark = pytest.mark.peer

ACCOUNT = "AC" + "a" * 32
SERVICE = "MG" + "b" * 32
TEXT = OutboundText(
    7, "+8613800138000", "【示例银行】您好😀", timedelta(minutes=10), "https://sms.example.com/webhooks/twilio/status/7"
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with prism() as address:
        yield address


def gateway(url: str, **changes: Any) -> TwilioGateway:
    settings = {"account_sid": ACCOUNT, "auth_token": "token", "sender": "+15005550006", **changes}
    return TwilioGateway(api_url=url, **settings)


@pytest.mark.parametrize(
    "sender",
    [
        {"sender": "+15005550006"},
        {"sender": None, "messaging_service_sid": SERVICE},
        {"sender": "+15005550006", "messaging_service_sid": SERVICE},
    ],
    ids=["number", "service", "both"],
)
def test_a_send_fits_the_document(url: str, sender: dict[str, str | None]) -> None:
    assert isinstance(gateway(url, **sender).send(TEXT), Accepted)


def test_a_look_up_fits_the_document(url: str) -> None:
    """Prism answers with the document's example, whatever was sent: the words do not match, so nothing is found."""
    assert gateway(url).look_up(TEXT, since=datetime.now(UTC), taken=frozenset()) is None


def test_a_wrong_send_is_refused(url: str) -> None:
    """Without this one the tests above could not fail."""
    for wrong in ({"account_sid": "AC123"}, {"messaging_service_sid": "MG123"}):
        outcome = gateway(url, **wrong).send(TEXT)
        assert isinstance(outcome, Refused)
        assert (outcome.code, outcome.cause) == ("422", Cause.UNKNOWN)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"To": "+8613800138000", "Body": "1"}, 201),
        ({"Body": "1"}, 422),
        ({"To": "+8613800138000", "ValidityPeriod": "soon"}, 422),
        ({"To": "+8613800138000", "SmartEncoded": "perhaps"}, 422),
        ({"To": "+8613800138000", "ScheduleType": "someday"}, 422),
    ],
)
def test_prism_looks_at_each_parameter(url: str, form: dict[str, str], status: int) -> None:
    answer = requests.post(
        f"{url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", data=form, auth=(ACCOUNT, "token"), timeout=10
    )
    assert answer.status_code == status


def test_we_know_every_status_of_the_document() -> None:
    schemas = json.loads(DOCUMENT.read_text(encoding="utf-8"))["components"]["schemas"]
    statuses = set(schemas["message_enum_status"]["enum"])
    assert statuses - set(STATUSES) == {"receiving", "received"}  # these are of inbound texts
    assert set(STATUSES) <= statuses
