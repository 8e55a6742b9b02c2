"""Texts as the sparse matrix that the linear models learn from: the reader's own features, weighted and normed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from app.flows.reading.model.features import BUCKETS, Script, features_of


def counts(plain: Sequence[str], script: Script) -> sp.csr_matrix:
    """One row a text, one column a feature number: the dampened counts."""
    numbers, values, ends = [], [], [0]
    for text in plain:
        number, value = features_of(text, script)
        numbers.append(number)
        values.append(value)
        ends.append(ends[-1] + len(number))
    parts = (np.concatenate(values), np.concatenate(numbers), np.array(ends))
    return sp.csr_matrix(parts, shape=(len(plain), BUCKETS), dtype=np.float32)


def rarity(rows: sp.csr_matrix) -> NDArray[np.float32]:
    """How much a feature tells, by how few texts have it: 1 + ln((1 + n) / (1 + with it)). Zero where none has it."""
    having = np.bincount(rows.indices, minlength=BUCKETS)
    weight = 1.0 + np.log((1.0 + rows.shape[0]) / (1.0 + having))
    return np.where(having > 0, weight, 0.0).astype(np.float32)


def weighted(rows: sp.csr_matrix, weight: NDArray[np.float32]) -> sp.csr_matrix:
    """Each count times its feature's rarity, each row brought to length 1."""
    scaled = rows.multiply(weight).tocsr().astype(np.float32)
    norms = np.sqrt(np.asarray(scaled.multiply(scaled).sum(axis=1)).ravel())
    norms[norms == 0] = 1.0
    return sp.csr_matrix(sp.diags(1.0 / norms) @ scaled, dtype=np.float32)
