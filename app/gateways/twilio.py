"""Twilio: signed form webhooks in, its REST API out (`gateways.md` §1 to §4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

import requests
from twilio.base.exceptions import TwilioRestException, TwilioServiceException

from app.gateways import twilio_codes
from app.gateways.keywords import default_keyword
from app.gateways.parts import measure
from app.gateways.port import (
    Accepted,
    Acknowledgement,
    Cause,
    InboundText,
    Keyword,
    Malformed,
    OutboundText,
    Outcome,
    Receipt,
    Refused,
    Status,
    Unsettled,
    WebhookRequest,
)
from app.gateways.twilio_http import TWILIO_API, ApiClient, never_left, untrusted
from app.gateways.twilio_signature import TwilioSignature

STATUSES: Final[dict[str, Status]] = {
    "accepted": Status.ACCEPTED,
    "scheduled": Status.ACCEPTED,
    "queued": Status.QUEUED,
    "sending": Status.SENDING,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "undelivered": Status.UNDELIVERED,
    "partially_delivered": Status.UNDELIVERED,  # a text with a missing part was not delivered
    "failed": Status.FAILED,
    "canceled": Status.CANCELED,
    "read": Status.READ,
}

OPT_OUT_TYPES: Final[dict[str, Keyword]] = {"STOP": "stop", "START": "start", "HELP": "help"}

_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_CHANNEL: Final = re.compile(r"[a-z]+:")
_ID_ROOM: Final = 64  # Twilio's ids have 34 characters; anything far longer is no id

VALIDITY: Final = (timedelta(seconds=1), timedelta(seconds=36_000))  # what Twilio takes (§3.1)
# `date_created` has whole seconds of Twilio's clock, `since` is of ours.
_CLOCK_SKEW: Final = timedelta(seconds=30)
# One page, more than a customer gets in a year: the order of the list is undocumented.
_LOOK_UP_LIMIT: Final = 1000


class TwilioGateway:
    """One Twilio account and sender. Safe for many threads; keeps up to `connections` of them connected.

    `sender` (E.164 or an alphanumeric id), `messaging_service_sid`, or both: then the service must own the sender.
    `timeout` is in seconds, for connecting and for each read. A second account beside the first has a `name` of its
    own, which our webhooks tell it by. Raises ValueError when something is missing.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        auth_token_secondary: str | None = None,
        signing_keys: Iterable[str] = (),
        sender: str | None = None,
        messaging_service_sid: str | None = None,
        api_url: str = TWILIO_API,
        timeout: float = 10.0,
        connections: int = 64,
        name: str = "twilio",
    ) -> None:
        self.name = name
        if not account_sid or not auth_token:
            raise ValueError("Twilio needs an account SID and an auth token")
        if not sender and not messaging_service_sid:
            raise ValueError("Twilio needs a sender number or a messaging service SID")
        self._signature = TwilioSignature(account_sid, (auth_token, auth_token_secondary or ""), signing_keys)
        given = {"from_": sender, "messaging_service_sid": messaging_service_sid}
        self._from = {name: value for name, value in given.items() if value}
        self._account = account_sid, auth_token
        self._client = ApiClient(api_url, timeout, connections)

    @cached_property
    def _messages(self) -> Any:
        # Not before it is used: the SDK's classes take 20 MB, and whoever only hears webhooks needs none of them.
        from twilio.rest import Client

        # Left to itself the SDK reads TWILIO_REGION and TWILIO_EDGE and would talk to another host than
        # `api_url`.
        own_words = {"TWILIO_ACCOUNT_SID": self._account[0]}
        client = Client(*self._account, http_client=self._client, environment=own_words)
        return client.api.v2010.account.messages

    def verify(self, request: WebhookRequest) -> None:
        self._signature.verify(request)

    def read_inbound(self, request: WebhookRequest) -> InboundText:
        """A fallback delivery (with `ErrorCode` and `ErrorUrl`) reads like the first: its id is the same."""
        sender, recipient = request.first("From").strip(), request.first("To").strip()
        if not sender:
            raise Malformed("an inbound text without From")
        phone = _without_channel(sender)
        body = request.first("Body")
        return InboundText(
            gateway_id=_message_sid(request),
            sender=phone,
            recipient=_without_channel(recipient),
            body=body,
            media=_count(request.first("NumMedia")),
            parts=max(1, _count(request.first("NumSegments"))),
            keyword=_keyword(request.first("OptOutType"), body, recipient),
            answerable=_PHONE.fullmatch(phone) is not None,
            raw=_all(request),
        )

    def read_receipt(self, request: WebhookRequest, message_id: int | None) -> Receipt:
        word = request.first("MessageStatus") or request.first("SmsStatus")
        status = STATUSES.get(word.lower())
        if status is None:
            raise Malformed(f"a receipt with the status {word[:32]!r}")
        return Receipt(
            gateway_id=_message_sid(request),
            status=status,
            error_code=request.first("ErrorCode") or None,
            message_id=message_id,
            raw=_all(request),
        )

    def acknowledge(self) -> Acknowledgement:
        """An empty TwiML document: Twilio says nothing for us. Any other body or type is an error to it."""
        return Acknowledgement('<?xml version="1.0" encoding="UTF-8"?><Response />', "text/xml")

    def send(self, text: OutboundText) -> Outcome:
        shortest, longest = VALIDITY
        validity = min(max(text.validity, shortest), longest)
        try:
            message = self._messages.create(
                to=text.to,
                body=text.body,
                status_callback=text.status_url,
                validity_period=int(validity.total_seconds()),
                smart_encoded=False,  # the text that was audited is the text that is sent
                **self._from,
            )
            sid, status = message.sid, message.status
        except (TwilioRestException, TwilioServiceException) as error:
            return _refused(error.status, error.code)
        except requests.RequestException as error:
            return _not_answered(error)
        except UnicodeEncodeError:
            return Refused("unencodable", Cause.OUR_FAULT)
        except Exception as error:
            # Whatever it was, the request may have left: a raise here would be taken for a text that was
            # never sent.
            return Unsettled(f"an answer that cannot be read ({type(error).__name__})")
        if not sid:
            return Unsettled("an answer without a message id")
        return Accepted(sid, STATUSES.get(status or "", Status.QUEUED))

    def look_up(self, text: OutboundText, *, since: datetime, taken: frozenset[str]) -> Accepted | None:
        """The oldest message of ours to the same number with exactly the same words since `since`.

        Not asked by `from`, which is empty at first with a messaging service, nor by date, which is null
        while the message is queued (§3.4).
        """
        try:
            listed = self._messages.list(to=text.to, limit=_LOOK_UP_LIMIT, page_size=_LOOK_UP_LIMIT)
            found = [
                message
                for message in listed
                if message.direction == "outbound-api"
                and message.body == text.body
                and message.sid
                and message.sid not in taken
                and message.date_created is not None
                and message.date_created >= since - _CLOCK_SKEW
            ]
        except OSError:
            raise
        except Exception as error:
            raise OSError(f"Twilio could not be asked ({type(error).__name__})") from error
        if not found:
            return None
        oldest = min(found, key=lambda message: message.date_created)
        return Accepted(oldest.sid, STATUSES.get(oldest.status or "", Status.QUEUED), oldest.date_created)

    def judge(self, error_code: str | None) -> Refused:
        return twilio_codes.judge(error_code)

    def count_parts(self, body: str) -> int:
        return measure(body).parts


def _refused(status: int, code: object) -> Outcome:
    """An error answer of the API. After a 5xx, or a proxy's 408, Twilio may still have taken the text."""
    if status >= 500 or status == 408:
        return Unsettled(f"HTTP {status}")
    verdict = twilio_codes.judge(str(code or status))
    if status == 429 and verdict.cause is Cause.UNKNOWN:
        return Refused(verdict.code, Cause.BUSY, retry=True)
    return verdict


def _not_answered(error: requests.RequestException) -> Outcome:
    if never_left(error):
        return Refused("unreachable", Cause.BUSY, retry=True)
    if untrusted(error):
        return Refused("certificate", Cause.CONFIG)
    # Marked as a ValueError by requests: a URL, scheme or header with which it could not even begin.
    if isinstance(error, ValueError):
        return Refused("request", Cause.CONFIG)
    return Unsettled(type(error).__name__)


def _message_sid(request: WebhookRequest) -> str:
    sid = request.first("MessageSid") or request.first("SmsMessageSid") or request.first("SmsSid")
    if not 0 < len(sid) <= _ID_ROOM:
        raise Malformed("a webhook without a message id")
    return sid


def _keyword(opt_out_type: str, body: str, recipient: str) -> Keyword | None:
    if opt_out_type:
        return OPT_OUT_TYPES.get(opt_out_type.upper())
    # Short codes and other channels have no default handling: there the bank answers a STOP itself.
    return default_keyword(body) if _PHONE.fullmatch(recipient) else None


def _without_channel(address: str) -> str:
    """`whatsapp:+86…` -> `+86…`: the customer is the number, and our answer goes out as SMS."""
    return _CHANNEL.sub("", address, count=1) if _CHANNEL.match(address) else address


def _count(digits: str) -> int:
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0


def _all(request: WebhookRequest) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in request.form.items()}
