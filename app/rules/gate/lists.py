"""The word lists under `words/`: read, checked, and refused with a sentence for whoever changes them.

A list: `code` (of `CODES`), `purposes` (default: all), `negated` (default true: a negation right before the words makes
them fine), `[zh-CN]` and `[en]` with `words`, and `[unless]` with phrases in which a word is fine.
In a word, `…` stands for up to eight letters.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from app.rules.gate.codes import CODES
from app.rules.gate.form import packed
from app.rules.purpose import Purpose

HERE = Path(__file__).parent / "words"
GAP = "…"
ROOMS = ("zh-CN", "en")
_KEYS = {"code", "purposes", "negated", "strength", "unless", *ROOMS}
_PURPOSES: tuple[str, ...] = get_args(Purpose)


class BadList(ValueError):
    """A word list is wrong; the message names the file, the line and what to mend."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One word or phrase. `pieces`: packed, in order, with up to `GAP` between them; `unless`: packed phrases in
    which it is fine; `strength`: 1 says enough on its own, less needs another one."""

    code: str
    word: str
    pieces: tuple[str, ...]
    unless: tuple[str, ...]
    negated: bool
    purposes: frozenset[str]
    strength: float
    has_digit: bool


def load(folder: Path = HERE) -> tuple[Entry, ...]:
    """The entries of every `*.toml` of `folder`. Raises `BadList`."""
    found: list[Entry] = []
    for path in sorted(folder.glob("*.toml")):
        found.extend(_read(path))
    if not found:
        raise BadList(f"{folder}: no word lists are here")
    return tuple(found)


def _read(path: Path) -> Iterator[Entry]:
    raw = path.read_text(encoding="utf-8")
    try:
        table = tomllib.loads(raw)
    except tomllib.TOMLDecodeError as error:
        raise BadList(f"{path.name}: is not TOML: {error}") from None
    page = _Page(path.name, raw, table)
    page.check()
    return page.entries()


class _Page:
    def __init__(self, name: str, raw: str, table: Mapping[str, Any]) -> None:
        self.name, self.table = name, table
        self.lines = raw.split("\n")

    def bad(self, entry: str, what: str) -> BadList:
        """A fault at the first line that shows `entry`."""
        line = next((n for n, text in enumerate(self.lines, 1) if entry and entry in text), 0)
        return BadList(f"{self.name}{f', line {line}' if line else ''}: {what}")

    def check(self) -> None:
        table = self.table
        for key in table:
            if key not in _KEYS:
                raise self.bad(key, f"{key} is none of {', '.join(sorted(_KEYS))}")
        if table.get("code") not in CODES:
            raise self.bad("code", f"code is {table.get('code')!r}, which is no code of the gate")
        for purpose in table.get("purposes", ()):
            if purpose not in _PURPOSES:
                raise self.bad(str(purpose), f"{purpose!r} is no purpose; they are {', '.join(_PURPOSES)}")
        if not isinstance(table.get("negated", True), bool):
            raise self.bad("negated", "negated is true or false")
        strength = table.get("strength", 1)
        if not isinstance(strength, int | float) or not 0 < strength <= 1:
            raise self.bad("strength", "strength is above 0 and at most 1")

    def words(self) -> dict[str, tuple[str, ...]]:
        """Each word with its packed pieces."""
        found: dict[str, tuple[str, ...]] = {}
        for room in ROOMS:
            section = self.table.get(room, {})
            words = section.get("words") if isinstance(section, dict) else None
            if room in self.table and (not isinstance(words, list) or set(section) != {"words"}):
                raise self.bad(f"[{room}", f"[{room}] has a list `words`, and nothing else")
            for word in words or ():
                if not isinstance(word, str):
                    raise self.bad(str(word), f"{word!r} is no text; put it in quotes")
                pieces = tuple(packed(piece) for piece in word.split(GAP))
                if not all(pieces) or max(map(len, pieces)) < 2:
                    raise self.bad(
                        word, f"{word!r} is too short: it needs two letters together, or it is found anywhere"
                    )
                if any(pieces == other for other in found.values()):
                    raise self.bad(word, f"{word!r} stands here twice, or differs from another word by nothing")
                found[word] = pieces
        if not found:
            raise self.bad("", "has no words")
        return found

    def entries(self) -> Iterator[Entry]:
        words = self.words()
        contexts = self.table.get("unless", {})
        if not isinstance(contexts, dict):
            raise self.bad("unless", "[unless] is a table: a word = a list of phrases")
        for word, phrases in contexts.items():
            if word not in words:
                raise self.bad(word, f"[unless] names {word!r}, which is no word of this list")
            if not isinstance(phrases, list) or not all(isinstance(phrase, str) for phrase in phrases):
                raise self.bad(word, f"[unless] {word!r} needs a list of phrases in quotes")
            for phrase in phrases:
                if words[word][0] not in packed(phrase):
                    raise self.bad(phrase, f"[unless] {phrase!r} does not hold {word!r}, so it excuses nothing")
        for word, pieces in words.items():
            yield Entry(
                code=self.table["code"],
                word=word,
                pieces=pieces,
                unless=tuple(packed(phrase) for phrase in contexts.get(word, ())),
                negated=self.table.get("negated", True),
                purposes=frozenset(self.table.get("purposes", _PURPOSES)),
                strength=float(self.table.get("strength", 1)),
                has_digit=any(char.isdigit() or char == "%" for char in word),
            )
