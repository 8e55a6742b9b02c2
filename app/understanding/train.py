"""Training: texts in, `weights.npz` and `weights.json` out. The same texts give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from app.flows.reading.meaning import Meaning
from app.flows.reading.model import Head
from app.flows.reading.model.features import SCRIPTS, Script, script_of
from app.understanding import texts as training_texts
from app.understanding.fit import Candidate, Fitted, Numbers, margins
from app.understanding.folds import folds_of
from app.understanding.matrix import counts
from app.understanding.texts import Text
from app.understanding.weigh import RIGHT_OF_ANSWERED, fit_head, lexicon_scores, probabilities

MODEL = Path(__file__).resolve().parents[1] / "flows" / "reading" / "model"
ROUNDS = 5
CHOSEN: Candidate = margins()
"""What the figures of docs/understanding.md speak for."""

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The texts of one script, ready to learn from. `wanted` numbers `meanings`; `fold` is each text's fold."""

    script: Script
    texts: list[Text]
    plain: list[str]
    wanted: NDArray[np.int64]
    fold: NDArray[np.int64]
    meanings: tuple[Meaning, ...]


def shelves(texts: Sequence[Text], rounds: int = ROUNDS) -> list[Shelf]:
    """Texts sorted by script (pinyin in a Chinese file is Latin), all with the same list of meanings."""
    present = {text.meaning for text in texts}
    meanings = tuple(meaning for meaning in get_args(Meaning) if meaning in present)
    number = {meaning: at for at, meaning in enumerate(meanings)}
    found = []
    for script in SCRIPTS:
        mine = [text for text in texts if script_of(text.plain) == script]
        wanted = np.array([number[text.meaning] for text in mine], dtype=np.int64)
        plain = [text.plain for text in mine]
        found.append(Shelf(script, mine, plain, wanted, folds_of(mine, rounds), meanings))
    return found


def held_out(shelf: Shelf, candidate: Candidate, told: Told = lambda _: None) -> Numbers:
    """The candidate's numbers for every text of `shelf`, each from a model that had not seen the text's fold."""
    rows = counts(shelf.plain, shelf.script)
    numbers = np.zeros((len(shelf.plain), len(shelf.meanings)))
    for fold in range(int(shelf.fold.max()) + 1):
        kept, out = np.nonzero(shelf.fold != fold)[0], np.nonzero(shelf.fold == fold)[0]
        predict = candidate(rows[kept], [shelf.plain[at] for at in kept], shelf.wanted[kept], len(shelf.meanings))
        numbers[out] = predict(rows[out], [shelf.plain[at] for at in out])
        told(f"{shelf.script}: round {fold + 1}")
    return numbers


def train(
    folder: Path = training_texts.FOLDER,
    into: Path = MODEL,
    candidate: Candidate = CHOSEN,
    told: Told = lambda _: None,
) -> dict[str, object]:
    """Reads the texts of `folder`, writes the model to `into`, returns the header that was written.

    Raises ValueError for texts that contradict each other and for a folder without texts.
    """
    texts = training_texts.load(folder)
    if not texts:
        raise ValueError(f"{folder} holds no training texts")
    arrays: dict[str, NDArray[np.float16] | NDArray[np.float32]] = {}
    scripts: dict[str, object] = {}
    meanings: tuple[Meaning, ...] = ()
    for shelf in shelves(texts):
        meanings = shelf.meanings
        numbers = held_out(shelf, candidate, told)
        rules = lexicon_scores(shelf.plain, meanings)
        head = fit_head(numbers, rules, shelf.wanted, RIGHT_OF_ANSWERED[shelf.script])
        chances = probabilities(numbers, rules, head)
        whole = candidate(counts(shelf.plain, shelf.script), shelf.plain, shelf.wanted, len(meanings))
        if not isinstance(whole, Fitted):
            raise ValueError("the reader's model is linear: this candidate can only be measured")
        arrays[f"{shelf.script}_weights"] = whole.weights.astype(np.float16)
        arrays[f"{shelf.script}_rarity"] = whole.rarity.astype(np.float16)
        arrays[f"{shelf.script}_bias"] = whole.bias.astype(np.float32)
        scripts[shelf.script] = _described(shelf, head, chances)
        told(f"{shelf.script}: {len(shelf.plain)} texts learnt")
    header: dict[str, object] = {
        "meanings": list(meanings),
        "scripts": scripts,
        "training": training_texts.digest(folder),
        "texts": len(texts),
    }
    np.savez_compressed(into / "weights.npz", **arrays)  # type: ignore[arg-type]
    written = json.dumps(header, ensure_ascii=False, indent=1) + "\n"
    (into / "weights.json").write_text(written, encoding="utf-8")
    return header


def _described(shelf: Shelf, head: Head, chances: Numbers) -> dict[str, object]:
    answered = chances.max(axis=1) >= head.sure
    right = chances.argmax(axis=1) == shelf.wanted
    return {
        "scale": round(head.scale, 4),
        "lexicon": round(head.lexicon, 4),
        "first": {meaning: round(float(head.first[at]), 4) for at, meaning in enumerate(shelf.meanings)},
        "sure": head.sure,
        "held_out": {
            "texts": len(shelf.plain),
            "right": round(float(right.mean()), 4),
            "answered": round(float(answered.mean()), 4),
            "right_of_answered": round(float(right[answered].mean()) if answered.any() else 0.0, 4),
        },
    }
