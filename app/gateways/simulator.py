"""The gateway of the simulated network: signed webhooks in, `Network.accept` out. It needs no account."""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from typing import Final, cast, get_args

from app.gateways import twilio_codes
from app.gateways.network import SIGNATURE_HEADER, Network, sign
from app.gateways.parts import measure
from app.gateways.port import (
    Accepted,
    Acknowledgement,
    Cause,
    Forged,
    InboundText,
    Keyword,
    Malformed,
    OutboundText,
    Outcome,
    Receipt,
    Refused,
    Status,
    WebhookRequest,
)

STATUSES: Final = {status.name.lower(): status for status in Status}
_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")


class SimulatorGateway:
    """`key` is the secret that the network signs with. Raises ValueError when it is empty."""

    def __init__(self, network: Network, key: str, name: str = "simulator") -> None:
        self.name = name
        if not key:
            raise ValueError("the simulator needs a key to sign its webhooks with")
        self.network = network
        self._key = key

    def verify(self, request: WebhookRequest) -> None:
        try:
            expected = sign(self._key, request.url, request.form)
            given = request.header(SIGNATURE_HEADER)
            genuine = request.method.upper() == "POST" and hmac.compare_digest(expected, given)
        except Exception as error:
            raise Forged("the request cannot be read well enough to check its signature") from error
        if not genuine:
            raise Forged("the signature does not fit")

    def read_inbound(self, request: WebhookRequest) -> InboundText:
        sender = request.first("from")
        if not sender:
            raise Malformed("an inbound text without a sender")
        keyword = request.first("keyword")
        return InboundText(
            gateway_id=_id(request),
            sender=sender,
            recipient=request.first("to"),
            body=request.first("body"),
            media=_count(request.first("media")),
            parts=max(1, _count(request.first("parts"))),
            keyword=cast(Keyword, keyword) if keyword in get_args(Keyword) else None,
            answerable=_PHONE.fullmatch(sender) is not None,
            raw=_all(request),
        )

    def read_receipt(self, request: WebhookRequest, message_id: int | None) -> Receipt:
        status = STATUSES.get(request.first("status"))
        if status is None:
            raise Malformed("a receipt without a status that we know")
        return Receipt(
            gateway_id=_id(request),
            status=status,
            error_code=request.first("error_code") or None,
            message_id=message_id,
            raw=_all(request),
        )

    def acknowledge(self) -> Acknowledgement:
        return Acknowledgement("OK", "text/plain")

    def send(self, text: OutboundText) -> Outcome:
        try:
            text.body.encode()
        except UnicodeEncodeError:
            return Refused("unencodable", Cause.OUR_FAULT)
        return self.network.accept(text)

    def look_up(self, text: OutboundText, *, since: datetime, taken: frozenset[str]) -> Accepted | None:
        return self.network.look_up(text, since=since, taken=taken)

    def judge(self, error_code: str | None) -> Refused:
        return twilio_codes.judge(error_code)

    def count_parts(self, body: str) -> int:
        return measure(body).parts


def _id(request: WebhookRequest) -> str:
    gateway_id = request.first("id")
    if not 0 < len(gateway_id) <= 64:
        raise Malformed("a webhook without an id")
    return gateway_id


def _count(digits: str) -> int:
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0


def _all(request: WebhookRequest) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in request.form.items()}
