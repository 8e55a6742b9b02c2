"""Prism with Twilio's own OpenAPI document: it refuses every request that does not fit the document.

The document comes with Twilio's npm package `@twilio/cli-core`, as published. Prism knows shapes only: it
answers with the document's examples and remembers nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.peers.install import MODULES
from tests.peers.process import free_port, running

DOCUMENT = MODULES / "@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json"


@contextmanager
def prism() -> Iterator[str]:
    """Gives the URL to use as `TWILIO_API_URL`. What does not fit is answered 422, without a login 401."""
    port = free_port()
    arguments = ["mock", "--host", "127.0.0.1", "--port", str(port), "--verboseLevel", "error", str(DOCUMENT)]
    with running("@stoplight/prism-cli/dist/index.js", arguments, port=port, ready="/") as url:
        yield url
