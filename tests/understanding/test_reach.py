"""What the reader has to reach on the files that it never learnt from, and on those of another hand."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from app.understanding import rows, texts
from app.understanding.score import Report, by_tier, guesses, our_reader

LABELLED = Path(__file__).resolve().parents[1] / "labelled"
FILES = {"zh": LABELLED / "utterances_zh.tsv", "en": LABELLED / "utterances_en.tsv"}
HELD_OUT = sorted((texts.FOLDER / "heldout").glob("*.tsv"))


@cache
def figures(path: Path) -> dict[str, Report]:
    return by_tier(guesses(rows.load(path), our_reader(datetime(2026, 3, 2, 10, tzinfo=UTC))))


def test_no_refusal_is_missed_and_almost_none_invented() -> None:
    found = [figures(path)["all"] for path in FILES.values()]
    assert [report.missed for report in found] == [[], []]
    assert sum(len(report.invented) for report in found) <= 2, [report.invented for report in found]


@pytest.mark.parametrize(("language", "wanted"), [("en", 0.90), ("zh", 0.88)])
def test_real_texts_are_understood(language: str, wanted: float) -> None:
    assert figures(FILES[language])["real"].lenient >= wanted


@pytest.mark.parametrize("language", FILES)
def test_what_is_answered_is_right_and_most_is_answered(language: str) -> None:
    report = figures(FILES[language])["all"]
    assert report.right_of_answered >= 0.95
    assert report.coverage >= 0.80


def test_texts_of_another_hand_are_held_out() -> None:
    assert HELD_OUT, "training/heldout/*.tsv is missing"


@pytest.mark.parametrize("path", HELD_OUT, ids=lambda path: path.name)
def test_texts_of_another_hand_are_understood(path: Path) -> None:
    report = figures(path)["all"]
    assert report.lenient >= 0.80
    assert report.right_of_answered >= 0.90
