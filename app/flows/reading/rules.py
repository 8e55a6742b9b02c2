"""Weighted patterns kept as data: the TOML files under `lexicon/`, compiled once.

A pattern is looked for in each clause of a normalised text, so that what spoils it in one sentence ("别发错了")
does not spoil the next one ("别再给我发短信").
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "lexicon"
_CLAUSE_END = re.compile(r"[。!?;,~…、|]+|(?<![\d])\.(?!\d)|\.(?=\s)|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_PIECE = re.compile(r"\{([a-z]+)\}")

Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of a lexicon file; see the head of `lexicon/refusals.toml` for what the fields mean."""

    name: str
    meaning: str
    score: float
    any: Pattern
    unless: Pattern | None
    unless_text: Pattern | None
    only_text: Pattern | None
    over_text: bool
    replaces: str
    script: str

    def holds(self, text: str, clauses: tuple[str, ...]) -> bool:
        """Whether the rule matches `text`, already normalised and cut into `clauses`."""
        alone = self.over_text or clauses == (text,)
        if not self.any.search(text) and (alone or not any(map(self.any.search, clauses))):
            return False  # almost every rule ends here
        if self.unless_text and self.unless_text.search(text):
            return False
        if self.only_text and not self.only_text.search(text):
            return False
        if self.over_text:
            return not (self.unless and self.unless.search(text))
        return any(self.any.search(clause) and not (self.unless and self.unless.search(clause)) for clause in clauses)


@cache
def table(name: str) -> Mapping[str, Any]:
    """The parsed TOML file `lexicon/<name>.toml`."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def rules(name: str) -> tuple[Rule, ...]:
    """The `[[rule]]` entries of a lexicon file, compiled. Raises ValueError for a piece that is not defined."""
    parts = table(name).get("parts", {})
    return tuple(_rule(entry, parts, name) for entry in table(name).get("rule", ()))


def joined(patterns: Iterable[str], parts: Mapping[str, str]) -> Pattern | None:
    """One compiled alternation, with `{piece}` replaced from `parts`; None for no patterns."""
    written = [_fill(pattern, parts) for pattern in patterns]
    return re.compile("|".join(f"(?:{pattern})" for pattern in written)) if written else None


def says(name: str, meaning: str, text: str) -> bool:
    """Whether a rule of `lexicon/<name>.toml` with that meaning holds for a normalised text as a whole."""
    return any(rule.meaning == meaning and rule.holds(text, (text,)) for rule in rules(name))


def clauses_of(text: str) -> tuple[str, ...]:
    """`text` cut at punctuation and at spaces between Chinese characters; never empty."""
    parts = tuple(part.strip() for part in _CLAUSE_END.split(text))
    return tuple(part for part in parts if part) or (text,)


def _rule(entry: Mapping[str, Any], parts: Mapping[str, str], name: str) -> Rule:
    wanted = joined(entry["any"], parts)
    if wanted is None:
        raise ValueError(f"rule {entry.get('name')}: `any` is empty")
    return Rule(
        name=entry["name"],
        meaning=entry.get("meaning", ""),
        score=float(entry["score"]),
        any=wanted,
        unless=joined(entry.get("unless", ()), parts),
        unless_text=joined(entry.get("unless_text", ()), parts),
        only_text=joined(entry.get("only_text", ()), parts),
        over_text=entry.get("over", table(name).get("over")) == "text",
        replaces=entry.get("replaces", ""),
        script=entry.get("script", ""),
    )


def _fill(pattern: str, parts: Mapping[str, str]) -> str:
    for _ in range(3):  # a piece may hold pieces
        for name in set(_PIECE.findall(pattern)):
            if name not in parts:
                raise ValueError(f"pattern {pattern!r} uses {{{name}}}, which is not among the parts")
            pattern = pattern.replace(f"{{{name}}}", parts[name])
    return pattern
