"""Guides: multi-step instructions as data (A8). One TOML file each, `title` and `steps` by language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.flows.vocabulary import Choice


class BadGuide(ValueError):
    """A guide's file is wrong; the message names the file and the fix."""


@dataclass(frozen=True, slots=True)
class Guide:
    """`titles` and `steps` by language; every language has the same number of steps."""

    name: str
    titles: Mapping[str, str]
    steps: Mapping[str, tuple[str, ...]]

    @property
    def size(self) -> int:
        return len(next(iter(self.steps.values())))

    def step(self, language: str, n: int) -> str:
        """Step `n` from 1. Raises `KeyError` for a language that the guide lacks, `IndexError` past its end."""
        return self.steps[language][n - 1]

    def choices(self, n: int) -> tuple[Choice, ...]:
        back = (Choice("0", "back"),) if n > 1 else ()
        return (
            Choice("1", "next"),
            *back,
            Choice("2", "again"),
            Choice("3", "stuck"),
            Choice("9", "stopped"),
        )


def load_guides(folder: Path) -> dict[str, Guide]:
    """Reads every `*.toml` of the folder. Raises `BadGuide`."""
    return {path.stem: _load(path) for path in sorted(folder.glob("*.toml"))}


def _load(path: Path) -> Guide:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    titles, steps = {}, {}
    for language, part in data.items():
        if not isinstance(part, dict) or not part.get("title") or not part.get("steps"):
            raise BadGuide(f"{path.name}: [{language}] needs a title and a list of steps")
        titles[language], steps[language] = part["title"], tuple(part["steps"])
    sizes = {language: len(listed) for language, listed in steps.items()}
    if len(set(sizes.values())) != 1:
        raise BadGuide(f"{path.name}: the languages differ in their number of steps: {sizes}")
    return Guide(path.stem, titles, steps)
