"""One thread writes down how sends ended, those of a moment in one transaction: a commit costs as much for one text as
for fifty, and whoever sends need not wait for it.

Between the gateway's answer and that commit a text is `sending`, as while it travels: if the process dies then, it
is looked up and never sent again (law 7).
"""

from __future__ import annotations

import threading

import structlog

from app.handlers.text_settled import Sent, settle_all

log = structlog.get_logger()

MOST = 100
"""Texts in one transaction."""


class Writer:
    """Starts with the first use. All that is noted must be of one database."""

    def __init__(self) -> None:
        self._noted: list[Sent] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def note(self, sent: Sent) -> None:
        """Soon it is written down. Never waits for the database."""
        with self._changed:
            self._noted.append(sent)
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="huifu-settle", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Returns when all that was noted is written down."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _write(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._noted or self._closed)
                batch, self._noted = self._noted[:MOST], self._noted[MOST:]
                if not batch:
                    return
            try:
                settle_all(batch)
            except Exception as error:
                # Told by `settle_all`, one by one. They stay with their leases, and are looked up.
                log.error("sends_not_noted", texts=len(batch), error=type(error).__name__)
