"""What numbers can say: intervals against published figures, the error rate of comparisons, and looking every day."""

from __future__ import annotations

from math import comb, sqrt

import numpy as np
import pytest

from app.care.trial import (
    ERROR,
    POWER,
    BadTrial,
    Difference,
    Share,
    difference,
    interval,
    most_at,
    needed,
    surely_above,
    verdicts,
)

REPEATS = 4000


def tolerance(rate: float, repeats: int = REPEATS) -> float:
    """Four standard deviations of a share that is counted in so many repeats: passed once in thirty thousand runs."""
    return 4 * sqrt(rate * (1 - rate) / repeats)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        (Share(56, 70), Share(48, 80), 0.0524, 0.3339),
        (Share(9, 10), Share(3, 10), 0.1705, 0.8090),
        (Share(6, 7), Share(2, 7), 0.0582, 0.8062),
        (Share(5, 56), Share(0, 29), -0.0381, 0.1926),
        (Share(0, 10), Share(0, 20), -0.1611, 0.2775),
        (Share(10, 10), Share(0, 10), 0.6075, 1.0),
    ],
)
def test_differences_are_those_of_the_paper(one: Share, other: Share, low: float, high: float) -> None:
    """Newcombe 1998, table II, method 10."""
    found = difference(one, other)
    assert (found.low, found.high) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))
    turned = difference(other, one)
    assert (turned.low, turned.high) == (pytest.approx(-found.high), pytest.approx(-found.low))


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [(Share(81, 263), 0.2553, 0.3662), (Share(15, 148), 0.0624, 0.1605), (Share(0, 20), 0.0, 0.1611)],
)
def test_intervals_are_those_of_the_paper(share: Share, low: float, high: float) -> None:
    """Newcombe 1998 (Statistics in Medicine 17, 857), table I, method 3."""
    assert interval(share) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


def test_nothing_says_nothing() -> None:
    assert interval(Share(0, 0)) == (0.0, 1.0)
    found = difference(Share(0, 0), Share(0, 0))
    assert not found.told
    assert (found.low, found.high) == (-1, 1)


@pytest.mark.parametrize(("hits", "of", "limit"), [(3, 40, 0.02), (8, 100, 0.02), (5, 5, 0.5), (1, 300, 0.001)])
def test_the_exact_bound_is_the_binomial_tail(hits: int, of: int, limit: float) -> None:
    tail = sum(comb(of, k) * limit**k * (1 - limit) ** (of - k) for k in range(hits, of + 1))
    assert surely_above(Share(hits, of), limit, tail * 1.001)
    assert not surely_above(Share(hits, of), limit, tail * 0.999)
    assert not surely_above(Share(0, of), limit)


@pytest.mark.parametrize(("hits", "limit"), [(1, 0.02), (2, 0.02), (3, 0.02), (40, 0.02), (5, 0.3), (12, 0.001)])
def test_beyond_so_many_texts_nothing_is_sure(hits: int, limit: float) -> None:
    most = most_at(hits, limit)
    if most:
        assert surely_above(Share(hits, most), limit)
    assert not surely_above(Share(hits, max(most, hits - 1) + 1), limit) or most == 0


@pytest.mark.parametrize(
    ("baseline", "least", "each"), [(0.1, 0.05, 686), (0.05, 0.02, 2213), (0.6, 0.1, 356), (0.01, 0.01, 2319)]
)
def test_texts_that_a_comparison_takes(baseline: float, least: float, each: int) -> None:
    """As tables of sample sizes for two proportions have it (two-sided 5 %, power 80 %, no correction)."""
    assert needed(baseline, least) == each
    assert needed(baseline, least, 3) > each


@pytest.mark.parametrize(
    ("baseline", "least", "arms", "field"),
    [
        (0, 0.1, 2, "baseline"),
        (1, 0.1, 2, "baseline"),
        (0.5, 0, 2, "least"),
        (0.5, 0.51, 2, "least"),
        (0.5, 0.1, 1, "arms"),
    ],
)
def test_what_cannot_be_compared_is_named(baseline: float, least: float, arms: int, field: str) -> None:
    with pytest.raises(BadTrial, match=f"^{field}: "):
        needed(baseline, least, arms)


def found_in(seed: int, rates: tuple[float, ...], each: int) -> float:
    """In which share of repeated trials any two arms are told apart."""
    hits = np.random.default_rng(seed).binomial(each, rates, size=(REPEATS, len(rates)))
    told = 0
    for row in hits:
        arms = [(str(place), Share(int(count), each)) for place, count in enumerate(row)]
        told += any(one.difference is not None and one.difference.told for one in verdicts(arms, each))
    return told / REPEATS


@pytest.mark.parametrize(("rate", "arms"), [(0.03, 2), (0.2, 2), (0.5, 2), (0.05, 3), (0.05, 4)])
def test_arms_that_do_not_differ_are_told_apart_as_seldom_as_promised(rate: float, arms: int) -> None:
    each = needed(rate, rate / 3, arms)
    assert found_in(arms, (rate,) * arms, each) <= ERROR + tolerance(ERROR)


@pytest.mark.parametrize(("rate", "least"), [(0.03, 0.01), (0.2, 0.05), (0.5, 0.05)])
def test_a_difference_worth_knowing_is_found_as_often_as_promised(rate: float, least: float) -> None:
    found = found_in(7, (rate, rate + least), needed(rate, least))
    assert found == pytest.approx(POWER, abs=tolerance(POWER) + 0.01)  # the size is that of an approximation


def test_looking_every_day_changes_nothing() -> None:
    """Arms that do not differ, looked at a hundred times while they fill. What would be said if each look were believed
    shows what the rule is for."""
    rate, each, looks = 0.05, 2200, 100
    random = np.random.default_rng(11)
    said, believed = 0, 0
    for _ in range(1000):
        came = random.random((2, each)) < rate
        ever = False
        for filled in np.linspace(50, each, looks, dtype=int):
            arms = [(name, Share(int(came[place, :filled].sum()), int(filled))) for place, name in enumerate("AB")]
            [verdict] = verdicts(arms, each)
            ever |= difference(arms[1][1], arms[0][1]).told
            if filled < each:
                assert verdict.difference is None
        said += verdict.difference is not None and verdict.difference.told
        believed += ever
    assert said / 1000 <= ERROR + tolerance(ERROR, 1000)
    assert believed / 1000 > 3 * ERROR


def test_a_verdict_waits_for_every_arm() -> None:
    assert [one.difference for one in verdicts([("A", Share(5, 100)), ("B", Share(9, 99))], 100)] == [None]
    [one] = verdicts([("A", Share(5, 100)), ("B", Share(30, 100))], 100)
    assert (one.arm, one.other) == ("B", "A")
    assert one.difference == difference(Share(30, 100), Share(5, 100), ERROR)
    assert Difference(-0.2, -0.3, -0.1).told
    assert not Difference(-0.2, -0.3, 0.1).told
