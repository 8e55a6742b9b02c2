"""Open pages as browsers hold them: a stream each, read by one thread, and an answer to every ping."""

from __future__ import annotations

import re
import selectors
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from time import perf_counter

from app.bench.load import Refusing
from app.bench.queue import Seat

TICKET = re.compile(rb'event: ticket\ndata: \{"id": (\d+)')
PING = b"event: ping\n"
PATIENCE = 20.0


class Pages:
    """`heard[ticket]`: when each page was told of it last, in the order of hearing, as `perf_counter` gives it."""

    def __init__(self, port: int, seats: Sequence[Seat]) -> None:
        self._port, self._seats = port, seats
        self._selector = selectors.DefaultSelector()
        self._lines = [_Line(port, seat) for seat in seats]
        self._closing = False
        self._changed = threading.Condition()
        self.heard: dict[int, list[float]] = {}
        self.pings = 0
        for line in self._lines:
            self._selector.register(line.socket, selectors.EVENT_READ, line)
            line.answer(port)  # a page says that it is there when it opens
        self._pinged: SimpleQueue[_Line | None] = SimpleQueue()
        # Pings are answered beside: whoever reads must not wait for the server meanwhile.
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._read, self._answer)]
        for thread in self._threads:
            thread.start()

    def forget(self) -> None:
        with self._changed:
            self.heard.clear()

    def wait_for(self, ticket: int, seconds: float) -> bool:
        """Whether every page has heard of a ticket within so long."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.heard.get(ticket, ())) >= len(self._lines), seconds)

    def close(self) -> None:
        self._closing = True
        for line in self._lines:
            line.socket.close()
        self._pinged.put(None)
        for thread in self._threads:
            thread.join(2)

    def _read(self) -> None:
        while not self._closing:
            for key, _ in self._selector.select(0.2):
                line: _Line = key.data
                try:
                    come = line.socket.recv(65_536)
                except OSError:
                    return
                now = perf_counter()
                if not come:
                    self._selector.unregister(line.socket)
                    continue
                tickets, pings = line.take(come)
                if tickets:
                    with self._changed:
                        for ticket in tickets:
                            self.heard.setdefault(ticket, []).append(now)
                        self._changed.notify_all()
                for _ in range(pings):
                    self.pings += 1
                    self._pinged.put(line)

    def _answer(self) -> None:
        while (line := self._pinged.get()) is not None:
            line.answer(self._port)


class _Line:
    def __init__(self, port: int, seat: Seat) -> None:
        self._seat = seat
        self._rest = b""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(
            f"GET /console/events?tab={id(self)} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n"
            f"Cookie: {seat.cookie}\r\n\r\n".encode()
        )
        while b"event: hello" not in self._rest:
            come = self.socket.recv(65_536)
            if not come or (len(self._rest) > 12 and not self._rest.startswith(b"HTTP/1.1 200")):
                raise Refusing(f"a page was not kept live: {self._rest[:200].decode('utf-8', 'replace')}")
            self._rest += come
        self._rest = b""

    def take(self, come: bytes) -> tuple[list[int], int]:
        """Tickets and pings in what has come. Every message comes in one piece of the transfer encoding."""
        heard = self._rest + come
        end = heard.rfind(b"\n\n") + 2 if b"\n\n" in heard else 0
        whole, self._rest = heard[:end], heard[end:]
        return [int(found) for found in TICKET.findall(whole)], whole.count(PING)

    def answer(self, port: int) -> None:
        body = "ticket=&typing="
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as asked:
            asked.sendall(
                f"POST /console/alive HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nCookie: {self._seat.cookie}\r\n"
                f"X-CSRFToken: {self._seat.token}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            answer = asked.recv(4096)
            if not answer.startswith(b"HTTP/1.1 204"):
                raise Refusing(f"a page's answer was refused: {answer[:60].decode('utf-8', 'replace')}")


@contextmanager
def open_pages(port: int, seats: Sequence[Seat]) -> Iterator[Pages]:
    """A page for each seat, all open. Raises `load.Refusing`."""
    pages = Pages(port, seats)
    try:
        yield pages
    finally:
        pages.close()
