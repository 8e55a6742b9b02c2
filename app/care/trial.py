"""What numbers can say: intervals, how many texts a comparison takes, and its one verdict (B8).

A comparison has a fixed horizon. What counts, the smallest difference worth knowing and with them the number of texts
are said before it begins; the verdict is worked out once, from the first so many texts of each arm. Looking at it every
day changes nothing, because before that number there is nothing to see, and after it the same texts are compared again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist
from typing import Literal

Outcome = Literal["engaged", "replied", "followed", "chosen", "converted"]
DAYS: Mapping[Outcome, int] = {"engaged": 7, "replied": 7, "followed": 7, "chosen": 7, "converted": 30}
"""What may count, and the days that each text has for it: a text counts only when they are over."""
ERROR = 0.05
"""How often arms that do not differ may be told apart all the same, over all comparisons of a trial."""
POWER = 0.8
"""How often a difference that is as large as the smallest one worth knowing is found."""


class BadTrial(ValueError):
    """The sentence says what is wrong, and with which field."""


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`."""

    hits: int
    of: int

    @property
    def rate(self) -> float:
        return self.hits / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Difference:
    """Of two shares, in points from -1 to 1: `low` and `high` hold the true one as often as was asked for."""

    by: float
    low: float
    high: float

    @property
    def told(self) -> bool:
        """Whether the arms can be told apart: no difference at all is outside."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`arm` against `other`. `difference` is None while it cannot be told."""

    arm: str
    other: str
    difference: Difference | None = None


def interval(share: Share, error: float = ERROR) -> tuple[float, float]:
    """Where the true share lies, but for `error` of all such intervals: Wilson's score interval, which holds near 0.

    E. B. Wilson, Probable inference, JASA 22 (1927). (0, 1) of nothing.
    """
    if not share.of:
        return 0.0, 1.0
    z, n, p = NormalDist().inv_cdf(1 - error / 2), share.of, share.rate
    middle, reach = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (middle - reach) / (1 + z * z / n), (middle + reach) / (1 + z * z / n)
    return (low if share.hits else 0.0), (high if share.hits < n else 1.0)


def difference(one: Share, other: Share, error: float = ERROR) -> Difference:
    """`one` less `other`: Newcombe's hybrid score interval (Statistics in Medicine 17 (1998) 873, method 10)."""
    (low, high), (other_low, other_high) = interval(one, error), interval(other, error)
    by = one.rate - other.rate
    down = sqrt((one.rate - low) ** 2 + (other_high - other.rate) ** 2)
    up = sqrt((high - one.rate) ** 2 + (other.rate - other_low) ** 2)
    return Difference(by, by - down, by + up)


def surely_above(share: Share, limit: float, error: float = 0.01) -> bool:
    """True when so many hits would come with less than `error` if the true share were `limit`: the lower end of the
    exact interval (Clopper and Pearson, 1934) lies above it."""
    from scipy.special import bdtrc  # here: half a second and 30 MB that few processes ever need

    return share.hits > 0 and bool(bdtrc(share.hits - 1, share.of, limit) < error)


def most_at(hits: int, limit: float, error: float = 0.01) -> int:
    """Of how many texts at most `hits` are surely above the limit; 0 when never. Nobody need count further."""
    low, high = hits - 1, ceil(hits / limit)  # with the share at the limit itself nothing is sure
    while low < high:
        middle = (low + high + 1) // 2
        if surely_above(Share(hits, middle), limit, error):
            low = middle
        else:
            high = middle - 1
    return low if low >= hits else 0


def needed(baseline: float, least: float, arms: int = 2) -> int:
    """Texts of each arm, for a difference of `least` to be found when the first arm has `baseline` (both from 0 to 1).

    Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions (2003), 4.14, without the correction, for the
    share above; each arm is compared with the first, and they divide the error among them (Bonferroni).
    Raises `BadTrial`.
    """
    if not 0 < baseline < 1:
        raise BadTrial("baseline: the share that is expected without a change lies between 0 and 1, without the ends")
    if not 0 < least <= 1 - baseline:
        raise BadTrial("least: the smallest difference worth knowing is above 0, and with the baseline at most 1")
    if arms < 2:
        raise BadTrial("arms: a comparison takes at least two")
    better, middle = baseline + least, baseline + least / 2
    sure, found = NormalDist().inv_cdf(1 - ERROR / (arms - 1) / 2), NormalDist().inv_cdf(POWER)
    spread = sqrt(baseline * (1 - baseline) + better * (1 - better))
    return ceil(((sure * sqrt(2 * middle * (1 - middle)) + found * spread) / least) ** 2)


def verdicts(arms: Sequence[tuple[str, Share]], each: int) -> list[Verdict]:
    """Each arm against the first. `arms`: the first `each` texts of every arm, or as many as there are yet."""
    (first, base), *others = arms
    error = ERROR / len(others)
    full = all(share.of == each for _, share in arms)
    return [Verdict(name, first, difference(share, base, error) if full else None) for name, share in others]
