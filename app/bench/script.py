"""What the measured customers say, and their texts as Twilio would post them: signed, and ready as bytes."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

SCRIPT = ("怎么还钱", "额度", "菜单", "还款方式")
"""One customer's texts. Every one is answered: the first makes the conversation, the second issues a one-time code
and interrupts the flow before it. The last two cost the same in either order, so they may be under way at once."""

IN_A_HURRY = 4
"""One customer in so many sends the last two texts at the same moment: they wait for one another (law 3)."""

ACCOUNT = "AC" + "b" * 32
TOKEN = "0123456789abcdef0123456789abcdef"  # signs for nobody: the account is made up
OUR_NUMBER = "+15550100000"
PUBLIC_URL = "https://bench.example"
PATH = "/webhooks/twilio/inbound"


def phone(number: int) -> str:
    """The number of the customer with that index, E.164."""
    return f"+1556{number:07d}"


def texts(customers: Sequence[int], crowd: int) -> Iterator[tuple[int, int]]:
    """(customer, line of `SCRIPT`) in the order of sending.

    `crowd` of them text by turns, so that neighbours in the order are different numbers, but for those in a hurry.
    """
    last = len(SCRIPT) - 1
    for start in range(0, len(customers), crowd):
        members = customers[start : start + crowd]
        for line in range(last):
            for customer in members:
                yield customer, line
                if line == last - 1 and _hurries(customer):
                    yield customer, last
        yield from ((customer, last) for customer in members if not _hurries(customer))


def requests(customers: Sequence[int], crowd: int, host: str) -> list[bytes]:
    """The HTTP requests of those texts, signed, headers included. About 15 parameters, as a real text has."""
    return [request(customer, line, host) for customer, line in texts(customers, crowd)]


def form(customer: int, line: int) -> dict[str, str]:
    """The parameters of one text as Twilio posts them (`gateways.md` §1.1)."""
    sid = f"SM{customer:024x}{line:08x}"
    return {
        "ToCountry": "US",
        "ToState": "CA",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ToCity": "",
        "FromZip": "94105",
        "SmsSid": sid,
        "FromState": "CA",
        "SmsStatus": "received",
        "FromCity": "SAN FRANCISCO",
        "Body": SCRIPT[line],
        "FromCountry": "US",
        "To": OUR_NUMBER,
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": phone(customer),
        "ApiVersion": "2010-04-01",
    }


def signature(values: dict[str, str]) -> str:
    """Twilio's signature of a form with one value a name (`gateways.md` §1.3), made without its SDK."""
    signed = PUBLIC_URL + PATH + "".join(name + values[name] for name in sorted(values))
    return base64.b64encode(hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def request(customer: int, line: int, host: str) -> bytes:
    values = form(customer, line)
    body = urlencode(values).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        f"I-Twilio-Idempotency-Token: {values['MessageSid']}\r\n"
        f"X-Twilio-Signature: {signature(values)}\r\n\r\n"
    )
    return head.encode() + body


def _hurries(customer: int) -> bool:
    return customer % IN_A_HURRY == 0
