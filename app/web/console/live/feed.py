"""What every open page of this process hears of: one thread reads the events of the database, however many pages wait.

No event is lost, and some are heard twice, which is harmless: an event says only that something changed, and a message
says how it is now. Ids are given out before they are committed, so a transaction may show up after one with a higher
id. The feed therefore remembers the ids that it has skipped and asks for them again for a minute, and a page that comes
back to another feed than it left (the service was started anew, another process) is told everything from a minute
before the last event that it knows.
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from app.store import events
from app.store.database import Database
from app.web.console.live.attendance import Attendance, Page
from app.web.console.live.changes import Change, changes

log = structlog.get_logger()

LATE = timedelta(minutes=1)
"""How long a transaction may take from its event to its commit, and how far the clocks of servers may be apart."""
KEPT = timedelta(minutes=3)
"""How long a message stays here after it was told."""
MOST_KEPT = 2000
BATCH = 500
MOST_GAPS = 2000
MOST_MISSED = 2000  # events; a page that missed more loads anew what it shows
LINGERS = timedelta(minutes=1)
"""How long the thread goes on after the last page: the next one comes with the next click."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a page has heard: the highest event id that its feed had read, and that feed's number of the message."""

    event: int
    feed: str
    number: int

    def __str__(self) -> str:
        return f"{self.event}.{self.feed}.{self.number}"

    @staticmethod
    def read(text: str) -> Place | None:
        """None for what nobody gave out."""
        event, _, rest = text.partition(".")
        feed, _, number = rest.partition(".")
        if not (text.isascii() and event.isdecimal() and number.isdecimal() and max(len(event), len(number)) < 19):
            return None
        return Place(int(event), feed, int(number))


@dataclass(frozen=True, slots=True)
class Heard:
    """Changes since a place, and the place after them. `too_much`: more was missed than is told one by one."""

    changes: Sequence[Change]
    place: Place
    too_much: bool = False


class Feed:
    """`wait(seconds)` returns when somebody says that there are events, or after `seconds`; `sweep()` gives how long a
    lost wake-up may delay the events."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        attendance: Attendance,
        wait: Callable[[float], None],
        sweep: Callable[[], float],
    ) -> None:
        self._database, self._clock, self._attendance = database, clock, attendance
        self._wait, self._sweep = wait, sweep
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._used = clock()
        self.stopped = False
        self._last: int | None = None
        self._gaps: dict[int, datetime] = {}
        self._kept: deque[tuple[int, datetime, Change]] = deque()
        self._number, self._first = 0, 1
        self._begin_anew()

    # ---- for pages --------------------------------------------------------------------------------------

    def use(self) -> None:
        """Somebody listens: starts the thread when none runs, and waits until it has looked once."""
        with self._changed:
            self._used = self._clock()
            if self._thread is None and not self.stopped:
                self._begin_anew()
                self._ready.clear()
                self._thread = threading.Thread(target=self._run, name="huifu-feed", daemon=True)
                self._thread.start()
        self._ready.wait(5)

    def resume(self, place: Place | None, since: datetime) -> Heard:
        """Everything since a place that some feed gave out; `since` when there is none: when the page was made."""
        with self._changed:
            now_at = self._place()
            if place is not None and place.feed == self._name and self._first <= place.number + 1:
                return Heard(self._after(place.number), now_at)
        with self._database.begin() as connection:
            known = events.among(connection, [place.event]) if place is not None else ()
            moment = (known[0].at if known else since) - LATE
            with self._changed:
                if moment >= self._reaches:
                    return Heard(_latest([one for _, _, one in self._kept if one.at >= moment]), self._place())
            found = events.since(connection, moment, MOST_MISSED + 1)
            if len(found) > MOST_MISSED:
                return Heard((), now_at, too_much=True)
            return Heard(changes(connection, found, self._clock()), now_at)

    def listen(self, number: int, seconds: float, page: Page) -> Heard:
        """Waits until there is something after a number, the page has to end, or `seconds` have passed."""
        with self._changed:
            self._changed.wait_for(lambda: self._number > number or page.ended or self.stopped, seconds)
            if number + 1 < self._first:
                return Heard((), self._place(), too_much=True)
            return Heard(self._after(number), self._place())

    def stop(self) -> None:
        """Ends the thread and every page that listens."""
        with self._changed:
            self.stopped = True
            self._changed.notify_all()

    def nudge(self) -> None:
        """Pages look again whether they have to end."""
        with self._changed:
            self._changed.notify_all()

    # ---- the thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        failed = False
        while True:
            more = False
            try:
                more = self._look()
                failed = False
            except Exception as error:
                # What was not told is found again by the next look.
                if not failed:
                    log.error("feed_failed", error=type(error).__name__, exc_info=True)
                failed = True
            self._ready.set()
            with self._changed:
                busy = self._attendance.count() > 0 or self._clock() - self._used < LINGERS
                if self.stopped or not busy:
                    self._thread = None
                    return
            if not more:
                self._wait(min(self._sweep(), self._attendance.next_in()))

    def _look(self) -> bool:
        """Reads what is new and tells it; whether there is more to be read at once."""
        with self._database.begin() as connection:
            last = self._start(connection) if self._last is None else self._last
            late = events.among(connection, sorted(self._gaps)) if self._gaps else []
            fresh = events.after(connection, last, BATCH)
            found = [*late, *fresh]
            made = changes(connection, found, self._clock()) if found else []
        now = self._clock()
        self._gaps = _gaps(self._gaps, last, [event.id for event in fresh], {event.id for event in late}, now)
        self._last = fresh[-1].id if fresh else last
        self._tell(made)
        self._tell(self._attendance.look_after(made))
        return len(fresh) == BATCH

    def _start(self, connection: Connection) -> int:
        """Begins a little back, so that ids which are on their way count as skipped, and most pages find here what
        they missed. Asked in this order: an event that comes between the two is behind the first answer."""
        last = events.last(connection)
        before = self._clock() - 2 * LATE
        recent = events.since(connection, before, 1)
        with self._changed:
            self._reaches = before
        return int(recent[0].id) - 1 if recent else last

    def _tell(self, made: Sequence[Change]) -> None:
        with self._changed:
            now = self._clock()
            for one in made:
                self._number += 1
                self._kept.append((self._number, now, one))
            while self._kept and (self._kept[0][1] < now - KEPT or len(self._kept) > MOST_KEPT):
                number, _, gone = self._kept.popleft()
                self._first = number + 1
                self._reaches = max(self._reaches, gone.at + timedelta(microseconds=1))
            if made or self._attendance.ends_pages():
                self._changed.notify_all()

    def _begin_anew(self) -> None:
        self._name = secrets.token_hex(4)
        self._last = None
        self._gaps.clear()
        self._kept.clear()
        self._number, self._first = 0, 1
        self._reaches = self._clock()

    def _place(self) -> Place:
        return Place(self._last or 0, self._name, self._number)

    def _after(self, number: int) -> list[Change]:
        return _latest([one for position, _, one in self._kept if position > number])


def _gaps(
    known: dict[int, datetime], last: int, fresh: Sequence[int], came: set[int], now: datetime
) -> dict[int, datetime]:
    """Ids that were skipped and have not come, with when that was first seen; given up after `LATE`."""
    kept = {event_id: seen for event_id, seen in known.items() if event_id not in came and now - seen < LATE}
    if fresh:
        there = set(fresh)
        for event_id in range(max(last + 1, fresh[-1] - MOST_GAPS), fresh[-1]):
            if event_id not in there:
                kept[event_id] = now
    return dict(list(kept.items())[-MOST_GAPS:])


def _latest(heard: Sequence[Change]) -> list[Change]:
    """Without those that a later one makes worthless."""
    latest: dict[Any, Change] = {}
    for one in heard:
        latest.pop(one.about, None)
        latest[one.about] = one
    return list(latest.values())
