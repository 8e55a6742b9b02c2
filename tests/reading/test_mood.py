"""How customers feel: measured on labelled texts; a false "angry" is worse than a miss."""

from __future__ import annotations

from collections import Counter

import pytest

from app.flows.reading.mood import mood_of, scores
from tests.reading.tables import LABELLED, rows

ROWS = [row for row in rows(LABELLED / "moods.tsv") if row["set"] == "tuned"]


def test_the_file_is_long_enough_and_half_calm() -> None:
    count = Counter(row["mood"] for row in ROWS)
    assert len(ROWS) >= 120
    assert count[""] >= len(ROWS) // 2
    assert {row["language"] for row in ROWS} == {"zh-CN", "en"}


def measured(mood: str, language: str) -> tuple[float, float]:
    """Precision and recall of one mood."""
    asked = [row for row in ROWS if row["language"] == language]
    told = [row for row in asked if mood_of(row["text"]) == mood]
    right = sum(row["mood"] == mood for row in told)
    return right / len(told), right / sum(row["mood"] == mood for row in asked)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(("mood", "least_precision", "least_recall"), [("angry", 0.97, 0.8), ("worried", 0.9, 0.75)])
def test_precision_and_recall(mood: str, language: str, least_precision: float, least_recall: float) -> None:
    precision, recall = measured(mood, language)
    print(f"{mood} {language}: precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= least_precision
    assert recall >= least_recall


@pytest.mark.parametrize("row", [row for row in ROWS if not row["mood"]], ids=lambda row: row["text"])
def test_calm_texts_are_never_angry(row: dict[str, str]) -> None:
    assert mood_of(row["text"]) != "angry", scores(row["text"])
