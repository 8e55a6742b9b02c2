"""The reader's architecture on banking77, so that it can be compared with published figures.

Get `train.csv` and `test.csv` (columns text, category) of banking77 from PolyAI's task-specific-datasets (CC BY 4.0),
folder `banking_data`, with `train_10.csv` for ten examples a class if you like, and put them into
`benchmarks/data/banking77/`, or name another folder:

    python -m benchmarks.banking77 --data FOLDER [--json]

Without `train_10.csv`, ten examples of each class are drawn with a fixed seed, three times, and the mean is told.
Published for comparison: about 93 to 94 % with all training texts, about 85 % with ten a class, by models with
hundreds of millions of parameters that were trained on other text first. This one starts from nothing.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from app.understanding.matrix import counts
from app.understanding.texts import plain_of
from app.understanding.train import CHOSEN

DATA = Path(__file__).resolve().parent / "data" / "banking77"
ELSEWHERE = "The files of banking77 are not part of this repository: see the head of benchmarks/banking77.py."
Pairs = list[tuple[str, str]]


def load(path: Path) -> Pairs:
    """(text, category) of each row. Raises ValueError when the columns are others."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if not {"text", "category"} <= set(rows.fieldnames or ()):
            raise ValueError(f"{path}: the columns text and category are needed")
        return [(row["text"], row["category"]) for row in rows]


def accuracy(learnt: Pairs, asked: Pairs) -> tuple[float, float]:
    """Share of `asked` that the architecture gets right after learning `learnt`, and the seconds of learning."""
    names = sorted({category for _, category in learnt})
    number = {name: at for at, name in enumerate(names)}
    plain = [plain_of(text) for text, _ in learnt]
    began = time.perf_counter()
    wanted = np.array([number[category] for _, category in learnt])
    predict = CHOSEN(counts(plain, "latin"), plain, wanted, len(names))
    seconds = time.perf_counter() - began
    new = [plain_of(text) for text, _ in asked]
    best = predict(counts(new, "latin"), new).argmax(axis=1)
    right = [names[at] == category for at, (_, category) in zip(best, asked, strict=True)]
    return sum(right) / len(right), seconds


def few(pairs: Pairs, each: int, seed: int) -> Pairs:
    """`each` examples of every category, drawn with `seed`."""
    by_category: dict[str, Pairs] = defaultdict(list)
    for pair in pairs:
        by_category[pair[1]].append(pair)
    chance = np.random.default_rng(seed)
    found: Pairs = []
    for category in sorted(by_category):
        members = by_category[category]
        found += [members[at] for at in sorted(chance.permutation(len(members))[:each])]
    return found


def measure(folder: Path) -> dict[str, float]:
    """The figures for the files in `folder`: shares of the test split, 0..1. Raises OSError when files are missing."""
    learnt, asked = load(folder / "train.csv"), load(folder / "test.csv")
    full, seconds = accuracy(learnt, asked)
    ten = folder / "train_10.csv"
    draws = [load(ten)] if ten.exists() else [few(learnt, 10, seed) for seed in (1, 2, 3)]
    return {
        "train": len(learnt),
        "test": len(asked),
        "categories": len({category for _, category in learnt}),
        "full": round(full, 4),
        "ten_a_class": round(sum(accuracy(draw, asked)[0] for draw in draws) / len(draws), 4),
        "seconds": round(seconds, 1),
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA, help="folder with train.csv and test.csv")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args(arguments)
    try:
        figures = measure(asked.data)
    except (OSError, ValueError) as fault:
        sys.stderr.write(
            f"{fault}\nThe files of banking77 are not part of this repository: see the head of {Path(__file__).name}.\n"
        )
        return 1
    if asked.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        sys.stdout.write(
            f"banking77: {figures['train']:,} texts learnt, {figures['test']:,} asked, "
            f"{figures['categories']} categories\n"
            f"  all training texts   {figures['full']:.1%}   (learnt in {figures['seconds']} s)\n"
            f"  ten a category       {figures['ten_a_class']:.1%}\n"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
