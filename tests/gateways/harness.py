"""What the contract suite needs to know of a gateway: how its requests look, and how to make its other side fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from twilio.request_validator import RequestValidator

from app.gateways.faults import Fault, Kind
from app.gateways.network import SIGNATURE_HEADER, Network, sign
from app.gateways.port import Cause, Gateway, Status, WebhookRequest
from app.gateways.simulator import SimulatorGateway
from app.gateways.twilio import TwilioGateway
from tests.clock import Clock
from tests.gateways.stand_in import TwilioStandIn

BASE = "https://sms.example.com"
ACCOUNT = "AC" + "a" * 32
TOKEN = "primary-token"
SECONDARY = "secondary-token"
SIGNING_KEY = "secret-of-a-shared-key"
SIMULATOR_KEY = "simulator-key"
CUSTOMER = "+8613800138000"
BANK = "+15005550006"

Form = Mapping[str, Sequence[str]]


class Harness(Protocol):
    gateway: Gateway
    id_field: str
    statuses: Mapping[str, Status]
    """What its receipts can say, in the provider's words."""
    codes: Mapping[Cause, str]
    """Its words for OPTED_OUT, BUSY (refusals of a send) and UNREACHABLE (of a receipt)."""

    def inbound(self, **changes: str | None) -> WebhookRequest:
        """A signed text. A change to None takes the parameter out. Names: id, sender, body."""

    def receipt(self, status: str, error_code: str | None = None) -> WebhookRequest: ...

    def sign(self, request: WebhookRequest) -> WebhookRequest: ...

    def fail_next(self, how: str) -> None:
        """`how`: opted_out, busy, silence (taken, no answer) or lost (not taken, no answer)."""


STATUSES = {
    "queued": Status.QUEUED,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "undelivered": Status.UNDELIVERED,
    "failed": Status.FAILED,
    "canceled": Status.CANCELED,
    "read": Status.READ,
}
CODES = {Cause.OPTED_OUT: "21610", Cause.BUSY: "20429", Cause.UNREACHABLE: "30003"}


class TwilioHarness:
    id_field, statuses, codes = "MessageSid", STATUSES, CODES

    def __init__(self, peer: TwilioStandIn) -> None:
        self.peer = peer
        self.gateway = twilio_gateway(peer.url)

    def inbound(self, **changes: str | None) -> WebhookRequest:
        form = {
            "MessageSid": "SM" + "1" * 32,
            "AccountSid": ACCOUNT,
            "From": CUSTOMER,
            "To": BANK,
            "Body": "我还有多少额度",
            "NumMedia": "0",
            "NumSegments": "1",
        }
        return self._signed("/webhooks/twilio/inbound", form, changes)

    def receipt(self, status: str, error_code: str | None = None) -> WebhookRequest:
        form = {"MessageSid": "SM" + "2" * 32, "AccountSid": ACCOUNT, "MessageStatus": status, "To": CUSTOMER}
        if error_code:
            form["ErrorCode"] = error_code
        return self._signed("/webhooks/twilio/status/7", form, {})

    def sign(self, request: WebhookRequest) -> WebhookRequest:
        return sign_as_twilio(request)

    def fail_next(self, how: str) -> None:
        answers: dict[str, str | tuple[int, int]] = {"opted_out": (400, 21610), "busy": (429, 20429)}
        self.peer.next_answers.append(answers.get(how, how))

    def _signed(self, path: str, form: dict[str, str], changes: Mapping[str, str | None]) -> WebhookRequest:
        names = {"id": "MessageSid", "sender": "From", "body": "Body"}
        return self.sign(request_to(path, _changed(form, changes, names)))


class SimulatorHarness:
    id_field, statuses, codes = "id", STATUSES, CODES  # the simulated network speaks with Twilio's words

    def __init__(self, clock: Clock) -> None:
        self.network = Network(None, clock=clock, key=SIMULATOR_KEY, public_url=BASE, number=BANK, seed=1)
        self.gateway = SimulatorGateway(self.network, SIMULATOR_KEY)

    def inbound(self, **changes: str | None) -> WebhookRequest:
        form = {
            "id": "SIM1",
            "from": CUSTOMER,
            "to": BANK,
            "body": "我还有多少额度",
            "parts": "1",
            "media": "0",
        }
        changed = _changed(form, changes, {"id": "id", "sender": "from", "body": "body"})
        return self.sign(request_to("/webhooks/simulator/inbound", changed))

    def receipt(self, status: str, error_code: str | None = None) -> WebhookRequest:
        form = {"id": "SIM2", "status": status, "to": CUSTOMER}
        if error_code:
            form["error_code"] = error_code
        return self.sign(request_to("/webhooks/simulator/status/7", form))

    def sign(self, request: WebhookRequest) -> WebhookRequest:
        signature = sign(SIMULATOR_KEY, request.url, request.form)
        return replace(request, headers={**request.headers, SIGNATURE_HEADER: signature})

    def fail_next(self, how: str) -> None:
        faults = {
            "opted_out": Fault(Kind.REFUSED, "21610"),
            "busy": Fault(Kind.REFUSED, "20429"),
            "silence": Fault(Kind.SILENT),
            "lost": Fault(Kind.LOST),
        }
        self.network.plan(faults[how])


def twilio_gateway(api_url: str = "http://127.0.0.1:9", **changes: object) -> TwilioGateway:
    settings: dict[str, object] = {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "auth_token_secondary": SECONDARY,
        "signing_keys": (SIGNING_KEY,),
        "sender": BANK,
        "api_url": api_url,
        "timeout": 0.5,
    }
    return TwilioGateway(**{**settings, **changes})  # type: ignore[arg-type]


def request_to(path: str, form: Mapping[str, str | Sequence[str]]) -> WebhookRequest:
    """An unsigned POST; a value may be one string or several."""
    values = {name: [value] if isinstance(value, str) else list(value) for name, value in form.items()}
    return WebhookRequest("POST", BASE + path, {"Content-Type": "application/x-www-form-urlencoded"}, values)


class Values(dict[str, list[str]]):
    """What the SDK's signer reads: every value of a name."""

    getlist: Callable[[str], list[str]] = dict.__getitem__  # type: ignore[assignment]


def sign_as_twilio(
    request: WebhookRequest,
    secret: str = TOKEN,
    algorithm: str | None = None,
    *,
    url: str | None = None,
    settings: str | None = None,
) -> WebhookRequest:
    """Signs with the SDK's own signer, which is not under test here; `url` is what was signed if it differs."""
    form = Values((name, list(values)) for name, values in request.form.items())
    signature = RequestValidator(secret).compute_signature(url or request.url, form, algorithm)
    headers = {**request.headers, "X-Twilio-Signature": signature}
    if settings is not None:
        headers["X-Twilio-Webhooks-Signature-Settings"] = settings
    return replace(request, headers=headers)


def _changed(form: dict[str, str], changes: Mapping[str, str | None], names: Mapping[str, str]) -> dict[str, str]:
    changed = dict(form)
    for name, value in changes.items():
        changed.pop(names[name], None)
        if value is not None:
            changed[names[name]] = value
    return changed
