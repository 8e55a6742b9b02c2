"""What goes wrong, when and for how long: drawn from the seed, done while people text."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from app.bench.redis import RedisServer
from app.city.clock import FastClock
from app.city.ground import Postgres
from app.city.ledger import Ledger
from app.city.power import Power, Slot

KINDS = ("kills", "db_restarts", "redis_restarts", "flushes", "pauses", "skews", "full_disks")
MOST_WRONG = 180.0
"""Seconds of the city by which a clock goes wrong at most, ahead or behind."""
LASTS = {"pauses": (70.0, 140.0), "skews": (60.0, 400.0), "full_disks": (20.0, 90.0)}
"""Seconds of the city. A pause is longer than any lease (60 at most): others take the process for dead meanwhile."""


@dataclass(frozen=True, slots=True)
class Break:
    """`after`: so many texts have been said. `where`: which process, as a share of all. `wrong`: of a clock."""

    after: float
    kind: str
    where: float
    lasts: float = 0.0
    wrong: float = 0.0
    rest: float = 0.0


def plan(seed: int, texts: int, times: dict[str, int]) -> list[Break]:
    """`times` of each of `KINDS`, in the order of `after`: between the first tenth of the texts and the last, so that
    there is always something to break and something to mend."""
    return sorted(
        (one for kind in KINDS for one in _of_kind(seed, texts, kind, times.get(kind, 0))), key=lambda one: one.after
    )


def _of_kind(seed: int, texts: int, kind: str, times: int) -> Iterator[Break]:
    # A stream for each kind: one more flush does not move the kills.
    chance = random.Random(f"{seed}:{kind}")
    for _ in range(times):
        after, where = texts * chance.uniform(0.1, 0.9), chance.random()
        lasts = chance.uniform(*LASTS[kind]) if kind in LASTS else 0.0
        wrong = chance.choice((-1, 1)) * chance.uniform(30, MOST_WRONG) if kind == "skews" else 0.0
        yield Break(after, kind, where, lasts, wrong, chance.uniform(0, 0.5))


@dataclass
class Breaker:
    """Does what `due` is from a plan. One at a time: whatever is started again is up before the next thing breaks."""

    breaks: list[Break]
    power: Power
    clock: FastClock
    ledger: Ledger
    postgres: Postgres | None = None
    redis: RedisServer | None = None
    _mending: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    @property
    def over(self) -> bool:
        return not self.breaks and not self._mending

    def look(self, said: int) -> None:
        """Mends what has lasted long enough, and breaks what is due."""
        now = time.monotonic()
        for one in [one for one in self._mending if one[0] <= now]:
            self._mending.remove(one)
            one[1]()
        if self.breaks and said >= self.breaks[0].after:
            self._break(self.breaks.pop(0))

    def _break(self, one: Break) -> None:
        slot = self.power.slots[int(one.where * len(self.power.slots))]
        {
            "kills": self._kill,
            "db_restarts": self._restart_database,
            "redis_restarts": self._restart_redis,
            "flushes": self._flush,
            "pauses": self._pause,
            "skews": self._skew,
            "full_disks": self._fill_disk,
        }[one.kind](one, slot)

    def _kill(self, one: Break, slot: Slot) -> None:
        self.power.kill(slot)
        self.ledger.count(f"kills of {slot.kind}")
        time.sleep(one.rest)
        self.power.start(slot)

    def _restart_database(self, _: Break, __: Slot) -> None:
        assert self.postgres is not None
        self.postgres.restart()
        self.ledger.count("restarts of PostgreSQL")

    def _restart_redis(self, one: Break, _: Slot) -> None:
        assert self.redis is not None
        self.redis.kill()
        time.sleep(one.rest)
        self.redis.start()
        self.ledger.count("restarts of Redis")

    def _flush(self, _: Break, __: Slot) -> None:
        assert self.redis is not None
        self.redis.flush()
        self.ledger.count("flushes of Redis")

    def _pause(self, one: Break, slot: Slot) -> None:
        self.power.pause(slot)
        self.ledger.count(f"pauses of {slot.kind}")

        def go_on() -> None:
            self.ledger.went_on.append(time.time())
            self.power.go_on(slot)

        self._later(one, go_on)

    def _skew(self, one: Break, slot: Slot) -> None:
        self.power.set_clock(slot, one.wrong)
        self.ledger.count(f"clocks wrong of {slot.kind}")
        self._later(one, lambda: self.power.set_clock(slot, 0))

    def _fill_disk(self, one: Break, slot: Slot) -> None:
        fill = self.postgres.fill_disk if self.postgres else lambda full: self.power.fill_disk(slot, full)
        fill(True)
        self.ledger.count("disks full")
        self._later(one, lambda: fill(False))

    def _later(self, one: Break, mend: Callable[[], None]) -> None:
        self._mending.append((time.monotonic() + self.clock.real(one.lasts), mend))
