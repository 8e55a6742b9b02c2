"""What a city is to be: everything that a replay needs."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.city.breaks import KINDS
from app.city.power import Slot


@dataclass(frozen=True, slots=True)
class Plan:
    """`breaks`: how often each of `breaks.KINDS`. `scale`: on PostgreSQL and Redis of its own, several processes of
    each kind. `database`: somebody's PostgreSQL server instead. Neither: SQLite, everything in one process.
    `speed`: seconds of the city in a real one. `crowd`: customers who text in the same while.
    """

    texts: int
    customers: int
    seed: int
    breaks: dict[str, int] = field(default_factory=dict)
    scale: bool = False
    database: str = ""
    speed: float = 20.0
    crowd: int = 100
    webs: int = 2
    workers: int = 2
    patience: float = 600.0
    """Real seconds without any text being acknowledged, or of draining, after which the city is given up."""

    @property
    def where(self) -> str:
        if self.scale:
            return "postgresql, redis and celery"
        return "postgresql" if self.database else "sqlite"

    @property
    def replay(self) -> str:
        """The command line that lives the same city again, without a database's URL: it may hold a password."""
        words = ["huifu city", f"--texts {self.texts}", f"--customers {self.customers}", f"--seed {self.seed}"]
        words += [f"--{kind.replace('_', '-')} {self.breaks[kind]}" for kind in KINDS if self.breaks.get(kind)]
        words += ["--scale"] if self.scale else []
        words += [f"--webs {self.webs} --workers {self.workers}"] if self.scale else []
        words += ["--database …"] if self.database else []
        return " ".join([*words, f"--speed {self.speed:g}", f"--crowd {self.crowd}"])

    def impossible(self) -> str:
        """A sentence when something is to be broken that is not there; else nothing."""
        wanted = {kind for kind, times in self.breaks.items() if times}
        if wanted & {"redis_restarts", "flushes"} and not self.scale:
            return "--redis-restarts and --flushes need --scale: there is no Redis to break"
        if "db_restarts" in wanted and (self.database or not self.scale):
            return "--db-restarts needs --scale without --database: only a server of its own is restarted"
        if "full_disks" in wanted and self.database:
            return "--full-disks needs a database of its own: leave --database out"
        return ""

    def slots(self, ports: list[int]) -> tuple[Slot, ...]:
        """The processes of the service. `ports` are those that are served."""
        if not (self.scale or self.database):
            return (Slot("run", ("run",), ports[0]),)
        webs = [Slot(f"web{number}", ("web",), port) for number, port in enumerate(ports, 1)]
        workers = [Slot(f"worker{number + 1}", ("worker",)) for number in range(self.workers)]
        return (*webs, *workers)

    @property
    def served(self) -> int:
        """How many processes serve HTTP."""
        return self.webs if self.scale or self.database else 1
