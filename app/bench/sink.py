"""A stand-in for Twilio's API that accepts every message, at once or after a delay, and remembers when each arrived:
`python -m app.bench.sink PORT [SECONDS]`."""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import parse_qs

from app.bench.servers import ROOT, NotServing, free_port

_NUMBERS = itertools.count()
_arrivals: list[tuple[str, float]] = []


@dataclass(frozen=True, slots=True)
class Sink:
    url: str

    def arrivals(self) -> list[tuple[str, float]]:
        """(number, moment) of each message in the order of arrival since the last call. Moments are of the machine's
        monotonic clock, which other processes read too."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.url, timeout=30) as answer:
            return [(to, at) for to, at in json.load(answer)]


class Line(asyncio.Protocol):
    def __init__(self, delay: float) -> None:
        self.delay, self.heard = delay, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.heard += data
        while (head := self.heard.find(b"\r\n\r\n")) >= 0:
            lengths = [line for line in self.heard[:head].lower().split(b"\r\n") if line.startswith(b"content-length:")]
            whole = head + 4 + (int(lengths[0][15:]) if lengths else 0)
            if len(self.heard) < whole:
                return
            asked, body, self.heard = self.heard[:head], self.heard[head + 4 : whole], self.heard[whole:]
            if asked.startswith(b"GET"):
                told, _arrivals[:] = json.dumps(_arrivals), []
                self._answer("200 OK", told)
                continue
            _arrivals.append((parse_qs(body.decode()).get("To", [""])[0], perf_counter()))
            accepted = json.dumps({"sid": f"SM{next(_NUMBERS):032x}", "status": "queued"})
            if self.delay:
                asyncio.get_running_loop().call_later(self.delay, self._answer, "201 Created", accepted)
            else:
                self._answer("201 Created", accepted)

    def _answer(self, status: str, told: str) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(told)}\r\n\r\n"
        self.transport.write(head.encode() + told.encode())


async def serve(port: int, delay: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Line(delay), "127.0.0.1", port, backlog=1000)
    print("accepting", flush=True)  # noqa: T201 -- tells the parent that it may begin
    await server.serve_forever()


@contextmanager
def accepting(delay: float = 0.0) -> Iterator[Sink]:
    """A stand-in in a process of its own, which takes `delay` seconds for each answer."""
    port = free_port()
    words = [sys.executable, "-m", "app.bench.sink", str(port), str(delay)]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        if process.stdout is None or not process.stdout.readline():
            raise NotServing("the stand-in for Twilio's API did not come up")
        yield Sink(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
