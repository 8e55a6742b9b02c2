"""Our whole web application on one line with Twilio: signed calls in, its REST API as a stand-in out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from app import create_app
from app.config import load_settings
from app.store import tables
from app.wiring import build_service
from app.worker.once import work_once
from tests.clock import Clock
from tests.gateways.harness import ACCOUNT, BANK, BASE, CUSTOMER, SECONDARY, SIGNING_KEY, TOKEN, Values
from tests.gateways.stand_in import TwilioStandIn

FORM = "application/x-www-form-urlencoded"
INBOUND = "/webhooks/twilio/inbound"
STATUS = "/webhooks/twilio/status"

Form = Mapping[str, str | Sequence[str]]


class Line:
    def __init__(self, url: str, clock: Clock, twilio: TwilioStandIn) -> None:
        self.clock = clock
        self.twilio = twilio
        self.settings = load_settings(
            {
                "database_url": url,
                "gateway": "twilio",
                "public_url": BASE,
                "secret_key": "line",
                "twilio_account_sid": ACCOUNT,
                "twilio_auth_token": TOKEN,
                "twilio_auth_token_secondary": SECONDARY,
                "twilio_signing_key": SIGNING_KEY,
                "twilio_from": BANK,
                "twilio_api_url": twilio.url,
            }
        )
        # A busy machine is no slow database.
        self.service = replace(build_service(self.settings, clock=clock), turn_may_take=math.inf)
        self.app = create_app(self.settings, self.service)
        self.web = self.app.test_client()
        self._texts = 0

    # ---- Twilio calls us --------------------------------------------------------------------------------

    def sid(self, number: int) -> str:
        return f"SM{number:032x}"

    def form(self, body: str | None = "您好", **changes: str | Sequence[str] | None) -> dict[str, str | Sequence[str]]:
        """The parameters of a text, each with an id of its own; a change to None takes one out."""
        self._texts += 1
        sid = self.sid(self._texts)
        places = ("FromCity", "FromState", "FromZip", "ToCity", "ToState", "ToZip")
        ids = dict.fromkeys(("MessageSid", "SmsSid", "SmsMessageSid"), sid)
        rest = {"NumMedia": "0", "NumSegments": "1", "SmsStatus": "received", "ApiVersion": "2010-04-01"}
        ends = {"AccountSid": ACCOUNT, "From": CUSTOMER, "To": BANK, "FromCountry": "CN", "ToCountry": "US"}
        given = {"Body": body, **ids, **rest, **ends, **dict.fromkeys(places, ""), **changes}
        return {name: value for name, value in given.items() if value is not None}

    def post(
        self,
        form: Form,
        path: str = INBOUND,
        *,
        signed_url: str | None = None,
        secret: str = TOKEN,
        algorithm: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """A call that Twilio's own code has signed. `path` may have a query, which arrives as it is written."""
        values = Values((name, [v] if isinstance(v, str) else list(v)) for name, v in form.items())
        signature = RequestValidator(secret).compute_signature(signed_url or BASE + path, values, algorithm)
        return self.send(
            path, urlencode(values, doseq=True).encode(), {"X-Twilio-Signature": signature, **(headers or {})}
        )

    def send(self, path: str, body: bytes, headers: Mapping[str, str], content_type: str = FORM) -> TestResponse:
        """Bytes as they are."""
        address, _, query = path.partition("?")
        return self.web.post(address, query_string=query, data=body, content_type=content_type, headers=dict(headers))

    def text(self, body: str, **changes: str | Sequence[str] | None) -> TestResponse:
        return self.post(self.form(body, **changes))

    def status(
        self, sid: str, status: str, message_id: int | str | None = None, code: str | None = None, **more: str
    ) -> TestResponse:
        """A status callback, at the URL with our message id or at the one without."""
        form = {"MessageSid": sid, "SmsSid": sid, "AccountSid": ACCOUNT, "MessageStatus": status, "To": CUSTOMER}
        form |= {"SmsStatus": status, "From": BANK, "ApiVersion": "2010-04-01", **more}
        if code:
            form["ErrorCode"] = code
        return self.post(form, STATUS if message_id is None else f"{STATUS}/{message_id}")

    # ---- our own work -----------------------------------------------------------------------------------

    def pump(self) -> None:
        """Does all work that is due at this moment of the clock."""
        for _ in range(50):
            if not work_once(self.service):
                return
        raise AssertionError("work never ends")

    def say(self, body: str, **changes: str | Sequence[str] | None) -> list[str]:
        """A text, and the words that Twilio was told to send in answer."""
        before = len(self.twilio.requests)
        assert self.text(body, **changes).status_code == 200
        self.pump()
        return [request["Body"][0] for request in self.twilio.requests[before:]]

    # ---- rows -------------------------------------------------------------------------------------------

    def rows(self, table: type[tables.Base]) -> list[Any]:
        with self.service.database.begin() as connection:
            columns = table.__table__.columns
            return list(connection.execute(select(*columns).order_by(*table.__table__.primary_key)))

    def state(self) -> dict[str, list[Any]]:
        """Every row of every table: what a call that changes nothing must leave alone."""
        named = [(name, getattr(tables, name)) for name in tables.__all__ if name != "Base"]
        return {name: [tuple(row) for row in self.rows(table)] for name, table in named}
