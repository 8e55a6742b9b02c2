"""Offers texts to a server over keep-alive connections, and times the answers. One thread, ready-made bytes: on a small
machine the one who measures must cost little."""

from __future__ import annotations

import gc
import selectors
import socket
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

PATIENCE = 15.0  # seconds that a gateway waits for an answer (`gateways.md` §0.8); what takes longer is lost
RECEIVE = 65_536


class Refusing(RuntimeError):
    """The server did not acknowledge a text, or hung up: nothing that follows would be a measurement."""


@dataclass(slots=True)
class Load:
    """What was answered, in how many `seconds`. `latencies` in seconds; `lost`: not answered within `PATIENCE`.
    `began`: when the first text should have left, by `perf_counter`."""

    seconds: float = 0.0
    began: float = 0.0
    lost: int = 0
    latencies: array[float] = field(default_factory=lambda: array("d"))

    @property
    def answered(self) -> int:
        return len(self.latencies)

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds if self.seconds else 0.0

    def percentile_ms(self, percent: float) -> float:
        """The latency that `percent` of the answers did not exceed; what was lost counts as `PATIENCE`."""
        return percentile_ms(sorted([*self.latencies, *[PATIENCE] * self.lost]), percent)


def percentile_ms(ordered: Sequence[float], percent: float) -> float:
    """Of seconds in order, in milliseconds; 0 of nothing."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000 if ordered else 0.0


class _Line:
    """One keep-alive connection, with at most one request under way."""

    __slots__ = ("began", "heard", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = 0.0
        self.heard = b""

    def ask(self, request: bytes, began: float) -> None:
        self.began = began
        self.socket.sendall(request)

    def answered(self) -> bool:
        """Reads what has come. True when it is the whole answer; raises `Refusing` when it is no acknowledgement."""
        come = self.socket.recv(RECEIVE)
        if not come:
            raise Refusing("the server closed a connection")
        heard = self.heard + come if self.heard else come
        head = heard.find(b"\r\n\r\n")
        if head < 0 or len(heard) < head + 4 + _length(heard, head):
            self.heard = heard
            return False
        self.heard = b""
        if not heard.startswith(b"HTTP/1.1 200"):
            raise Refusing(heard.split(b"\r\n", 1)[0].decode("latin-1") + heard[head:].decode("utf-8", "replace")[:200])
        return True


def _length(heard: bytes, head: int) -> int:
    lower = heard[:head].lower()
    at = lower.find(b"content-length:")
    return int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def closed_loop(port: int, requests: Sequence[bytes], connections: int, most_seconds: float) -> Load:
    """Each connection sends its next text when the last one was answered, until none is left or time is over.

    The work is fixed and not the time, so that every side gets the same mixture of texts.
    """
    load, coming = Load(), iter(requests)
    with _open(port, connections) as (lines, selector):
        began = perf_counter()
        until, busy = began + most_seconds, 0
        for line, request in zip(lines, coming, strict=False):
            line.ask(request, perf_counter())
            busy += 1
        while busy:
            for line in _ready(selector, PATIENCE):
                if not line.answered():
                    continue
                now = perf_counter()
                load.latencies.append(now - line.began)
                request = next(coming, b"") if now < until else b""
                if request:
                    line.ask(request, now)
                else:
                    busy -= 1
        load.seconds = perf_counter() - began
    return load


def open_loop(port: int, requests: Sequence[bytes], connections: int, rate: float) -> Load:
    """Offers all `requests` at `rate` a second, whether or not earlier ones were answered.

    Latency counts from the moment at which a text should have left, so that a server that stalls is charged for every
    text that had to wait meanwhile (no coordinated omission).
    """
    load, late = Load(), deque[int]()
    with _open(port, connections) as (lines, selector):
        idle, due, total = list(lines), 0, len(requests)
        began = perf_counter() + 0.01
        gives_up = began + total / rate + PATIENCE
        while load.answered < total:
            now = perf_counter()
            if now > gives_up:
                load.lost = total - load.answered
                break
            while due < total and began + due / rate <= now:
                late.append(due)
                due += 1
            while late and idle:
                number = late.popleft()
                idle.pop().ask(requests[number], began + number / rate)
            until = began + due / rate if due < total else gives_up
            for line in _ready(selector, max(0.0, until - perf_counter())):
                if line.answered():
                    load.latencies.append(perf_counter() - line.began)
                    idle.append(line)
        load.began, load.seconds = began, perf_counter() - began
    return load


@contextmanager
def _open(port: int, connections: int) -> Iterator[tuple[list[_Line], selectors.BaseSelector]]:
    # select(2): its waits are exact to the microsecond, where epoll's are rounded up to whole milliseconds.
    lines = [_Line(port) for _ in range(connections)]
    gc.collect()
    gc.disable()
    try:
        with selectors.SelectSelector() as selector:
            for line in lines:
                selector.register(line.socket, selectors.EVENT_READ, line)
            yield lines, selector
    finally:
        gc.enable()
        for line in lines:
            line.socket.close()


def _ready(selector: selectors.BaseSelector, seconds: float) -> list[_Line]:
    return [key.data for key, _ in selector.select(seconds)]
