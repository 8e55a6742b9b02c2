"""What was measured: samples of rounds, their medians and spread, and the ratio of two sides taken round by round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

OURS, CEILING, WITH_WORKER = "ours", "ceiling", "ours_with_worker"
EMPTY, FULL = "empty", "with_history"
FIGURES = ("turns_per_second", "p50_ms", "p99_ms", "processor_ms", "database_ms")


@dataclass(frozen=True, slots=True)
class Sample:
    """One load on one server. `processor_ms` and `database_ms`: user and system time of both a turn,
    None where unknown."""

    turns: int
    turns_per_second: float
    p50_ms: float
    p99_ms: float
    processor_ms: float | None
    statements: int
    lost: int = 0
    database_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over all rounds."""

    median: float
    least: float
    most: float


def spread(values: Sequence[float | None]) -> Spread | None:
    """None when a round lacks the figure, or there is no round."""
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return None
    return Spread(median(known), min(known), max(known))


@dataclass(slots=True)
class Rounds:
    """The same load on each side, round after round. `rate`: texts offered a second; None in the closed loop."""

    rate: float | None = None
    samples: dict[str, list[Sample]] = field(default_factory=dict)

    def add(self, side: str, sample: Sample) -> None:
        self.samples.setdefault(side, []).append(sample)

    def of(self, side: str, figure: str) -> Spread | None:
        return spread([getattr(sample, figure) for sample in self.samples.get(side, ())])

    def ratio(self, figure: str, side: str = OURS, to: str = CEILING) -> Spread | None:
        """Ours to the ceiling, of neighbours in time: what else the machine does then hits both."""
        pairs = zip(self.samples.get(side, ()), self.samples.get(to, ()), strict=True)
        return spread([_quotient(getattr(ours, figure), getattr(ceiling, figure)) for ours, ceiling in pairs])

    def statements_per_turn(self, side: str) -> float:
        samples = self.samples.get(side, ())
        turns = sum(sample.turns for sample in samples)
        return sum(sample.statements for sample in samples) / turns if turns else 0.0

    def lost(self, side: str) -> int:
        return sum(sample.lost for sample in self.samples.get(side, ()))

    def data(self) -> dict[str, Any]:
        ratios = {f"ratio_{name}": as_data(self.ratio(name)) for name in FIGURES}
        return {"rate": self.rate, **self.sides(), **ratios}

    def sides(self) -> dict[str, Any]:
        return {side: self._side(side) for side in self.samples}

    def _side(self, side: str) -> dict[str, Any]:
        return {
            **{figure: as_data(self.of(side, figure)) for figure in FIGURES},
            "statements_per_turn": round(self.statements_per_turn(side), 3),
            "turns": sum(sample.turns for sample in self.samples[side]),
            "lost": self.lost(side),
        }


@dataclass(slots=True)
class DatabaseFigures:
    """`plan`: text -> how many statements its turn took when it was observed. `rows`: of our database at the end."""

    plan: dict[str, int]
    durability: dict[str, str]
    closed: Rounds = field(default_factory=Rounds)
    open: list[Rounds] = field(default_factory=list)
    worker: Rounds | None = None
    rows: dict[str, int] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        return {
            "statements_of_each_text": self.plan,
            "durability": self.durability,
            "closed": self.closed.data(),
            "open": [rounds.data() for rounds in self.open],
            "with_worker": self.worker.data() if self.worker else None,
            "rows": self.rows,
        }


def _quotient(ours: float | None, ceiling: float | None) -> float | None:
    return ours / ceiling if ours is not None and ceiling else None


def as_data(figure: Spread | None) -> dict[str, float] | None:
    return {name: round(value, 3) for name, value in asdict(figure).items()} if figure else None
