"""`emulate`, a stateful Twilio that was not written here: REST API, message list, signed webhooks.

What it lacks is listed in `gateways.md` §7; `Network` of the simulator covers that. Two habits to know: it
posts a status callback for the first "queued" too, and answers a create only after that callback was
answered.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.peers.process import free_port, running

ACCOUNT_SID = "AC" + "0" * 31 + "1"
AUTH_TOKEN = "emulated-auth-token"
NUMBER = "+15005550006"


class Emulate:
    """A running peer. `url` is what `TWILIO_API_URL` takes; the rest are the constants above."""

    account_sid = ACCOUNT_SID
    auth_token = AUTH_TOKEN
    number = NUMBER

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = (ACCOUNT_SID, AUTH_TOKEN)

    def set_webhook(self, url: str) -> None:
        """Where texts to our number are posted from now on: as in the console of the real one."""
        numbers = self._account("GET", "IncomingPhoneNumbers.json")["incoming_phone_numbers"]
        self._account("POST", f"IncomingPhoneNumbers/{numbers[0]['sid']}.json", {"SmsUrl": url, "SmsMethod": "POST"})

    def text_in(self, phone: str, body: str) -> dict[str, Any]:
        """A customer texts our number; returns the message, after our webhook has answered (or 10 s)."""
        return self._call("POST", "/_twilio/simulate/inbound-message", {"To": NUMBER, "From": phone, "Body": body})

    def set_status(self, message_sid: str, status: str) -> dict[str, Any]:
        """The network reports a status, in any order you like; our callback was called on return."""
        return self._call("POST", "/_twilio/simulate/message-status", {"MessageSid": message_sid, "Status": status})

    def messages(self, to: str | None = None) -> list[dict[str, Any]]:
        """All messages (`to` one number), newest first, with the fields of Twilio's API."""
        query = {"PageSize": "1000"} | ({"To": to} if to else {})
        listed = self._session.get(
            f"{self.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json", params=query, timeout=10
        )
        listed.raise_for_status()
        messages: list[dict[str, Any]] = listed.json()["messages"]
        return messages

    def replies(self, phone: str) -> list[str]:
        """The words that we sent to `phone`, oldest first."""
        return [each["body"] for each in reversed(self.messages(phone)) if each["direction"] == "outbound-api"]

    def close(self) -> None:
        self._session.close()

    def _account(self, method: str, path: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        return self._call(method, f"/2010-04-01/Accounts/{ACCOUNT_SID}/{path}", form)

    def _call(self, method: str, path: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        answer = self._session.request(method, self.url + path, data=form, timeout=60)
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said


@contextmanager
def emulate(webhook: str | None = None) -> Iterator[Emulate]:
    """A fresh Twilio with one account and one number, whose inbound texts go to `webhook`."""
    number = {"phone_number": NUMBER, "friendly_name": "Huifu", **({"sms_url": webhook} if webhook else {})}
    seed = {
        "twilio": {
            "account": {"sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "friendly_name": "Huifu tests"},
            "phone_numbers": [number],
        }
    }
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "seed.json"
        config.write_text(json.dumps(seed))
        arguments = [
            "start",
            "--service",
            "twilio",
            "--port",
            str(port),
            "--host",
            "127.0.0.1",
            "--seed",
            str(config),
        ]
        ready = f"/2010-04-01/Accounts/{ACCOUNT_SID}.json"
        with running("emulate/dist/index.js", arguments, port=port, ready=ready) as url:
            peer = Emulate(url)
            try:
                yield peer
            finally:
                peer.close()
