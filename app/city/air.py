"""Webhooks as Twilio posts them: the form, the signature made by hand, connections that are kept, servers in turn."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import itertools
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlencode

ACCOUNT = "AC" + "c" * 32
TOKEN = "c17y0000c17y0000c17y0000c17y0000"  # signs for nobody: the account is made up
OUR_NUMBER = "+15550100000"
INBOUND = "/webhooks/twilio/inbound"
PATIENCE = 5.0
"""Seconds that the gateway waits for an acknowledgement: less than a process that is paused stands still."""


class Air:
    """Posts from any thread to the processes that serve `ports`, one after the other, as a proxy before them would:
    it does not know which of them is alive. `base` is the public address, by which requests are signed."""

    def __init__(self, base: str, ports: Sequence[int]) -> None:
        self.base = base
        self._ports = itertools.cycle(ports)
        self._kept = threading.local()

    def post(self, path: str, form: Mapping[str, str], token: str = TOKEN) -> int | None:
        """The status of the answer; None when there was none."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": sign(self.base + path, form, token),
        }
        port = next(self._ports)
        connections = self._connections()
        connection = connections.pop(port, None) or http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("POST", path, urlencode(form), headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            with suppress(OSError):
                connection.close()
            return None
        connections[port] = connection
        return answer.status

    def _connections(self) -> dict[int, http.client.HTTPConnection]:
        if not hasattr(self._kept, "connections"):
            self._kept.connections = {}
        found: dict[int, http.client.HTTPConnection] = self._kept.connections
        return found


def sign(url: str, form: Mapping[str, str], token: str) -> str:
    """HMAC-SHA1 over the URL and the sorted parameters (`gateways.md` 1.3)."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def inbound_form(gateway_id: str, phone: str, body: str, media: int = 0) -> dict[str, str]:
    return {
        "MessageSid": gateway_id,
        "SmsSid": gateway_id,
        "SmsMessageSid": gateway_id,
        "AccountSid": ACCOUNT,
        "From": phone,
        "To": OUR_NUMBER,
        "Body": body,
        "NumMedia": str(media),
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        "FromCountry": "CN",
    }


def status_form(gateway_id: str, phone: str, status: str) -> dict[str, str]:
    form = {"MessageSid": gateway_id, "SmsSid": gateway_id, "AccountSid": ACCOUNT, "From": OUR_NUMBER, "To": phone}
    form |= {"MessageStatus": status, "SmsStatus": status, "ApiVersion": "2010-04-01"}
    return form | ({"ErrorCode": "30003"} if status in {"undelivered", "failed"} else {})
