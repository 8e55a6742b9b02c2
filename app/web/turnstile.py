"""At most so many requests at work at a time, whatever number of threads the server has."""

from __future__ import annotations

from collections.abc import Iterable
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


FREE = "/health/"
"""Whoever asks how we are must hear it above all when every place is taken by requests that hang."""


class Turnstile:
    """WSGI middleware. The server has a thread more for each page that it keeps live; without this, a burst of
    webhooks would run on those too, and all would be slower. A place is held until the answer is made and not while it
    is sent, so a stream of events holds none."""

    def __init__(self, application: WSGIApplication, places: int) -> None:
        self._application = application
        # A queue of places and not a semaphore, which is Python code around a lock: 1 µs a request, and not 4.
        self._places: SimpleQueue[None] = SimpleQueue()
        for _ in range(places):
            self._places.put(None)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(FREE):
            return self._application(environ, start_response)
        place = self._places.get()
        try:
            return self._application(environ, start_response)
        finally:
            self._places.put(place)
