"""Wake-ups between threads of one process. They coalesce, and losing one only means waiting for the next sweep."""

from __future__ import annotations

from threading import Event
from typing import get_args

from app.handlers.service import Lane, Service

LANES: tuple[Lane, ...] = get_args(Lane)


class Wakes:
    def __init__(self) -> None:
        self._events: dict[Lane, Event] = {lane: Event() for lane in LANES}

    def __call__(self, lane: Lane) -> None:
        """Says that there is work. Never waits."""
        self._events[lane].set()

    def wait(self, lane: Lane, seconds: float) -> None:
        """Returns when there is work, or after `seconds` at the latest."""
        self.woken(lane, seconds)

    def woken(self, lane: Lane, seconds: float) -> bool:
        """As `wait`: True when somebody said that there is work."""
        woken = self._events[lane].wait(seconds)
        self._events[lane].clear()
        return woken

    def sweep_seconds(self) -> float:
        """How often to look without being woken, where somebody waits for it: other processes are not heard."""
        return 0.5

    def all(self) -> None:
        for event in self._events.values():
            event.set()


def build_wakes(redis_url: str) -> Wakes:
    """Wake-ups of this process alone, or with a Redis those of all processes on the same one."""
    if not redis_url:
        return Wakes()
    from app.worker.shared_wakes import SharedWakes

    return SharedWakes(redis_url)


def wakes_of(service: Service) -> Wakes:
    """What a service wakes with; of its own, and never woken, when it wakes nobody."""
    return service.wake if isinstance(service.wake, Wakes) else Wakes()
