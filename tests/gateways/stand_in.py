"""A stand-in for Twilio's REST API that misbehaves on request: refusals, 5xx, silence, a hung-up line, junk."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.clock import Clock


class TwilioStandIn:
    """`next_answers` holds what the next creates get, oldest first; without any, a create succeeds.

    "silence" takes the message and never answers, "lost" never answers, "hangup" takes it and cuts the line;
    a number is an HTTP status without Twilio's body; (status, code) is Twilio's error; a text is a 201 with
    that body.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.next_answers: list[str | int | tuple[int, int]] = []
        self.list_answer: int = 200
        self.requests: list[dict[str, list[str]]] = []
        self.messages: list[dict[str, Any]] = []
        self.url = ""
        self.over = threading.Event()
        self.lock = threading.Lock()

    def take(self, form: dict[str, list[str]], **changes: Any) -> dict[str, Any]:
        """A message as Twilio stores it."""
        message = {
            "sid": f"SM{uuid.uuid4().hex}",
            "to": form["To"][0],
            "from": form.get("From", [None])[0],
            "body": form["Body"][0],
            "status": "queued",
            "direction": "outbound-api",
            "date_created": format_datetime(self.clock().replace(microsecond=0)),
            "error_code": None,
            **changes,
        }
        with self.lock:
            self.messages.append(message)
        return message


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    peer: TwilioStandIn

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        form = parse_qs(raw.decode(), keep_blank_values=True, strict_parsing=True)
        with self.peer.lock:
            self.peer.requests.append(form)
            answer = self.peer.next_answers.pop(0) if self.peer.next_answers else None
        match answer:
            case None:
                self._say(201, self.peer.take(form))
            case "silence" | "lost":
                if answer == "silence":
                    self.peer.take(form)
                self.peer.over.wait(60)
                self.close_connection = True
            case "hangup":
                self.peer.take(form)
                self.close_connection = True
            case (status, code):
                self._say(status, {"code": code, "message": "refused", "status": status})
            case int(status):
                self._write(status, b"<html>not Twilio</html>", "text/html")
            case body:
                self._write(201, body.encode(), "application/json")

    def do_GET(self) -> None:
        wanted = parse_qs(urlsplit(self.path).query)["To"][0]
        if self.peer.list_answer != 200:
            self._write(self.peer.list_answer, b"no", "text/plain")
            return
        listed = [message for message in self.peer.messages if message["to"] == wanted]
        self._say(200, {"messages": listed, "next_page_uri": None, "page": 0, "page_size": 1000})

    def _say(self, status: int, body: dict[str, Any]) -> None:
        self._write(status, json.dumps(body).encode(), "application/json")

    def _write(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # the default of 5 resets connections when many threads knock at once
    daemon_threads = True


@contextmanager
def twilio_stand_in(clock: Clock) -> Iterator[TwilioStandIn]:
    peer = TwilioStandIn(clock)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"peer": peer}))
    peer.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        peer.over.set()
        server.shutdown()
        server.server_close()
