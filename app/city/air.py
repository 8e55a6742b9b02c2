"""Webhooks as Twilio posts them: the form, the signature made by hand, one kept connection for each thread."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import threading
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlencode, urlsplit

ACCOUNT = "AC" + "c" * 32
TOKEN = "c17y0000c17y0000c17y0000c17y0000"  # signs for nobody: the account is made up
OUR_NUMBER = "+15550100000"
INBOUND = "/webhooks/twilio/inbound"
PATIENCE = 15.0
"""Seconds that the gateway waits for an acknowledgement."""


class Air:
    """Posts to the service at `base`, from any thread."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._kept = threading.local()

    def post(self, path: str, form: Mapping[str, str], token: str = TOKEN) -> int | None:
        """The status of the answer; None when there was none."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": sign(self.base + path, form, token),
        }
        connection = self._connection()
        try:
            connection.request("POST", path, urlencode(form), headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            self._drop()
            return None

    def _connection(self) -> http.client.HTTPConnection:
        found: http.client.HTTPConnection | None = getattr(self._kept, "connection", None)
        if found is None:
            parts = urlsplit(self.base)
            found = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=PATIENCE)
            self._kept.connection = found
        return found

    def _drop(self) -> None:
        with suppress(OSError):
            self._kept.connection.close()
        self._kept.connection = None


def sign(url: str, form: Mapping[str, str], token: str) -> str:
    """HMAC-SHA1 over the URL and the sorted parameters (`gateways.md` 1.3)."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def inbound_form(gateway_id: str, phone: str, body: str) -> dict[str, str]:
    return {
        "MessageSid": gateway_id,
        "SmsSid": gateway_id,
        "SmsMessageSid": gateway_id,
        "AccountSid": ACCOUNT,
        "From": phone,
        "To": OUR_NUMBER,
        "Body": body,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        "FromCountry": "CN",
    }


def status_form(gateway_id: str, phone: str, status: str) -> dict[str, str]:
    form = {"MessageSid": gateway_id, "SmsSid": gateway_id, "AccountSid": ACCOUNT, "From": OUR_NUMBER, "To": phone}
    form |= {"MessageStatus": status, "SmsStatus": status, "ApiVersion": "2010-04-01"}
    return form | ({"ErrorCode": "30003"} if status in {"undelivered", "failed"} else {})
