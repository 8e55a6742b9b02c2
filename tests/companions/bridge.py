"""The bank's bridge to its WeChat account, as another implementation of the standard would write it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from standardwebhooks.webhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Bridge:
    """Remembers the calls; answers with `status` and `headers`, hangs up (`hangs_up`), or says nothing (`sleeps`)."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.status, self.headers = 202, {}  # type: int, dict[str, str]
        self.hangs_up = self.sleeps = False
        self.ended = Event()

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.calls]


def verified(headers: dict[str, str], body: bytes) -> bool:
    """By the library, whose own clock is put beside: its signature counts here, not its time."""
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signed = Webhook(SECRET).sign(headers["webhook-id"], at, body.decode())
    return signed == headers["webhook-signature"]


def answer(at: datetime, said: str, token: str, message_id: str = "ans_1", **more: Any) -> tuple[bytes, dict[str, str]]:
    """A call of the bridge to us: body and headers."""
    told = {"type": "confirmation.answered", "timestamp": at.isoformat(), **more}
    told.setdefault("data", {"confirmation": token, "verdict": said})
    body = json.dumps(told).encode()
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(message_id, at.astimezone(UTC), body.decode()),
    }
    return body, headers


@contextmanager
def bridge() -> Iterator[Bridge]:
    found = Bridge()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            assert verified(headers, body)
            found.calls.append((headers, json.loads(body)))
            if found.sleeps:
                found.ended.wait(60)
            if found.hangs_up or found.sleeps:
                self.close_connection = True
                return
            self.send_response(found.status)
            for name, value in {**found.headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
    try:
        yield found
    finally:
        found.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
