"""Every kind of model, measured on the same held-out folds: the table of docs/understanding.md."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.understanding.fit import Candidate, Numbers, bayes, blend, fuzzy, logistic, margins, nearest
from app.understanding.texts import Text
from app.understanding.train import CHOSEN, Shelf, held_out, shelves
from app.understanding.weigh import fit_head, lexicon_scores, probabilities

CANDIDATES: dict[str, Candidate] = {
    "logistic regression": logistic(),
    "support vectors": margins(),
    "complement naive Bayes": bayes(),
    "nearest texts (cosine)": nearest(),
    "nearest text (rapidfuzz)": fuzzy,
    "logistic + vectors": blend((0.6, logistic()), (0.4, margins())),
    "logistic + vectors + Bayes": blend((0.5, logistic()), (0.35, margins()), (0.15, bayes())),
    "logistic + nearest": blend((0.8, logistic()), (0.2, nearest())),
}


class Figure(NamedTuple):
    """Shares 0..1 on held-out texts. `right_at_80`: of the surest 80 %; `answered_at_95`: the most that can be
    answered with 95 % of it right. `seconds`: for all rounds."""

    script: str
    name: str
    right: float
    macro_f1: float
    right_at_80: float
    answered_at_95: float
    seconds: float


def measure(texts: Sequence[Text], told: Callable[[str], None] = lambda _: None) -> list[Figure]:
    """One figure per script and candidate; then the lexicon alone, and the chosen model weighed with it."""
    found = []
    for shelf in shelves(texts):
        rules = lexicon_scores(shelf.plain, shelf.meanings)
        found.append(_figure(shelf, "lexicon alone", _unsure(rules), 0.0))
        for name, candidate in CANDIDATES.items():
            told(f"{shelf.script}: {name}")
            began = time.perf_counter()
            chances = _calibrated(shelf, held_out(shelf, candidate), np.zeros_like(rules))
            found.append(_figure(shelf, name, chances, time.perf_counter() - began))
        began = time.perf_counter()
        chances = _calibrated(shelf, held_out(shelf, CHOSEN), rules)
        found.append(_figure(shelf, "chosen, with the lexicon", chances, time.perf_counter() - began))
    return found


def _calibrated(shelf: Shelf, numbers: Numbers, rules: Numbers) -> Numbers:
    """Probabilities for each fold by a head that was fitted on the other folds."""
    chances = np.zeros_like(numbers)
    for fold in range(int(shelf.fold.max()) + 1):
        kept, out = shelf.fold != fold, shelf.fold == fold
        head = fit_head(numbers[kept], rules[kept], shelf.wanted[kept])
        chances[out] = probabilities(numbers[out], rules[out], head)
    return chances


def _unsure(rules: Numbers) -> Numbers:
    """The lexicon's scores as they are, a little in favour of nothing at all where no rule matched."""
    return rules + 1e-6


def _figure(shelf: Shelf, name: str, chances: Numbers, seconds: float) -> Figure:
    right = chances.argmax(axis=1) == shelf.wanted
    order = np.argsort(-chances.max(axis=1), kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(right) + 1)
    enough = np.nonzero(share >= 0.95)[0]
    return Figure(
        script=shelf.script,
        name=name,
        right=float(right.mean()),
        macro_f1=_macro_f1(chances.argmax(axis=1), shelf.wanted),
        right_at_80=float(share[int(len(share) * 0.8) - 1]),
        answered_at_95=float((enough[-1] + 1) / len(share)) if len(enough) else 0.0,
        seconds=seconds,
    )


def _macro_f1(made: NDArray[np.int64], wanted: NDArray[np.int64]) -> float:
    found = []
    for meaning in np.unique(wanted):
        hits = int(((made == meaning) & (wanted == meaning)).sum())
        found.append(2 * hits / (int((made == meaning).sum()) + int((wanted == meaning).sum())))
    return float(np.mean(found))
