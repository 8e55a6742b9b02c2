"""The trained reader's arithmetic: a text to one number per meaning. Pure, and numpy is all that it needs.

`weights.npz` and `weights.json` are made by `huifu understand --train` and read at first use.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from app.flows.reading.meaning import Meaning
from app.flows.reading.model.features import SCRIPTS, Script, features_of, script_of

__all__ = ["Head", "Linear", "head", "header", "meanings", "script_of", "tally"]


@dataclass(frozen=True, slots=True)
class Linear:
    """One linear model: `weights` (features x meanings, float16), `rarity` (features), `bias` (meanings)."""

    weights: NDArray[np.float16]
    rarity: NDArray[np.float16]
    bias: NDArray[np.float32]

    def tally(self, text: str, script: Script) -> NDArray[np.float32]:
        """One number per meaning for a normalised text; the higher, the likelier. Not yet probabilities."""
        numbers, counts = features_of(text, script)
        values = counts * self.rarity[numbers].astype(np.float32)
        norm = float(np.sqrt(values @ values))
        if norm == 0.0:
            return self.bias
        return (values / norm) @ self.weights[numbers].astype(np.float32) + self.bias


@dataclass(frozen=True, slots=True)
class Head:
    """What `weights.json` says of one script: how the model and the lexicon are weighed against each other.

    `scale` times the model's numbers, plus `lexicon` times the lexicon's score of each meaning, plus `first` for the
    meaning that the lexicon puts first, are the logits. `sure` is the probability from which a meaning is acted on.
    """

    scale: float
    lexicon: float
    first: NDArray[np.float32]
    sure: float


@cache
def header() -> dict[str, Any]:
    """The parsed `weights.json`."""
    return cast(dict[str, Any], json.loads((files(__package__) / "weights.json").read_text(encoding="utf-8")))


@cache
def meanings() -> tuple[Meaning, ...]:
    """The meanings that the model tells apart, in the order of its numbers."""
    return tuple(header()["meanings"])


@cache
def head(script: Script) -> Head:
    said = header()["scripts"][script]
    first = np.array([said["first"].get(meaning, 0.0) for meaning in meanings()], dtype=np.float32)
    return Head(said["scale"], said["lexicon"], first, said["sure"])


@cache
def _models() -> dict[Script, Linear]:
    kept = np.load(BytesIO((files(__package__) / "weights.npz").read_bytes()), allow_pickle=False)
    return {
        script: Linear(kept[f"{script}_weights"], kept[f"{script}_rarity"], kept[f"{script}_bias"])
        for script in SCRIPTS
    }


def tally(text: str, script: Script) -> NDArray[np.float32]:
    """The committed model's numbers for a normalised text, in the order of `meanings()`."""
    return _models()[script].tally(text, script)
