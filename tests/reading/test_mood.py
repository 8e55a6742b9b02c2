"""How customers feel: measured on labelled texts; a false "angry" is worse than a miss.

`tuned` rows were looked at while the lexicon grew; `held` rows were written afterwards and never looked at again: what
they say is what to expect of new texts.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.flows.reading.mood import ENOUGH, mood_of, scores
from tests.reading.tables import LABELLED, rows

ROWS = list(rows(LABELLED / "moods.tsv"))
CALM = [row["text"] for row in ROWS if not row["mood"]]
COMPLAINING = {"complaint", "fraud_suspect", "opt_out", "wrong_person", "out_of_scope", "close_product"}


def test_the_file_is_long_enough_and_half_calm() -> None:
    count = Counter(row["mood"] for row in ROWS)
    assert len(ROWS) >= 120
    assert count[""] >= 0.49 * len(ROWS)
    assert {row["language"] for row in ROWS} == {"zh-CN", "en"}
    assert {row["set"] for row in ROWS} == {"tuned", "held"}


def measured(kind: str, mood: str) -> tuple[float, float]:
    """Precision and recall of one mood over the rows of one set."""
    asked = [row for row in ROWS if row["set"] == kind]
    told = [row for row in asked if mood_of(row["text"]) == mood]
    right = sum(row["mood"] == mood for row in told)
    return right / len(told), right / sum(row["mood"] == mood for row in asked)


@pytest.mark.parametrize(
    ("kind", "mood", "least_precision", "least_recall"),
    [
        ("tuned", "angry", 0.99, 0.90),
        ("tuned", "worried", 0.95, 0.90),
        ("held", "angry", 0.99, 0.25),
        ("held", "worried", 0.95, 0.35),
    ],
)
def test_precision_and_recall(kind: str, mood: str, least_precision: float, least_recall: float) -> None:
    precision, recall = measured(kind, mood)
    print(f"{kind} {mood}: precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= least_precision
    assert recall >= least_recall


@pytest.mark.parametrize("text", CALM)
def test_calm_texts_are_never_angry(text: str) -> None:
    assert mood_of(text) != "angry", scores(text)


@pytest.mark.parametrize("name", ["utterances_zh.tsv", "utterances_en.tsv"])
def test_real_questions_are_never_angry(name: str) -> None:
    """Over all labelled utterances, anger shows only where somebody complains, doubts or leaves."""
    angry = [row for row in rows(LABELLED / name) if mood_of(row["text"]) == "angry"]
    assert {row["intent"] for row in angry} <= COMPLAINING
    assert len(angry) <= 12


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("我很生气", "angry"),
        ("我不生气", ""),
        ("没有生气", ""),
        ("我担心", "worried"),
        ("不用担心", ""),
        ("I am so angry", "angry"),
        ("I am not angry", ""),
        ("I'm worried", "worried"),
        ("not worried at all", ""),
        ("我要投诉", ""),
        ("我要投诉！！", ""),
        ("我要投诉你们", "angry"),
        ("气死我了，我好担心", "angry"),
        ("", ""),
        ("！！！", ""),
        ("OK OK OK", ""),
        ("WHY WAS I CHARGED", ""),
    ],
)
def test_denial_force_and_order(text: str, mood: str) -> None:
    assert mood_of(text) == mood


def test_force_alone_is_no_feeling() -> None:
    assert scores("真的！！！ WHY WHY WHY") == {"angry": 0.0, "worried": 0.0}


def test_force_lifts_a_weak_feeling() -> None:
    weak = "凭什么扣我的钱"
    assert 0 < scores(weak)["angry"]
    assert scores(f"{weak}！！")["angry"] > scores("扣我的钱！！")["angry"]
    assert scores(f"到底{weak}？？")["angry"] >= ENOUGH


@given(st.text(max_size=300))
def test_any_text_has_a_mood(text: str) -> None:
    assert mood_of(text) in {"", "worried", "angry"}
