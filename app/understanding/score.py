"""How well labelled texts are understood: the figures of `huifu understand --score`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from app.flows.reading import SURE, Hearing, read
from app.flows.reading.normalise import has_han
from app.understanding.rows import Row

WORST = 10


@dataclass(frozen=True, slots=True)
class Guess:
    """What a reader made of one row: its best meaning, acted on or (below `SURE`) only asked about."""

    row: Row
    meaning: str
    score: float

    @property
    def answered(self) -> bool:
        return self.score >= SURE

    @property
    def right(self) -> bool:
        return self.meaning in self.row.accepted


Reader = Callable[[str], tuple[str, float]]
"""A text to its best meaning and the certainty of it (0..1, acted on from `SURE`)."""


@dataclass(frozen=True, slots=True)
class PerMeaning:
    """`recall`: share of the rows labelled so that were read acceptably. `precision`: of the rows read so."""

    rows: int
    recall: float
    read_so: int
    precision: float


@dataclass(frozen=True, slots=True)
class Report:
    """Shares are 0..1. `missed`: refusals read as something else; `asked`: refusals asked about rather than done;
    `invented`: refusals acted on although the text was none; `suspected`: asked about although it was none."""

    rows: int
    strict: float
    lenient: float
    macro_f1: float
    coverage: float
    right_of_answered: float
    refusals: int
    missed: list[str]
    asked: list[str]
    invented: list[str]
    suspected: list[str]
    meanings: dict[str, PerMeaning]
    confusions: list[tuple[str, str, int, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def our_reader(now: datetime) -> Reader:
    """The service's own `read`, without a conversation around it."""

    def reader(text: str) -> tuple[str, float]:
        found = read(text, Hearing(now=now, language="zh-CN" if has_han(text) else "en"))
        return found.meaning, found.score

    return reader


def guesses(rows: Iterable[Row], reader: Reader) -> list[Guess]:
    return [Guess(row, *reader(row.text)) for row in rows]


def by_tier(made: Sequence[Guess]) -> dict[str, Report]:
    """A report over all rows, and one per tier where there are several."""
    tiers = sorted({guess.row.tier for guess in made})
    found = {"all": report(made)}
    for tier in tiers if len(tiers) > 1 else ():
        found[tier] = report([guess for guess in made if guess.row.tier == tier])
    return found


def report(made: Sequence[Guess]) -> Report:
    """The figures over some guesses. Raises ValueError when there are none."""
    if not made:
        raise ValueError("there is no row to score")
    answered = [guess for guess in made if guess.answered]
    refusals = [guess for guess in made if guess.row.intent == "opt_out"]
    others = [guess for guess in made if "opt_out" not in guess.row.accepted and guess.meaning == "opt_out"]
    return Report(
        rows=len(made),
        strict=_share(guess.meaning == guess.row.intent for guess in made),
        lenient=_share(guess.right for guess in made),
        macro_f1=_macro_f1(made),
        coverage=len(answered) / len(made),
        right_of_answered=_share(guess.right for guess in answered),
        refusals=len(refusals),
        missed=[guess.row.text for guess in refusals if not guess.right],
        asked=[guess.row.text for guess in refusals if guess.meaning == "opt_out" and not guess.answered],
        invented=[guess.row.text for guess in others if guess.answered],
        suspected=[guess.row.text for guess in others if not guess.answered],
        meanings=_meanings(made),
        confusions=_confusions(made),
    )


def _share(hits: Iterable[bool]) -> float:
    told = list(hits)
    return sum(told) / len(told) if told else 0.0


def _macro_f1(made: Sequence[Guess]) -> float:
    """Mean over the labels of the file, strict: a label's F1 from hits, rows labelled so and rows read so."""
    labelled = Counter(guess.row.intent for guess in made)
    read_so = Counter(guess.meaning for guess in made)
    hits = Counter(guess.meaning for guess in made if guess.meaning == guess.row.intent)
    return sum(2 * hits[label] / (labelled[label] + read_so[label]) for label in labelled) / len(labelled)


def _meanings(made: Sequence[Guess]) -> dict[str, PerMeaning]:
    found = {}
    for meaning in sorted({guess.row.intent for guess in made} | {guess.meaning for guess in made}):
        labelled = [guess for guess in made if guess.row.intent == meaning]
        read_so = [guess for guess in made if guess.meaning == meaning]
        found[meaning] = PerMeaning(
            rows=len(labelled),
            recall=_share(guess.right for guess in labelled),
            read_so=len(read_so),
            precision=_share(guess.right for guess in read_so),
        )
    return found


def _confusions(made: Sequence[Guess]) -> list[tuple[str, str, int, str]]:
    """The most frequent (label, read as, how often, one text) of the rows that were read wrongly."""
    wrong = [guess for guess in made if not guess.right]
    pairs = Counter((guess.row.intent, guess.meaning) for guess in wrong)
    example = {(guess.row.intent, guess.meaning): guess.row.text for guess in reversed(wrong)}
    return [(*pair, times, example[pair]) for pair, times in pairs.most_common(WORST)]
