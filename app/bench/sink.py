"""A stand-in for Twilio's API that accepts every message at once: `python -m app.bench.sink PORT`."""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from app.bench.servers import ROOT, NotServing, free_port

_NUMBERS = itertools.count()


class Sink(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.heard = transport, b""

    def data_received(self, data: bytes) -> None:
        self.heard += data
        while (head := self.heard.find(b"\r\n\r\n")) >= 0:
            lengths = [line for line in self.heard[:head].lower().split(b"\r\n") if line.startswith(b"content-length:")]
            whole = head + 4 + (int(lengths[0][15:]) if lengths else 0)
            if len(self.heard) < whole:
                return
            self.heard = self.heard[whole:]
            body = json.dumps({"sid": f"SM{next(_NUMBERS):032x}", "status": "queued"}).encode()
            head_back = f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self.transport.write(head_back.encode() + body)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    print("accepting", flush=True)  # noqa: T201 -- tells the parent that it may begin
    await server.serve_forever()


@contextmanager
def running() -> Iterator[str]:
    """The base URL of a sink in a process of its own."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "app.bench.sink", str(port)], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        if process.stdout is None or not process.stdout.readline():
            raise NotServing("the stand-in for Twilio's API did not come up")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
