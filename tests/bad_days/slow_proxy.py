"""A road to a server that can be slow or blocked: a TCP proxy that delays what the client says."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Iterator


class Road:
    """Every request of a client waits `delay` seconds before it goes on. `blocked`: nothing passes, nobody is told."""

    def __init__(self, to: tuple[str, int] | str) -> None:
        self.delay = 0.0
        self.blocked = threading.Event()
        self._to = to
        self._ending = threading.Event()
        self.port = 0
        self.open()

    def open(self) -> None:
        """Takes connections, on the same port as before."""
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def shut(self) -> None:
        """From here on connections are refused."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def close(self) -> None:
        self._ending.set()
        self.shut()

    def _accept(self, listening: socket.socket) -> None:
        while not self._ending.is_set():
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        family = socket.AF_UNIX if isinstance(self._to, str) else socket.AF_INET
        with (
            contextlib.suppress(OSError),
            client,
            socket.socket(family) as server,
            selectors.DefaultSelector() as ready,
        ):
            server.connect(self._to)
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            while not self._ending.is_set():
                for key, _ in ready.select(0.2):
                    said = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    if not said:
                        return
                    if key.fileobj is client:
                        time.sleep(self.delay)  # what is tested is a slow road: this is its length
                    while self.blocked.is_set() and not self._ending.is_set():
                        time.sleep(0.01)
                    key.data.sendall(said)


@contextlib.contextmanager
def road(to: tuple[str, int] | str) -> Iterator[Road]:
    made = Road(to)
    try:
        yield made
    finally:
        made.close()
