"""What the doors of short links keep in memory: where the last links lead, and the visits that wait to be written.

Visits are lost when their process is killed, and when more than `MOST_WAITING` wait because the database is away: they
are statistics, and nobody who follows a link waits for them.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import OrderedDict, deque
from multiprocessing.util import Finalize

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from app.handlers.care.visitors import reader_of
from app.store import links as store
from app.store.database import Database, is_passing
from app.store.links import Known, Seen

log = structlog.get_logger()

MOST_WAITING = 10_000
"""Visits; about two megabytes."""
BATCH = 200
AGAIN_SECONDS = 1.0
"""Until a database that took nothing is tried again."""
IDLE_SECONDS = 5.0
"""After this the writing thread ends, until there is something to write."""
DRAIN_SECONDS = 5.0
"""How long the end of the process waits for what is not written yet."""
MOST_LINKS = 10_000
FRESH_SECONDS = 60.0
REST_SECONDS = 2.0
"""For so long a database that failed is not asked."""


class Clicks:
    """One for each process; safe for threads."""

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Seen, str]] = deque()
        self._database: Database
        self._writing = 0
        self._most = most_waiting
        self._thread: threading.Thread | None = None
        self._ends_well: Finalize | None = None
        self._links: OrderedDict[str, tuple[Known, float]] = OrderedDict()
        self._links_lock = threading.Lock()
        self._rests_until = float("-inf")

    # ---- visits -----------------------------------------------------------------------------------------

    def note(self, database: Database, seen: Seen, agent: str) -> bool:
        """The visit will be written, its reader told from the user agent. False when too many wait: it is lost."""
        with self._changed:
            if len(self._waiting) >= self._most:
                return False
            self._waiting.append((seen, agent))
            self._database = database
            self._changed.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="huifu-visits", daemon=True)
                self._thread.start()
                if not self._ends_well:
                    # The serving process is a child that ends without `atexit`; this is what it does run.
                    self._ends_well = Finalize(None, _end, args=(weakref.ref(self),), exitpriority=5)
        return True

    def drain(self, seconds: float = DRAIN_SECONDS) -> bool:
        """Returns when all that was noted is written down, or after so many seconds: then False."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._writing, seconds)

    @property
    def waiting(self) -> int:
        """Visits that are not written yet."""
        with self._changed:
            return len(self._waiting) + self._writing

    def _write(self) -> None:
        while True:
            with self._changed:
                if not self._changed.wait_for(lambda: self._waiting, IDLE_SECONDS):
                    self._thread = None
                    return
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                self._writing = len(batch)
            kept = self._written(batch)
            with self._changed:
                if not kept:
                    self._waiting.extendleft(reversed(batch))
                self._writing = 0
                self._changed.notify_all()
            if not kept:
                time.sleep(AGAIN_SECONDS)

    def _written(self, batch: list[tuple[Seen, str]]) -> bool:
        """False when the same may be written later."""
        try:
            visits = [seen._replace(reader=reader_of(agent)) for seen, agent in batch]
            with self._database.begin() as connection:
                store.note(connection, visits)
        except Exception as error:
            later = isinstance(error, OperationalError | InterfaceError) or is_passing(error)
            log.error("visits_not_written", visits=len(batch), again=later, error=type(error).__name__)
            return not later
        return True

    # ---- links ------------------------------------------------------------------------------------------

    def remembered(self, code: str, moment: float, *, stale: bool = False) -> Known | None:
        """Where a link leads, unless it was read too long ago; with `stale` however long ago."""
        with self._links_lock:
            held = self._links.get(code)
            if held is None or not (stale or moment - held[1] < FRESH_SECONDS):
                return None
            self._links.move_to_end(code)
            return held[0]

    def remember(self, link: Known, moment: float, *, settled: bool) -> None:
        """`settled`: nothing about it changes any more. Else it counts only while the database is away."""
        with self._links_lock:
            self._links[link.code] = (link, moment if settled else float("-inf"))
            self._links.move_to_end(link.code)
            if len(self._links) > MOST_LINKS:
                self._links.popitem(last=False)
            self._rests_until = float("-inf")

    def failed(self, moment: float) -> None:
        self._rests_until = moment + REST_SECONDS

    def resting(self, moment: float) -> bool:
        """The database failed just now and need not be asked again yet."""
        return moment < self._rests_until


def _end(clicks: weakref.ref[Clicks]) -> None:
    """The process ends."""
    known = clicks()
    if known is not None and not known.drain():
        log.error("visits_lost", visits=known.waiting)
