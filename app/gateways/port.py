"""The words that every gateway shares: what comes in, what goes out, and how a send can end.

A gateway knows only these types. It never sees Flask, the store or a conversation (`docs/add-a-gateway.md`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Literal, Protocol


class Forged(Exception):
    """The request was not signed by the gateway, or cannot be read well enough to tell. Answered 403."""


class Malformed(Exception):
    """The request is genuine but lacks what a text or a receipt needs, such as its id. Answered 400."""


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """One HTTP call from a gateway, as it came over the wire.

    `url` is what the gateway signed: the configured public base, the path and the raw query string.
    `form` keeps every value of every name, in the order of arrival. `headers` are looked up in any case.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    form: Mapping[str, Sequence[str]]
    body: bytes = b""

    def first(self, name: str, default: str = "") -> str:
        values = self.form.get(name)
        return values[0] if values else default

    def header(self, name: str) -> str:
        """The header's value, or "" when it is missing; `name` in any case."""
        wanted = name.lower()
        return next((value for given, value in self.headers.items() if given.lower() == wanted), "")


Keyword = Literal["stop", "start", "help"]


@dataclass(frozen=True, slots=True)
class InboundText:
    """A customer's text. `body` is raw: nothing stripped or cleaned. `keyword` is set when the gateway itself
    answers the text (Twilio's STOP family), so that we record it and stay silent."""

    gateway_id: str
    sender: str
    recipient: str
    body: str
    media: int = 0
    parts: int = 1
    keyword: Keyword | None = None
    answerable: bool = True
    """False for alphanumeric and short-code senders: no customer can read an answer there."""
    raw: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Status(IntEnum):
    """Delivery status by rank; a lower rank never replaces a higher one (law 8, `gateways.md` §2.2)."""

    ACCEPTED = 0
    QUEUED = 1
    SENDING = 2
    SENT = 3
    DELIVERED = 40
    UNDELIVERED = 41
    FAILED = 42
    CANCELED = 43
    READ = 50

    @property
    def rank(self) -> int:
        """DELIVERED, UNDELIVERED, FAILED and CANCELED are equals: the first of them stands."""
        return int(self) if self < 40 else int(self) // 10


@dataclass(frozen=True, slots=True)
class Receipt:
    """One status callback. `message_id` is ours, from the URL's path, when the gateway called that form."""

    gateway_id: str
    status: Status
    error_code: str | None = None
    message_id: int | None = None
    raw: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutboundText:
    """A text that must leave. `status_url` carries `message_id`, so a callback proves the send (law 7)."""

    message_id: int
    to: str
    body: str
    validity: timedelta
    status_url: str


class Cause(StrEnum):
    """Why a text was refused or undelivered, and with that what to do next."""

    OPTED_OUT = "opted_out"  # write consent, never retry
    BAD_NUMBER = "bad_number"  # permanent for this number
    DEAD_NUMBER = "dead_number"  # permanent, and the number may be recycled: verify the customer again
    UNREACHABLE = "unreachable"  # handset off: a later retry may succeed
    BUSY = "busy"  # gateway asked us to slow down: not sent, safe to retry
    CONFIG = "config"  # our account or sender: page somebody
    CONTENT = "content"  # filtered: do not retry, alert
    EXPIRED = "expired"  # validity ended before delivery
    AMBIGUOUS = "ambiguous"  # may have been delivered: never retry on our own
    OUR_FAULT = "our_fault"  # a request that no gateway would take: a bug
    UNKNOWN = "unknown"  # a code that the table does not know: no retry, alert on the rate


@dataclass(frozen=True, slots=True)
class Accepted:
    """`at`: when the gateway took it, by its own clock; told by a look-up, which comes long after."""

    gateway_id: str
    status: Status = Status.QUEUED
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The gateway said no and did not send. `retry` tells whether the same text may be tried again later."""

    code: str
    cause: Cause
    retry: bool = False


@dataclass(frozen=True, slots=True)
class Unsettled:
    """We do not know whether it was sent: a callback or a look-up must tell (law 7)."""

    reason: str


Outcome = Accepted | Refused | Unsettled


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    body: str
    content_type: str
    status: int = 200


class Gateway(Protocol):
    """What a gateway can do. `verify`, `read_*` and `acknowledge` are pure; `send` and `look_up` use the
    network."""

    name: str

    def verify(self, request: WebhookRequest) -> None:
        """Raises `Forged` unless the gateway's signature fits. Never raises anything else."""

    def read_inbound(self, request: WebhookRequest) -> InboundText:
        """Raises `Malformed` when there is no id or no sender."""

    def read_receipt(self, request: WebhookRequest, message_id: int | None) -> Receipt:
        """Raises `Malformed` when there is no id or the status is not one of the gateway's."""

    def acknowledge(self) -> Acknowledgement: ...

    def send(self, text: OutboundText) -> Outcome:
        """One request, with a timeout, never repeated in here. Any doubt is `Unsettled`."""

    def look_up(self, text: OutboundText, *, since: datetime, taken: frozenset[str]) -> Accepted | None:
        """Finds a text whose send was unsettled. `taken` are gateway ids that other messages own.
        None when the gateway does not (yet) know it. Raises `OSError` when it cannot be asked."""

    def judge(self, error_code: str | None) -> Refused:
        """What an error code of a receipt means, by the gateway's one table."""

    def count_parts(self, body: str) -> int: ...
