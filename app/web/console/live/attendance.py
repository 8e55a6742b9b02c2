"""Which pages are open in this process and who sits before them. What they say is written down in batches: a page that
only stays open costs next to nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from app.handlers import presence_told
from app.handlers.presence_told import LOOKS, TYPES, Told
from app.handlers.service import Service
from app.store import presence
from app.store.agents import Agent
from app.store.presence import Looking
from app.web.console.live.changes import Change, looking

LIVE_ROLES = ("agent", "supervisor")
WRITES_EVERY = 10.0  # seconds; well below LOOKS
MOST_OF_ONE = 10  # streams of one person: nobody takes all of them; what is beyond asks every two seconds
CHECKS_EVERY = 30.0  # seconds after which a session that was ended elsewhere without an event is noticed


@dataclass(slots=True, eq=False)
class Page:
    """An open stream. `until`: when its session is over unless somebody acts; `tab`: made up by the page."""

    agent: Agent
    epoch: int
    until: datetime
    tab: str
    ended: bool = False
    replaced: bool = False


@dataclass(slots=True)
class _Known:
    typing: bool
    until: datetime


@dataclass(slots=True)
class Attendance:
    """`most` streams are held at a time. `timer` gives seconds."""

    service: Service
    most: int
    timer: Callable[[], float] = monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _pages: set[Page] = field(default_factory=set)
    _said: dict[tuple[int, int | None], Told] = field(default_factory=dict)
    _known: dict[tuple[int, int | None], _Known] = field(default_factory=dict)
    _watched: dict[int, tuple[Looking, ...]] = field(default_factory=dict)
    _written: float = 0.0
    _checked: float = 0.0

    def enter(self, page: Page) -> bool:
        """Whether there is room. A page of the same tab is ended: the tab shows this one now, and a connection that
        was left is only noticed at the next write."""
        with self._lock:
            for other in self._pages:
                if other.tab == page.tab and other.agent.id == page.agent.id:
                    other.ended = other.replaced = True
            there = [other for other in self._pages if not other.ended]
            if len(there) >= self.most or sum(other.agent.id == page.agent.id for other in there) >= MOST_OF_ONE:
                return False
            self._pages.add(page)
            return True

    def leave(self, page: Page) -> None:
        with self._lock:
            self._pages.discard(page)

    def count(self) -> int:
        return len(self._pages)

    def ends_pages(self) -> bool:
        return any(page.ended for page in self._pages.copy())

    def next_in(self) -> float:
        """Seconds until `look_after` has something to do at the latest."""
        typing = any(one.typing for people in self._watched.values() for one in people)
        return 1.0 if typing else WRITES_EVERY

    # ---- what pages say ---------------------------------------------------------------------------------

    def heard(self, told: Told) -> None:
        """A page told that it is open. Written at once when it says something new, else with the next batch."""
        key, now = (told.agent_id, told.ticket_id), self.service.clock()
        with self._lock:
            known = self._known.get(key)
            if known and known.typing == told.typing and known.until > now and not told.left:
                self._said[key] = told
                return
        presence_told.tell(self.service, [told])
        with self._lock:
            self._said.pop(key, None)
            if told.left:
                self._known.pop(key, None)
            else:
                self._known[key] = _Known(told.typing, now + (TYPES / 2 if told.typing else LOOKS))

    # ---- for the feed's thread --------------------------------------------------------------------------

    def look_after(self, made: Sequence[Change]) -> list[Change]:
        """Writes what pages said, ends pages whose session is over, and gives changes that no event tells: people who
        look or type no longer without having said so."""
        now, at = self.service.clock(), self.timer()
        if at - self._written >= WRITES_EVERY:
            self._written = at
            self._write(now)
        if at - self._checked >= CHECKS_EVERY or any(one.kind == "agents" for one in made):
            self._checked = at
            self._end_sessions()
        for page in self._pages.copy():
            page.ended = page.ended or page.until <= now
        self._watch((one.ticket_id, one.people) for one in made if one.kind == "presence")
        return self._lapsed(now)

    def _write(self, now: datetime) -> None:
        with self._lock:
            said, self._said = self._said, {}
            self._known = {key: known for key, known in self._known.items() if known.until > now or key in said}
        try:
            presence_told.tell(self.service, list(said.values()))
        except Exception:
            with self._lock:
                self._said = {**said, **self._said}
            raise
        with self._lock:
            for key, told in said.items():
                if key in self._known and not told.typing:
                    self._known[key].until = now + LOOKS

    def _end_sessions(self) -> None:
        pages = self._pages.copy()
        if not pages:
            return
        with self.service.database.begin() as connection:
            rows = {row.id: row for row in presence.sessions(connection, {page.agent.id for page in pages})}
        for page in pages:
            row = rows.get(page.agent.id)
            if row is None or row.epoch != page.epoch or row.role not in LIVE_ROLES:
                page.ended = True

    def _watch(self, told: Iterable[tuple[int, tuple[Looking, ...]]]) -> None:
        for ticket_id, people in told:
            self._watched[ticket_id] = people
            if not people:
                del self._watched[ticket_id]

    def _lapsed(self, now: datetime) -> list[Change]:
        due = [ticket_id for ticket_id, people in self._watched.items() if any(one.until <= now for one in people)]
        if not due:
            return []
        with self.service.database.begin() as connection:
            found = looking(connection, due, now)
        different = []
        for ticket_id in due:
            people = tuple(found.get(ticket_id, ()))
            if _shown(people) != _shown(self._watched[ticket_id]):
                different.append(Change("presence", ticket_id, now, people=people))
            self._watch([(ticket_id, people)])
        return different


def _shown(people: Sequence[Looking]) -> list[tuple[str, bool]]:
    return [(one.agent, one.typing) for one in people]
