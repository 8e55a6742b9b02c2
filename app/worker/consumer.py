"""Celery's consumer, which comes back within seconds: its own waits up to half a minute between two tries."""

from __future__ import annotations

from typing import Any

from celery.worker.consumer import Consumer
from celery.worker.state import maybe_shutdown


class EagerConsumer(Consumer):  # type: ignore[misc]
    def ensure_connected(self, conn: Any) -> Any:
        connected = conn.ensure_connection(
            lambda *_: None, None, interval_start=0.2, interval_step=0.3, interval_max=2, callback=maybe_shutdown
        )
        self.first_connection_attempt = False
        return connected
