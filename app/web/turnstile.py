"""At most so many requests at work at a time, whatever number of threads the server has."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Turnstile:
    """WSGI middleware. The server has a thread more for each page that it keeps live; without this, a burst of
    webhooks would run on those too, and all would be slower. A place is held until the answer is made and not while it
    is sent, so a stream of events holds none."""

    def __init__(self, application: WSGIApplication, places: int) -> None:
        self._application = application
        self._places = threading.Semaphore(places)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self._places:
            return self._application(environ, start_response)
