"""The gateway's webhooks: verified, read, handed over, acknowledged in the gateway's own words.

They stand in front of Flask and not in it: a call has no session, no language and no cookie, and what the console needs
around each of its requests would cost a text a fifth of its time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import structlog
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request

from app.gateways.port import Forged, Malformed, WebhookRequest
from app.handlers.receipt_came import receive_receipt
from app.handlers.service import Service
from app.handlers.text_arrived import receive
from app.web import metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger()

PREFIX = "/webhooks/"
CALL = re.compile(r"/webhooks/([^/]+)/(?:(inbound)|status(?:/(\d{1,99}))?)")
FORM = "application/x-www-form-urlencoded"
MOST_BODY, MOST_PARTS = 256 * 1024, 500
"""Bytes of a call, and parts of a multipart one; a text of 1,600 characters with every parameter is under 20 kB."""

Answer = tuple[int, str, str]
"""HTTP status, content type, body."""
REASONS = {200: "OK", 400: "BAD REQUEST", 403: "FORBIDDEN", 404: "NOT FOUND", 503: "SERVICE UNAVAILABLE"}


class Call(Request):
    max_content_length = MOST_BODY
    max_form_parts = MOST_PARTS


class Webhooks:
    """WSGI: answers the gateway's calls, and leaves every other path to `beneath`."""

    def __init__(self, beneath: WSGIApplication, service: Service) -> None:
        self._beneath, self._service = beneath, service

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        called = CALL.fullmatch(path) if path.startswith(PREFIX) else None
        if called is None:
            return self._beneath(environ, start_response)
        gateway, inbound, message_id = called.groups()
        try:
            if environ["REQUEST_METHOD"] not in {"GET", "POST"}:
                raise MethodNotAllowed(["GET", "POST"])
            code, kind, body = self._answer(Call(environ), gateway, bool(inbound), message_id)
        except HTTPException as refused:  # too large, or broken off
            return refused.get_response(environ)(environ, start_response)
        except Exception as error:
            # Where it broke, and not with what: the words of an error may quote the customer's (law 11).
            log.error("request_failed", path=PREFIX, error=type(error).__name__, exc_info=True)
            code, kind, body = 503, "text/plain", "not read, try again"
        sent = body.encode()
        headers = [("Content-Type", kind), ("Content-Length", str(len(sent)))]
        start_response(f"{code} {REASONS.get(code, 'ANSWER')}", headers)
        return [sent]

    def _answer(self, call: Call, gateway: str, inbound: bool, message_id: str | None) -> Answer:
        ours = self._service.facing(gateway)
        if ours is None:
            return 404, "text/plain", f"this service speaks with {self._service.gateway.name}"
        try:
            asked = _read(ours, call)
            ours.gateway.verify(asked)
        except (Forged, ValueError) as error:
            return _refuse(403, "forged", error)
        try:
            told = _text(ours, asked) if inbound else _receipt(ours, asked, _known(message_id))
        except Malformed as error:
            return _refuse(400, "malformed", error)
        if not told:
            # Nothing was stored: only now may the gateway hear of a failure, so that it tries again.
            return 503, "text/plain", "not stored, try again"
        words = ours.gateway.acknowledge()
        return words.status, words.content_type, words.body


def _text(ours: Service, asked: WebhookRequest) -> bool:
    text = ours.gateway.read_inbound(asked)
    try:
        outcome = receive(ours, text)
    except Exception as error:
        log.error("inbound_not_stored", error=type(error).__name__, exc_info=True)
        metrics.INBOUND.labels("lost").inc()
        return False
    metrics.INBOUND.labels(outcome).inc()
    return True


def _receipt(ours: Service, asked: WebhookRequest, message_id: int | None) -> bool:
    receipt = ours.gateway.read_receipt(asked, message_id)
    try:
        outcome = receive_receipt(ours, receipt)
    except Exception as error:
        log.error("receipt_not_stored", error=type(error).__name__, exc_info=True)
        return False
    metrics.RECEIPTS.labels(outcome).inc()
    return True


def _read(ours: Service, call: Call) -> WebhookRequest:
    """The request as the gateway signed it: our public base, the path, and the raw query (`gateways.md` §1.3)."""
    query = call.query_string.decode("latin-1")
    # Kept before the form is read: one that cannot be read comes out empty, and must not pass for a bodyless call.
    body = call.get_data(cache=True)
    form = _form(call, body) if call.method == "POST" else call.args.to_dict(flat=False)
    return WebhookRequest(
        method=call.method,
        url=ours.base_url + call.script_root + call.path + (f"?{query}" if query else ""),
        headers=_headers(call.environ),
        form=form,
        body=body if not form else b"",
    )


def _form(call: Call, body: bytes) -> Mapping[str, Sequence[str]]:
    """As werkzeug reads it, without its many-valued dictionary."""
    if call.mimetype != FORM:
        return call.form.to_dict(flat=False)
    found: dict[str, list[str]] = {}
    try:
        words = body.decode()
    except UnicodeDecodeError:
        return found
    for name, value in parse_qsl(words, keep_blank_values=True, errors="werkzeug.url_quote"):
        found.setdefault(name, []).append(value)
    return found


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    return {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}


def _known(message_id: str | None) -> int | None:
    """None for a number that no row can have: the receipt is then kept by the gateway's id."""
    return int(message_id) if message_id and len(message_id) < 20 and int(message_id) < 2**63 else None


def _refuse(code: int, why: str, error: Exception) -> Answer:
    metrics.REFUSED.labels(why).inc()
    log.warning("webhook_refused", why=why, error=type(error).__name__)
    return code, "text/plain", why
