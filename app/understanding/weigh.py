"""How model and lexicon are weighed against each other, and from which probability the reader acts.

Fitted only on predictions for texts that the model had not seen (the held-out fold of each round).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from app.flows.reading.meaning import Hearing, Meaning
from app.flows.reading.model import Head
from app.flows.reading.model.features import Script
from app.flows.reading.reader import votes
from app.flows.reading.refusals import refusal

Numbers = NDArray[np.float64]
ALONE = Hearing(now=datetime(2026, 1, 5, 10, tzinfo=UTC))
"""No conversation around a text; the moment is of no account."""
RIGHT_OF_ANSWERED: Mapping[Script, float] = {"han": 0.90, "latin": 0.88}
"""Asked of the held-out folds. Training texts are near misses on purpose, the English ones most of all: what is right
in 90 (88) of 100 of them is right in 95 and more of 100 texts as customers write them (docs/understanding.md)."""


def lexicon_scores(plain: Sequence[str], meanings: Sequence[Meaning]) -> Numbers:
    """The lexicon's score of each meaning for each text, 0 where no rule matches."""
    place = {meaning: at for at, meaning in enumerate(meanings)}
    found = np.zeros((len(plain), len(meanings)))
    for row, text in enumerate(plain):
        for meaning, score in votes(text, refusal(text, ALONE))[0].items():
            if meaning in place:
                found[row, place[meaning]] = score
    return found


def probabilities(numbers: Numbers, rules: Numbers, head: Head) -> Numbers:
    """Rows of numbers and of lexicon scores to rows of probabilities, as the reader does it for one text."""
    logits = head.scale * numbers + head.lexicon * rules + _first(rules) * head.first
    logits -= logits.max(axis=1, keepdims=True)
    grown = np.exp(logits)
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))


def fit_head(
    numbers: Numbers, rules: Numbers, wanted: NDArray[np.int64], right: float = 0.90, keep: float = 2.0
) -> Head:
    """The `Head` that makes the held-out texts likeliest; `right` is the share of answers that must be right.

    `keep` holds the weights of single meanings together.
    """
    count = numbers.shape[1]
    first = _first(rules)
    rows = np.arange(len(wanted))

    def loss(point: Numbers) -> tuple[float, Numbers]:
        scale, worth, single = np.exp(point[0]), point[1], point[2:]
        logits = scale * numbers + worth * rules + first * single
        logits -= logits.max(axis=1, keepdims=True)
        chance = np.exp(logits)
        chance /= chance.sum(axis=1, keepdims=True)
        off = chance.copy()
        off[rows, wanted] -= 1.0
        mean = single.mean()
        value = -np.log(chance[rows, wanted] + 1e-12).sum() + keep * ((single - mean) ** 2).sum()
        slope = np.concatenate(([(off * numbers).sum() * scale, (off * rules).sum()], (off * first).sum(axis=0)))
        slope[2:] += 2.0 * keep * (single - mean)
        return float(value), slope

    found = minimize(loss, np.concatenate(([0.0, 1.0], np.zeros(count))), jac=True, method="L-BFGS-B").x
    head = Head(float(np.exp(found[0])), float(found[1]), found[2:].astype(np.float32), 1.0)
    chances = probabilities(numbers, rules, head)
    return Head(head.scale, head.lexicon, head.first, threshold(chances, wanted, right))


def threshold(chances: Numbers, wanted: NDArray[np.int64], right: float) -> float:
    """The lowest probability from which `right` of the answered texts are right; never under 0.3."""
    best = chances.max(axis=1)
    order = np.argsort(-best)
    hits = (chances.argmax(axis=1) == wanted)[order]
    share = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    enough = np.nonzero(share >= right)[0]
    return max(0.3, round(float(best[order[enough[-1]]]), 4)) if len(enough) else 1.0


def _first(rules: Numbers) -> Numbers:
    """1 where the lexicon puts a meaning first, else 0."""
    found = np.zeros_like(rules)
    matched = rules.max(axis=1) > 0
    found[np.nonzero(matched)[0], rules.argmax(axis=1)[matched]] = 1.0
    return found
