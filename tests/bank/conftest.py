"""Banks that answer: our tables, the example's service, and one over HTTP that does whatever a test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest
from werkzeug.serving import make_server

from app.bank.http import HttpBank
from app.bank.port import Bank
from app.bank.tables import TableBank
from examples.bank import create_bank
from tests.bank.customers import AT_THE_BANK, IN_OUR_TABLES, TODAY

TOKEN = "only-for-tests"


@contextmanager
def served(server: Any) -> Iterator[str]:
    """Runs a server of the standard library's kind in a thread; gives its URL."""
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="session")
def example_url() -> Iterator[str]:
    bank = create_bank(AT_THE_BANK, TOKEN, lambda: TODAY)
    with served(make_server("127.0.0.1", 0, bank, threaded=True)) as url:
        yield url


@pytest.fixture(params=["tables", "http"])
def bank(request: pytest.FixtureRequest) -> Bank:
    """Every adapter, with the same customers behind it."""
    if request.param == "tables":
        return TableBank(IN_OUR_TABLES.get, lambda: TODAY)
    return HttpBank(request.getfixturevalue("example_url"), TOKEN)


class Call:
    """One request as the wrong bank sees it; `answer` and `hang_up` are what it can do."""

    def __init__(self, handler: BaseHTTPRequestHandler, ended: Event) -> None:
        self._handler = handler
        self._ended = ended
        self.path = handler.path
        self.headers = handler.headers
        self.body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))

    def answer(self, body: Any, status: int = 200, **headers: str) -> None:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.start(status, {"Content-Length": str(len(sent)), **headers})
        self.send(sent)

    def start(self, status: int, headers: dict[str, str]) -> None:
        self._handler.send_response(status)
        for name, value in headers.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.end_headers()

    def send(self, some: bytes) -> None:
        self._handler.wfile.write(some)
        self._handler.wfile.flush()

    def hang_up(self) -> None:
        self._handler.close_connection = True

    def never_answer(self) -> None:
        self._ended.wait()
        self.hang_up()


class Stranger:
    """A bank over HTTP that does what `does` says, and remembers the calls."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[Call] = []
        self.does: Callable[[Call], None] = lambda call: call.answer({"outcome": "none", "facts": {}})

    def answers(self, body: Any, status: int = 200, **headers: str) -> None:
        self.does = lambda call: call.answer(body, status, **headers)


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    bank = Stranger()
    ended = Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            call = Call(self, ended)
            bank.calls.append(call)
            bank.does(call)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    with served(server) as bank.url:
        yield bank
        ended.set()
