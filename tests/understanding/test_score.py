"""The figures, counted by hand on a few rows."""

from __future__ import annotations

import pytest

from app.understanding.rows import Row
from app.understanding.score import Guess, by_tier, guesses, report


def row(text: str, intent: str, *others: str, tier: str = "real") -> Row:
    return Row(text, intent, frozenset({intent, *others}), tier)


MADE = [
    Guess(row("a", "opt_out"), "opt_out", 1.0),
    Guess(row("b", "opt_out"), "opt_out", 0.5),
    Guess(row("c", "opt_out", tier="written"), "no", 0.9),
    Guess(row("d", "quota_query", "renew_limit"), "renew_limit", 0.8),
    Guess(row("e", "quota_query"), "opt_out", 0.95),
    Guess(row("f", "out_of_scope", "opt_out"), "opt_out", 0.95),
    Guess(row("g", "yes", tier="written"), "opt_out", 0.6),
    Guess(row("h", "yes"), "yes", 0.69),
]


def test_shares() -> None:
    found = report(MADE)
    assert found.rows == 8
    assert found.strict == 3 / 8
    assert found.lenient == 5 / 8
    assert found.coverage == 5 / 8
    assert found.right_of_answered == 3 / 5


def test_refusals() -> None:
    found = report(MADE)
    assert found.refusals == 3
    assert found.missed == ["c"]
    assert found.asked == ["b"]
    assert found.invented == ["e"], "f accepts a refusal, and g was only asked about"
    assert found.suspected == ["g"]


def test_macro_f1_counts_every_label_of_the_file_once() -> None:
    # opt_out 2*2/(3+5), quota_query 0, out_of_scope 0, yes 2*1/(2+1)
    assert report(MADE).macro_f1 == pytest.approx((0.5 + 0 + 0 + 2 / 3) / 4)


def test_per_meaning_and_confusions() -> None:
    found = report([*MADE, Guess(row("i", "quota_query"), "opt_out", 0.2)])
    assert found.meanings["quota_query"].recall == pytest.approx(1 / 3)
    assert found.meanings["opt_out"].precision == pytest.approx(3 / 6)
    assert found.meanings["no"].rows == 0
    assert found.confusions[0] == ("quota_query", "opt_out", 2, "e")


def test_tiers_stand_apart() -> None:
    found = by_tier(MADE)
    assert {tier: figures.rows for tier, figures in found.items()} == {"all": 8, "real": 6, "written": 2}


def test_one_tier_is_not_told_twice() -> None:
    assert set(by_tier(MADE[:2])) == {"all"}


def test_nothing_to_score_is_said() -> None:
    with pytest.raises(ValueError, match="no row"):
        report(guesses([], lambda text: (text, 1.0)))
