"""The hostile stand-in for Twilio's API: takes, loses, answers late or not at all, and tells of it as it likes."""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.city.agenda import Agenda
from app.city.air import ACCOUNT, OUR_NUMBER, Air, status_form
from app.city.clock import FastClock
from app.city.faults import Faults
from app.city.ledger import Ledger, Told, Try

MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
SLOW = 0.3
"""Seconds; far less than the lease of a claimed text even on the fast clock."""


@dataclass
class Gateway:
    """Serves on a port of loopback from `start` to `stop`. `blocked`: handsets that refused at the network."""

    faults: Faults
    ledger: Ledger
    clock: FastClock
    agenda: Agenda
    air: Air
    arrived: Callable[[Try], None] = lambda _: None
    """Called with a text of ours that reaches a handset."""
    blocked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._sids = 0
        self._taken: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._codes: dict[str, str] = {}
        self._server = _server(self)
        self._server.daemon_threads = True

    def start(self) -> str:
        """Its base URL."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def code(self, phone: str) -> str:
        """The one-time code in the last text to a handset that had one; empty when there is none."""
        return self._codes.get(phone, "")

    def last(self, phone: str) -> str:
        """Our last text to a handset; empty when there is none."""
        with self._lock:
            return str(self._taken[phone][-1]["body"]) if self._taken[phone] else ""

    def send(self, form: dict[str, str]) -> tuple[int, str] | None:
        """What is answered to a request to send a text: status and body; None ends the connection without a word."""
        phone, now = form.get("To", ""), time.time()
        kind = "21610" if phone in self.blocked else self.faults.send(phone)
        self.ledger.count(f"gateway: {kind}")
        if kind in {"429", "21610", "lost 500"}:
            self._note(form, now, "", kind)
            if kind == "lost 500":
                return 500, "{}"
            return (429, _error(429, 20429)) if kind == "429" else (400, _error(400, 21610))
        if kind == "slow":
            time.sleep(SLOW)
        told = self._take(form, now, kind)
        if kind == "silent":
            return None
        if kind == "taken 500":
            return 500, "{}"
        return (201, '{"sid": ') if kind == "taken garbled" else (201, json.dumps(told))

    def listed(self, phone: str) -> tuple[int, str]:
        """The answer to a look-up."""
        if self.faults.look_up_fails(phone):
            return 503, "{}"
        with self._lock:
            found = list(reversed(self._taken[phone]))
        return 200, json.dumps({"messages": found, "next_page_uri": None, "page": 0, "page_size": 1000, "start": 0})

    def _take(self, form: dict[str, str], now: float, kind: str) -> dict[str, Any]:
        phone, body = form["To"], form["Body"]
        with self._lock:
            self._sids += 1
            sid = f"SM{self._sids:032x}"
            told = {
                "sid": sid,
                "account_sid": ACCOUNT,
                "to": phone,
                "from": OUR_NUMBER,
                "body": body,
                "status": "queued",
                "direction": "outbound-api",
                "date_created": format_datetime(self.clock.at(now)),
            }
            self._taken[phone].append(told)
            if code := CODE.search(body):
                self._codes[phone] = code[0]
        self.arrived(self._note(form, now, sid, kind))
        path = urlsplit(form["StatusCallback"]).path
        for seconds, status in self.faults.callbacks(phone):
            self.agenda.later(seconds, self._callback(path, sid, phone, status))
        return told

    def _note(self, form: dict[str, str], now: float, sid: str, kind: str) -> Try:
        message = _message(form.get("StatusCallback", ""))
        told = kind in {"ok", "slow", "429", "21610"}
        valid = int(form["ValidityPeriod"]) if form.get("ValidityPeriod") else None
        one = Try(message, form.get("To", ""), form.get("Body", ""), now, sid, told, kind, valid)
        with self.ledger.lock:
            self.ledger.tries.append(one)
        return one

    def _callback(self, path: str, sid: str, phone: str, status: str) -> Callable[[], None]:
        def tell() -> None:
            answer = self.air.post(path, status_form(sid, phone, status))
            self.ledger.count("callbacks told" if answer == 200 else "callbacks lost with the service down")
            if answer == 200:
                with self.ledger.lock:
                    self.ledger.told.append(Told(_message(path), sid, status, time.time()))

        return tell


def _message(url: str) -> int:
    """Our id of a text, as its callback URL says it; 0 for none."""
    last = url.rpartition("/")[2]
    return int(last) if last.isdigit() else 0


def _error(status: int, code: int) -> str:
    return json.dumps({"code": code, "message": "refused", "more_info": "", "status": status})


def _server(gateway: Gateway) -> ThreadingHTTPServer:
    class Server(ThreadingHTTPServer):
        request_queue_size = 128

        def handle_error(self, *_: Any) -> None:
            error = sys.exc_info()[1]
            # Whoever asked was killed meanwhile; anything else is a bug of the city.
            if error is not None and not isinstance(error, OSError):
                gateway.agenda.errors.append(error)

    return Server(("127.0.0.1", 0), _handler(gateway))


def _handler(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 120

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            sent = self.rfile.read(length).decode()
            if len(sent) < length:
                self._answer(None)  # whoever asked was killed in the middle of it
                return
            form = {name: values[0] for name, values in parse_qs(sent, keep_blank_values=True).items()}
            self._answer(gateway.send(form) if self.path == MESSAGES else (404, _error(404, 20404)))

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            phone = parse_qs(asked.query).get("To", [""])[0]
            self._answer(gateway.listed(phone) if asked.path == MESSAGES else (404, _error(404, 20404)))

        def _answer(self, given: tuple[int, str] | None) -> None:
            if given is None:
                self.close_connection = True
                return
            status, words = given
            body = words.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    return Handler
