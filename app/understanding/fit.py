"""The candidates: what learns from rows and gives one number per meaning, the higher the likelier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC

from app.understanding.matrix import rarity, weighted

Numbers = NDArray[np.float64]
Predict = Callable[[sp.csr_matrix, Sequence[str]], Numbers]
Candidate = Callable[[sp.csr_matrix, Sequence[str], NDArray[np.int64], int], Predict]
"""(counts, plain texts, number of each one's meaning, how many meanings) -> a function of the same for new texts."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights of a linear model over `weighted` rows."""

    weights: Numbers
    bias: Numbers
    rarity: NDArray[np.float32]

    def __call__(self, rows: sp.csr_matrix, _: Sequence[str]) -> Numbers:
        return np.asarray(weighted(rows, self.rarity) @ self.weights) + self.bias


def _spread(coefficients: Numbers, bias: Numbers, classes: NDArray[np.int64], count: int) -> tuple[Numbers, Numbers]:
    """Coefficients of the classes that were seen, as columns of all `count` meanings; the others never win."""
    if len(classes) == 2 and len(bias) == 1:  # the libraries keep one row for two classes
        coefficients, bias = np.vstack((-coefficients, coefficients)), np.concatenate((-bias, bias))
    weights = np.zeros((coefficients.shape[1], count))
    full = np.full(count, -20.0)
    weights[:, classes] = coefficients.T
    full[classes] = bias
    return weights, full


def logistic(strength: float = 200.0) -> Candidate:
    """Logistic regression, one meaning against the rest."""

    def fit(rows: sp.csr_matrix, _: Sequence[str], wanted: NDArray[np.int64], count: int) -> Fitted:
        weight = rarity(rows)
        scaled = weighted(rows, weight).astype(np.float64)
        classes = np.unique(wanted)
        coefficients, bias = [], []
        for meaning in classes:
            model = LogisticRegression(C=strength, solver="liblinear", random_state=0, tol=1e-3)
            model.fit(scaled, wanted == meaning)
            coefficients.append(model.coef_[0])
            bias.append(model.intercept_[0])
        return Fitted(*_spread(np.array(coefficients), np.array(bias), classes, count), weight)

    return fit


def margins(strength: float = 5.0) -> Candidate:
    """Linear support vectors, one meaning against the rest."""

    def fit(rows: sp.csr_matrix, _: Sequence[str], wanted: NDArray[np.int64], count: int) -> Fitted:
        weight = rarity(rows)
        model = LinearSVC(C=strength, class_weight="balanced", random_state=0, max_iter=2000)
        model.fit(weighted(rows, weight).astype(np.float64), wanted)
        weights, bias = _spread(model.coef_, model.intercept_, model.classes_, count)
        return Fitted(4.0 * weights, 4.0 * bias, weight)

    return fit


def bayes(smoothing: float = 0.3) -> Candidate:
    """Complement naive Bayes on the weighted rows."""

    def fit(rows: sp.csr_matrix, _: Sequence[str], wanted: NDArray[np.int64], count: int) -> Fitted:
        weight = rarity(rows)
        model = ComplementNB(alpha=smoothing, norm=False)
        model.fit(weighted(rows, weight).astype(np.float64), wanted)
        centred = model.feature_log_prob_ - model.feature_log_prob_.mean(axis=0)
        weights, bias = _spread(centred, np.zeros(len(model.classes_)), model.classes_, count)
        return Fitted(weights, bias, weight)

    return fit


def nearest(neighbours: int = 7) -> Candidate:
    """Cosine with the training texts; the nearest vote with the third power of their nearness."""

    def fit(rows: sp.csr_matrix, _: Sequence[str], wanted: NDArray[np.int64], count: int) -> Predict:
        weight = rarity(rows)
        kept = weighted(rows, weight).T.tocsc()

        def predict(new: sp.csr_matrix, _: Sequence[str]) -> Numbers:
            near = np.asarray((weighted(new, weight) @ kept).todense())
            votes = np.full((near.shape[0], count), 1e-3)
            best = np.argpartition(-near, neighbours, axis=1)[:, :neighbours]
            for row, columns in enumerate(best):
                np.add.at(votes[row], wanted[columns], near[row, columns] ** 3)
            return np.asarray(np.log(votes))

        return predict

    return fit


def fuzzy(_rows: sp.csr_matrix, plain: Sequence[str], wanted: NDArray[np.int64], count: int) -> Predict:
    """The best rapidfuzz ratio with any training text of the meaning."""
    known = list(plain)

    def predict(_: sp.csr_matrix, new: Sequence[str]) -> Numbers:
        ratios = process.cdist(list(new), known, scorer=fuzz.ratio, dtype=np.uint8)
        best = np.zeros((len(new), count))
        for meaning in np.unique(wanted):
            best[:, meaning] = ratios[:, wanted == meaning].max(axis=1)
        return np.asarray(best / 10.0)

    return predict


def blend(*parts: tuple[float, Candidate]) -> Candidate:
    """A weighted sum of candidates. Of linear ones the sum is linear again, and costs the reader nothing."""

    def fit(rows: sp.csr_matrix, plain: Sequence[str], wanted: NDArray[np.int64], count: int) -> Predict:
        fitted = [(share, candidate(rows, plain, wanted, count)) for share, candidate in parts]
        linear = [(share, one) for share, one in fitted if isinstance(one, Fitted)]
        if len(linear) == len(fitted):
            return Fitted(
                np.sum([share * one.weights for share, one in linear], axis=0),
                np.sum([share * one.bias for share, one in linear], axis=0),
                linear[0][1].rarity,
            )

        def predict(new: sp.csr_matrix, said: Sequence[str]) -> Numbers:
            return np.asarray(np.sum([share * one(new, said) for share, one in fitted], axis=0))

        return predict

    return fit
