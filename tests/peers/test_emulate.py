"""Our Twilio gateway against a stateful Twilio that was not written here."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from app.gateways.port import Accepted, Cause, Forged, OutboundText, Refused, Status, WebhookRequest
from app.gateways.twilio import TwilioGateway
from tests.peers.emulate import Emulate, emulate

pytestmark = pytest.mark.peer

CUSTOMER = "+8613800138000"


@dataclass
class Inbox:
    """A bare web server that keeps what is posted to it, as it came over the wire."""

    url: str = ""
    requests: list[WebhookRequest] = field(default_factory=list)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    kept = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            form = parse_qs(body.decode(), keep_blank_values=True)
            kept.requests.append(WebhookRequest("POST", kept.url + self.path, dict(self.headers), form, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield kept
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def twilio() -> Iterator[Emulate]:
    with emulate() as peer:
        yield peer


@pytest.fixture
def gateway(twilio: Emulate) -> TwilioGateway:
    return gateway_for(twilio)


def gateway_for(twilio: Emulate, **changes: Any) -> TwilioGateway:
    settings = {"auth_token": twilio.auth_token, "sender": twilio.number, **changes}
    return TwilioGateway(account_sid=twilio.account_sid, api_url=twilio.url, **settings)


def text(body: str, inbox: Inbox, to: str = CUSTOMER) -> OutboundText:
    return OutboundText(7, to, body, timedelta(minutes=10), f"{inbox.url}/webhooks/twilio/status/7")


BODIES = {
    "chinese": "我还有多少额度？",
    "full width": "ＣＣ额度＃１２３４",
    "emoji": "好的😀👍🏽",
    "plus and percent": "1+1=100% & more",
    "outer spaces": "  TD  ",
}
PATHS = ["/webhooks/twilio/inbound", "/webhooks/twilio/inbound?k=1&b=%E4%BD%A0&f=%7E&g=%2f"]


@pytest.mark.parametrize("path", PATHS, ids=["plain", "with a query"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_its_webhooks_are_genuine_to_us(
    twilio: Emulate, gateway: TwilioGateway, inbox: Inbox, body: str, path: str
) -> None:
    twilio.set_webhook(inbox.url + path)
    message = twilio.text_in(CUSTOMER, body)

    (request,) = inbox.requests
    gateway.verify(request)
    read = gateway.read_inbound(request)

    assert (read.gateway_id, read.sender, read.recipient) == (message["sid"], CUSTOMER, twilio.number)
    assert (read.body, read.answerable, read.media) == (body, True, 0)
    with pytest.raises(Forged):
        gateway_for(twilio, auth_token="another").verify(request)


def test_what_we_send_is_in_its_list_and_is_found(twilio: Emulate, gateway: TwilioGateway, inbox: Inbox) -> None:
    since = datetime.now(UTC)
    words = "【示例银行】您的可用额度50,000.00元😀"
    sent = gateway.send(text(words, inbox))
    assert isinstance(sent, Accepted)

    (listed,) = twilio.messages(CUSTOMER)[:1]
    assert (listed["sid"], listed["body"], listed["from"]) == (sent.gateway_id, words, twilio.number)
    assert twilio.replies(CUSTOMER)[-1] == words

    found = gateway.look_up(text(words, inbox), since=since, taken=frozenset())
    assert found is not None and found.at is not None
    assert found == Accepted(sent.gateway_id, Status.QUEUED, found.at)
    assert abs(found.at - since) < timedelta(minutes=1)
    assert gateway.look_up(text(words, inbox), since=since, taken=frozenset({sent.gateway_id})) is None
    assert gateway.look_up(text("别的", inbox), since=since, taken=frozenset()) is None
    # What the customer wrote is in the same list and is not ours.
    twilio.text_in(CUSTOMER, "谢谢")
    assert gateway.look_up(text("谢谢", inbox, to=twilio.number), since=since, taken=frozenset()) is None


def test_its_status_callbacks_are_genuine_to_us_in_any_order(
    twilio: Emulate, gateway: TwilioGateway, inbox: Inbox
) -> None:
    sent = gateway.send(text("您好", inbox))
    assert isinstance(sent, Accepted)
    for status in ("delivered", "sent", "undelivered"):
        twilio.set_status(sent.gateway_id, status)
    for request in inbox.requests:
        gateway.verify(request)
    receipts = [gateway.read_receipt(request, 7) for request in inbox.requests]
    assert {receipt.gateway_id for receipt in receipts} == {sent.gateway_id}
    # The first came before the create was answered: a receipt can overtake the answer.
    assert [receipt.status for receipt in receipts] == [
        Status.QUEUED,
        Status.DELIVERED,
        Status.SENT,
        Status.UNDELIVERED,
    ]


def test_its_refusals_have_a_meaning(twilio: Emulate, inbox: Inbox) -> None:
    foreign = gateway_for(twilio, sender="+15005550009").send(text("1", inbox))
    stranger = gateway_for(twilio, auth_token="wrong").send(text("1", inbox))
    assert foreign == Refused("21606", Cause.CONFIG)
    assert stranger == Refused("20003", Cause.CONFIG)
