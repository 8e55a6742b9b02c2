"""Folds for honest cross-validation: texts that are nearly the same stand in the same fold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from app.understanding.texts import Text

NEAR = 75
"""Ratio of rapidfuzz (0..100) from which two texts of one meaning are called near-duplicates."""


def folds_of(texts: Sequence[Text], count: int = 5) -> NDArray[np.int64]:
    """The fold (0..count-1) of each text. Groups go, largest first, to the fold with the fewest."""
    groups: dict[tuple[str, str], list[list[int]]] = defaultdict(list)
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        places[text.language, text.meaning].append(place)
    for key, members in places.items():
        groups[key] = _near_duplicates([texts[place].plain for place in members], members)
    folds = np.zeros(len(texts), dtype=np.int64)
    for key in sorted(groups):
        held = [0] * count
        for group in sorted(groups[key], key=lambda group: (-len(group), group[0])):
            fold = min(range(count), key=lambda fold: (held[fold], fold))
            held[fold] += len(group)
            folds[group] = fold
    return folds


def _near_duplicates(plain: list[str], places: list[int]) -> list[list[int]]:
    ratios = process.cdist(plain, plain, scorer=fuzz.ratio, score_cutoff=NEAR, dtype=np.uint8)
    parent = list(range(len(plain)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for one, other in zip(*np.nonzero(ratios), strict=True):
        parent[root(int(one))] = root(int(other))
    found: dict[int, list[int]] = defaultdict(list)
    for at, place in enumerate(places):
        found[root(at)].append(place)
    return list(found.values())
