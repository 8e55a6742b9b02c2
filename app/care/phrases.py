"""Words against response: texts whose template holds a phrase, beside those whose template does not (B8)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.care.tally import Counts, total
from app.care.trial import Difference, Share, difference

FEWEST = 200
"""Texts that must have arrived on either side, or nothing is told."""
FILE = Path(__file__).with_name("phrases.toml")
FEATURES: Mapping[str, Callable[[str], bool]] = {
    "name": lambda words: "{customer" in words,
    "link": lambda words: "{link" in words,
    "figure": lambda words: any(letter.isdigit() for letter in words),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """The texts of one version of a template."""

    template: str
    language: str
    words: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Company:
    """What goes with a phrase, and not what it does: `having` and `lacking` are the texts with and without it that were
    answered or followed, other than by refusing, of those that arrived. `templates`: how many hold it."""

    phrase: str
    language: str
    having: Share
    lacking: Share
    templates: int
    difference: Difference


@cache
def phrases() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """By language, each phrase with its spellings."""
    with FILE.open("rb") as file:
        return {
            language: {phrase: tuple(spellings) for phrase, spellings in some.items()}
            for language, some in tomllib.load(file).items()
        }


def company(samples: Iterable[Sample]) -> list[Company]:
    """Phrases that stand in some templates of a language and not in others, by the difference, the largest first."""
    kept = list(samples)
    found = []
    for language in sorted({one.language for one in kept}):
        mine = [one for one in kept if one.language == language]
        for phrase, holds in _tests(language).items():
            having = [one for one in mine if holds(one.words)]
            lacking = [one for one in mine if not holds(one.words)]
            one, other = _share(having), _share(lacking)
            if min(one.of, other.of) >= FEWEST:
                names = len({sample.template for sample in having})
                found.append(Company(phrase, language, one, other, names, difference(one, other)))
    return sorted(found, key=lambda one: -one.difference.by)


def _tests(language: str) -> dict[str, Callable[[str], bool]]:
    spelled = {phrase: _speller(spellings) for phrase, spellings in phrases().get(language, {}).items()}
    return {**spelled, **FEATURES}


def _speller(spellings: tuple[str, ...]) -> Callable[[str], bool]:
    return lambda words: any(one in words.lower() for one in spellings)


def _share(samples: Iterable[Sample]) -> Share:
    counts = total(one.counts for one in samples)
    return Share(counts.engaged, counts.reached)
